"""Dispatch calls one at a time: authenticate, inject faults, validate, perform, record in the journal."""

import dataclasses
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cardops.sandbox.services  # noqa: F401 - registers all operations
from cardops.sandbox.core import protocols
from cardops.sandbox.core.operations import Call, perform
from cardops.sandbox.core.request_validation import check
from cardops.sandbox.core.service_models import service_model
from cardops.sandbox.errors import AwsError
from cardops.sandbox.faults import CRASH_STATUS, Asked, CallRule, Faults
from cardops.sandbox.iam.authorization import authorize
from cardops.sandbox.identity import Caller, authenticate
from cardops.sandbox.journal import Entry, Journal, is_mutating
from cardops.sandbox.options import Options
from cardops.sandbox.search_index import SearchIndexes
from cardops.sandbox.state import State
from cardops.sandbox.store import DataFile

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Outcome:
    """The result of a call. Without a reply the connection closes."""

    reply: protocols.Reply | None
    status: int
    error: str | None


class Backend:
    """All accounts of the sandbox. Every public method may be called from any thread."""

    def __init__(self, options: Options, data: Path | None) -> None:
        self.options = options
        self._file = DataFile(data) if data else None
        self._state = self._file.load() if self._file else State()
        self._faults = Faults()
        self._journal = Journal()
        self._indexes = SearchIndexes()
        self._indexes.rebuild(self._state, options.encrypted_search_content)
        self._lock = threading.Lock()

    def serve(self, request: protocols.Request) -> protocols.Reply | None:
        """Answer one call; None means: close the connection without an answer. Calls are serialized."""
        with self._lock:
            now = self._now()
            caller, outcome = self._run(request, now)
            self._note(request, now, caller, outcome)
            if self._file and is_mutating(request.operation):
                self._file.save(self._state)
            return outcome.reply

    def _now(self) -> float:
        return time.time() + self._state.clock_offset

    def _run(self, request: protocols.Request, now: float) -> tuple[Caller | None, _Outcome]:
        try:
            caller = authenticate(self._state, request.service, request.region, request.key, request.token, now)
        except AwsError as error:
            return None, _refused(request, error)
        account, mutating = caller.account, is_mutating(request.operation)
        asked = Asked(request.service, request.operation, account, request.region, mutating, now)
        rule = self._faults.strike(asked)
        return caller, self._struck(request, now, caller, rule) if rule else self._perform(request, now, caller)

    def _struck(self, request: protocols.Request, now: float, caller: Caller, rule: CallRule) -> _Outcome:
        if rule.fault == "crash_before":
            self._crash()
        if rule.fault == "drop_before":
            return _Outcome(None, 0, "ConnectionDroppedBefore")
        if rule.fault in ("throttle", "error"):
            return _refused(request, rule.error(request.service))
        outcome = self._perform(request, now, caller)
        if rule.fault == "crash_after":
            self._crash()
        if rule.fault == "error_after":
            return _refused(request, rule.error(request.service))
        return _Outcome(None, outcome.status, "ConnectionDroppedAfter")

    def _perform(self, request: protocols.Request, now: float, caller: Caller) -> _Outcome:
        service, operation = request.service, request.operation
        call = Call(
            service,
            operation,
            request.region,
            caller,
            request.params,
            now,
            self._state,
            self.options,
            self._faults,
            self._indexes,
        )
        try:
            check(service_model(service), operation, request.params)
            authorize(call)
            return _Outcome(protocols.answer(service, operation, perform(call)), 200, None)
        except AwsError as error:
            return _refused(request, error)
        except Exception as error:
            _log.exception("%s:%s", service, operation)
            return _refused(request, AwsError("InternalFailure", f"The sandbox has a bug: {error!r}", 500))

    def _note(self, request: protocols.Request, now: float, caller: Caller | None, outcome: _Outcome) -> None:
        who = (caller.account, caller.role) if caller else (None, None)
        what = {
            "region": request.region,
            "service": request.service,
            "operation": request.operation,
            "parameters": request.params,
            "status": outcome.status,
            "error": outcome.error,
        }
        self._journal.add(now, who, what)

    def _crash(self) -> None:
        if self._file:
            self._file.save(self._state)
            self._file.flush(self._state)
        os._exit(CRASH_STATUS)

    def journal(self, since: int, mutating: bool) -> list[Entry]:
        """The journal's entries after number ``since``."""
        with self._lock:
            return self._journal.since(since, mutating)

    def faults(self) -> Faults:
        """Return the active faults."""
        return self._faults

    def set_faults(self, faults: Faults) -> None:
        """Replace all faults."""
        with self._lock:
            self._faults = faults

    def switch(self, values: Mapping[str, Any]) -> None:
        """Set some switches from now on; raises BadSwitch."""
        with self._lock:
            self.options = self.options.switched(values)
            self._indexes.rebuild(self._state, self.options.encrypted_search_content)

    def advance(self, seconds: float) -> float:
        """Advance the clock and return its time (epoch seconds)."""
        with self._lock:
            self._state.clock_offset += seconds
            self._save()
            return self._now()

    def reset(self) -> None:
        """Clear state, clock, faults and journal. Temporary credentials stay valid."""
        with self._lock:
            self._state, self._faults, self._journal = State(), Faults(), Journal()
            self._indexes.rebuild(self._state, self.options.encrypted_search_content)
            self._save()

    def flush(self) -> None:
        """Write pending changes to the data file."""
        if self._file:
            with self._lock:
                self._file.flush(self._state)

    def close(self) -> None:
        """Write pending changes and let another sandbox use the data file."""
        self.flush()
        if self._file:
            self._file.release()

    def _save(self) -> None:
        if self._file:
            self._file.save(self._state)


def _refused(request: protocols.Request, error: AwsError) -> _Outcome:
    reply = protocols.refusal(request.service, error)
    return _Outcome(reply, reply.status, error.code)


def describe_faults(faults: Faults) -> dict[str, Any]:
    """The faults as JSON-able values, with their counters."""
    shown = dataclasses.asdict(faults)
    shown["search_lag_seconds"] = shown.pop("search_lag")
    return shown
