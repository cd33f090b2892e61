"""The sandbox's control endpoints under ``/_sandbox/``: journal, faults, reset, clock, options."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cardops.sandbox.core.backend import Backend, describe_faults
from cardops.sandbox.core.protocols import Reply
from cardops.sandbox.faults import BadFaults, read

PREFIX = "/_sandbox/"


class _BadRequest(ValueError):
    """A control request with unknown or invalid parameters."""


def control(backend: Backend, method: str, target: str, body: bytes) -> Reply:
    """Answer a control request in JSON; no credentials are needed.

    ``GET journal?since=N&mutating=1``, ``GET`` and ``POST faults``, ``POST reset``, ``POST clock`` with
    ``{"advance_seconds": N}``, ``GET`` and ``POST options`` with switches by name. Errors are 400 with
    ``{"error": text}``, unknown paths 404.
    """
    url = urlsplit(target)
    action = _ROUTES.get((method, url.path.removeprefix(PREFIX)))
    if action is None:
        known = ", ".join(f"{verb} {PREFIX}{name}" for verb, name in _ROUTES)
        return _json(404, {"error": f"No {method} {url.path}; there are {known}"})
    try:
        return _json(200, action(backend, url.query, body))
    except (ValueError, TypeError) as error:
        return _json(400, {"error": str(error)})


def _journal(backend: Backend, query: str, _body: bytes) -> Any:
    given = parse_qs(query, keep_blank_values=True)
    unknown = given.keys() - {"since", "mutating"}
    if unknown:
        raise _BadRequest(f"unknown parameters {', '.join(sorted(unknown))}; there are since and mutating")
    return backend.journal(int(given.get("since", ["0"])[-1]), given.get("mutating", ["0"])[-1] == "1")


def _get_faults(backend: Backend, _query: str, _body: bytes) -> Any:
    return describe_faults(backend.faults())


def _set_faults(backend: Backend, query: str, body: bytes) -> Any:
    backend.set_faults(read(_document(body)))
    return _get_faults(backend, query, body)


def _reset(backend: Backend, _query: str, _body: bytes) -> Any:
    backend.reset()
    return {}


def _clock(backend: Backend, _query: str, body: bytes) -> Any:
    document = _document(body)
    if not isinstance(document, dict) or document.keys() != {"advance_seconds"}:
        raise _BadRequest('the clock takes {"advance_seconds": N}')
    seconds = float(document["advance_seconds"])
    if seconds < 0:
        raise _BadRequest("the clock only goes forward")
    return {"now": backend.advance(seconds)}


def _set_options(backend: Backend, query: str, body: bytes) -> Any:
    document = _document(body)
    if not isinstance(document, dict):
        raise _BadRequest("The body must be a JSON object of switches.")
    backend.switch(document)
    return _options(backend, query, body)


def _options(backend: Backend, _query: str, _body: bytes) -> Any:
    return backend.options.describe()


def _document(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except ValueError as error:
        raise BadFaults(f"The body is not JSON: {error}") from error


def _json(status: int, value: Any) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(value).encode())


_ROUTES: dict[tuple[str, str], Callable[[Backend, str, bytes], Any]] = {
    ("GET", "journal"): _journal,
    ("GET", "faults"): _get_faults,
    ("POST", "faults"): _set_faults,
    ("POST", "reset"): _reset,
    ("POST", "clock"): _clock,
    ("GET", "options"): _options,
    ("POST", "options"): _set_options,
}
