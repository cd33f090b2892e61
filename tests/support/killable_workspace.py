"""The real commands in this process, over HTTP against a sandbox in this process; a call can be the last one."""

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session

from cardops.apply import runner as running
from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.faults import read as read_faults
from cardops.sandbox.journal import is_mutating
from support.in_process import Done, run_in_process
from support.workspace import OWNER, REGION, Workspace

RAM_READS = ("/get", "/list")


class Killed(BaseException):
    """The process ends here; nothing in cardops catches it, just as nothing catches SIGKILL."""


@dataclass(slots=True)
class Death:
    """When to end: `at` the n-th mutating call (from 1), before it is sent or `after` it took effect."""

    at: int
    after: bool
    seen: int = 0
    dead: bool = False


class Wire:
    """Stands where botocore sends a request, and ends the process there."""

    def __init__(self, advance: Callable[[float], object]) -> None:
        self.death: Death | None = None
        self.waits: list[float] = []
        self.on_call: tuple[int, Callable[[], object]] | None = None
        """What happens once before the n-th mutating call from now is sent."""
        self._advance = advance
        self._lock = threading.Lock()
        self._send = URLLib3Session.send

    def wait(self, seconds: float) -> None:
        """What botocore does before it sends a request again; the sandbox's clock goes on instead."""
        self.waits.append(seconds)
        self._advance(seconds)

    def send(self, session: URLLib3Session, request: AWSPreparedRequest) -> Any:
        """Once dead, nothing is sent any more, whichever thread asks."""
        death = self.death
        if self.on_call and mutating(request):
            left, happen = self.on_call
            self.on_call = (left - 1, happen) if left > 1 else None
            if left == 1:
                happen()
        if death is None:
            return self._send(session, request)
        with self._lock:
            if death.dead:
                raise Killed
            strikes = mutating(request) and self._counts(death)
            if strikes and not death.after:
                death.dead = True
                raise Killed
            answer = self._send(session, request)
            if strikes:
                death.dead = True
                raise Killed
            return answer

    def _counts(self, death: Death) -> bool:
        death.seen += 1
        return death.seen == death.at


def mutating(request: AWSPreparedRequest) -> bool:
    """Whether a request changes anything, from what goes over the wire."""
    target = request.headers.get("X-Amz-Target", b"")
    operation = (target.decode() if isinstance(target, bytes) else str(target)).rpartition(".")[2]
    if operation:
        return is_mutating(operation)
    path = request.url.split("://", 1)[1].partition("/")[2]
    return path != "" and not f"/{path}".startswith(RAM_READS)


class KillableWorkspace(Workspace):
    """A Workspace whose commands run in this process. Waiting puts the sandbox's clock forward instead of sleeping."""

    def __init__(self, root: Path, sandbox: Sandbox, wire: Wire) -> None:
        super().__init__(root, sandbox.url)
        self.backend = sandbox._server.backend
        self.wire = wire

    def cardops(self, *arguments: str) -> Done:
        """A command in this process; Killed when its time has come."""
        return run_in_process(arguments, self.root, self.environment() | {"NO_COLOR": "1"}, self.backend.advance)

    def killed(self, at: int, after: bool, command: Callable[[], Done] | None = None) -> bool:
        """An apply that ends at a call; False when it had fewer calls and finished."""
        self.wire.death = Death(at, after)
        try:
            (command or self.apply)()
        except Killed:
            return True
        finally:
            self.wire.death = None
        return False

    def faults(self, **document: Any) -> None:
        """Switches faults on; without any, off."""
        self.backend.set_faults(read_faults(document))

    def journal(self, since: int = 0, mutating: bool = False) -> list[dict[str, Any]]:
        """As over HTTP, without the way through JSON."""
        return self.backend.journal(since, mutating)

    def now(self) -> int:
        """The number of the journal's last call."""
        return len(self.backend.journal(0, False))

    def save(self) -> Any:
        """Everything that AWS and its journal hold, to go back to."""
        return copy.deepcopy((self.backend._state, self.backend._journal))

    def restore(self, saved: Any) -> None:
        """Back to what was saved, faults off."""
        self.backend.reset()
        self.backend._state, self.backend._journal = copy.deepcopy(saved)
        self.backend._indexes.rebuild(self.backend._state, self.backend.options.encrypted_search_content)


def install(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, concurrency: int = 1) -> Wire:
    """Patches what a process of its own would have: its environment, its clock, its end.

    botocore reads each service model once instead of once a run. With a `concurrency` of 1 the order of calls, and with
    it the n-th one, is always the same.
    """
    for name, value in {
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_ACCESS_KEY_ID": f"AKIA{OWNER}0000",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_REGION": REGION,
        "NO_COLOR": "1",
    }.items():
        monkeypatch.setenv(name, value)
    wire = Wire(sandbox._server.backend.advance)
    monkeypatch.setattr(running, "CONCURRENCY", concurrency)
    monkeypatch.setattr(URLLib3Session, "send", lambda session, request: wire.send(session, request))
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=wire.wait))
    return wire
