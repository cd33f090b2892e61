"""What throttling makes of one partition: calls and seconds of a first apply and of an empty plan.

    PYTHONPATH=tests python tests/bench/throttling.py [CARDS]

Prints a table for docs/scale.md.
"""

import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import repositories
from bench.measuring import run

RATES = (0.0, 0.1, 0.3)
CARDOPS = str(Path(sys.executable).parent / "cardops")
OWNER = {
    "AWS_ACCESS_KEY_ID": "AKIA1111111111110000",
    "AWS_SECRET_ACCESS_KEY": "any",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def main(cards: int) -> None:
    """One sandbox for each rate."""
    console = Console(soft_wrap=True, highlight=False)
    console.print(
        "| throttled | command | exit | calls | refused | calls a card | seconds |\n|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(prefix="cardops-bench-") as folder:
        root = Path(folder) / "repository"
        repositories.write_repository(root, cards, statuses=("Draft",))
        for rate in RATES:
            _measure(root, cards, rate, console)


def _measure(root: Path, cards: int, rate: float, console: Console) -> None:
    with subprocess.Popen([CARDOPS, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True) as sandbox:
        try:
            assert sandbox.stdout is not None
            found = re.search(r"http://\S+", sandbox.stdout.readline())
            assert found is not None
            url = found.group()
            _ask(url, "faults", {"calls": [{"fault": "throttle", "rate": rate}]} if rate else {})
            for command in (["apply", "--outside-ci", "--no-verify"], ["plan"]):
                before = len(_ask(url, "journal"))
                cost = run([CARDOPS, *command], root, OWNER | {"AWS_ENDPOINT_URL": url})
                calls = _ask(url, "journal")[before:]
                refused = sum(call["status"] >= 400 for call in calls)
                cells = (f"{rate:.0%}", command[0], cost.code, len(calls), refused, f"{len(calls) / cards:.2f}")
                console.print("| " + " | ".join(map(str, cells)) + f" | {cost.wall:.0f} |")
        finally:
            sandbox.kill()


def _ask(url: str, what: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{url}/_sandbox/{what}", data) as answer:
        return json.loads(answer.read() or b"null")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
