"""What throttling makes of an apply: where a share of all calls is refused, and where each account has a rate.

    PYTHONPATH=tests python tests/bench/throttling.py share [CARDS]
    PYTHONPATH=tests python tests/bench/throttling.py rate [ACCOUNTS] [CARDS AN ACCOUNT] [CALLS A SECOND]

Each prints a table for docs/scale.md.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import fleets
from bench.measuring import run
from bench.sandboxes import CARDOPS, Aws, sandbox
from support import generated_repository as repositories

SHARES = (0.0, 0.1, 0.3)
LIMIT = 900
"""Seconds after which a process is given up."""
APPLY = [CARDOPS, "apply", "--outside-ci", "--no-verify"]
console = Console(soft_wrap=True, highlight=False)


def by_share(cards: int = 500) -> None:
    """One account; one sandbox for each share of calls that is refused."""
    _print("throttled", "command", "exit", "calls", "refused", "calls a card", "seconds")
    _print(*["---"] * 7)
    with tempfile.TemporaryDirectory(prefix="cardops-bench-") as folder:
        root = Path(folder) / "repository"
        repositories.write_repository(root, cards, statuses=("Draft",))
        for share in SHARES:
            with _throttled({"rate": share} if share else None) as aws:
                for command in (APPLY, [CARDOPS, "plan"]):
                    before = len(aws.journal())
                    cost = run(command, root, aws.environment)
                    calls, refused = _counted(aws, before)
                    each = f"{calls / cards:.2f}"
                    _print(f"{share:.0%}", command[1], cost.code, calls, refused, each, f"{cost.wall:.0f}")


def by_rate(accounts: int = 4, cards: int = 60, rate: int = 4) -> None:
    """Accounts that own cards each, and allow this many calls a second of each service: whole, and in parts."""
    ways = {"one process": _whole, "parts, one after another": _in_turn, "parts, side by side": _side_by_side}
    _print("way", "exits", "calls", "refused", "seconds", "of them to begin and to join")
    _print(*["---"] * 6)
    with tempfile.TemporaryDirectory(prefix="cardops-bench-") as folder:
        for number, (name, apply) in enumerate(ways.items()):
            place = Path(folder) / str(number)
            fleets.write_fleet(place / "repository", accounts, cards)
            with _throttled(
                {"per_second": rate, "service": "sagemaker"}, {"per_second": rate, "service": "ram"}
            ) as aws:
                start = time.perf_counter()
                exits, apart = apply(place, aws.environment)
                seconds = time.perf_counter() - start
                told = ", ".join(map(str, exits))
                _print(name, told, *_counted(aws, 0), f"{seconds:.0f}", f"{apart:.0f}" if apart else "")


def _whole(place: Path, environment: dict[str, str]) -> tuple[list[int], float]:
    return [run([*APPLY, "--record", str(place / "record.json")], place / "repository", environment).code], 0.0


def _in_turn(place: Path, environment: dict[str, str]) -> tuple[list[int], float]:
    def work(jobs: list[list[str]]) -> list[int]:
        return [run(job, place / "repository", environment).code for job in jobs]

    return _in_parts(place, environment, work)


def _side_by_side(place: Path, environment: dict[str, str]) -> tuple[list[int], float]:
    def work(jobs: list[list[str]]) -> list[int]:
        root, quiet = place / "repository", subprocess.DEVNULL
        started = [subprocess.Popen(job, cwd=root, env=environment, stdout=quiet, stderr=quiet) for job in jobs]
        return [one.wait(LIMIT) for one in started]

    return _in_parts(place, environment, work)


def _in_parts(
    place: Path, environment: dict[str, str], work: Callable[[list[list[str]]], list[int]]
) -> tuple[list[int], float]:
    """Begun, applied and joined, as the workflow does; the seconds are those that only the first and last job take."""
    begun = run([CARDOPS, "ci", "begin", "--out", str(place / "run")], place / "repository", environment)
    jobs = json.loads((place / "run" / "jobs.json").read_text())
    commands = [
        [
            *(*APPLY, "--partition", job["partitions"]),
            *("--plan", str(place / "run" / "parts" / f"{job['number']}.json")),
            *("--pages", str(place / "parts" / f"cardops-part-{job['number']}" / "pages")),
        ]
        for job in jobs
    ]
    exits = work(commands)
    join = [
        CARDOPS,
        "ci",
        "join",
        str(place / "run"),
        "--parts",
        str(place / "parts"),
        "--record",
        str(place / "r.json"),
    ]
    joined = run(join, place / "repository", environment)
    return [begun.code, *exits, joined.code], begun.wall + joined.wall


@contextmanager
def _throttled(*throttles: dict[str, Any] | None) -> Iterator[Aws]:
    with sandbox() as aws:
        aws.ask("faults", {"calls": [{"fault": "throttle", **one} for one in throttles if one]})
        yield aws


def _counted(aws: Aws, before: int) -> tuple[int, int]:
    """Calls since then, and how many of them were refused."""
    calls = aws.journal(before)
    return len(calls), sum(call["status"] >= 400 for call in calls)


def _print(*cells: Any) -> None:
    console.print("| " + " | ".join(map(str, cells)) + " |")


if __name__ == "__main__":
    {"share": by_share, "rate": by_rate}[sys.argv[1]](*map(int, sys.argv[2:]))
