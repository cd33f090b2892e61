"""A sandbox as a process of its own, and what its journal says."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CARDOPS = str(Path(sys.executable).parent / "cardops")


@dataclass(frozen=True, slots=True)
class Aws:
    """A running sandbox."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The administrator of the account that owns the cards."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIA1111111111110000",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """Every call after a number."""
        found: list[dict[str, Any]] = self.ask(f"journal?since={since}")
        return found

    def ask(self, what: str, body: Any = None) -> Any:
        """Its own paths; with a body it is sent."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}/_sandbox/{what}", data) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def sandbox() -> Iterator[Aws]:
    """Runs until the block ends."""
    command = [CARDOPS, "sandbox", "--port", "0", "--switch", "customer_permissions=true"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None
            yield Aws(found.group())
        finally:
            process.kill()
