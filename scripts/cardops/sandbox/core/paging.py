"""Pagination: a token names the last rows before its page and the request, so other requests' tokens are refused.

AWS does not document its tokens. A token is a position rather than an offset: rows that are removed between two pages
do not hide others, and no row appears twice.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError

Row = TypeVar("Row")
Key = Callable[[Row], str]
_PAGING = {"NextToken", "nextToken", "MaxResults", "maxResults", "Marker", "MaxItems", "Limit"}
WINDOW = 100


def page(call: Call, items: Sequence[Row], default: int, key: Key[Row]) -> tuple[list[Row], str | None]:
    """Return this call's page of ``items`` and the token of the next one, or None at the end.

    ``default`` is the page size if the call names none; ``key`` identifies a row. Operations in Options.empty_pages
    answer every third list with an empty first page and a token: RAM "can occasionally return an empty set of results
    even when there are more results available" (botocore's documentation of its list operations).
    """
    token = call.get("nextToken", call.get("NextToken"))
    size = call.get("maxResults", call.get("MaxResults", default))
    if token is None and items and call.operation in call.options.empty_pages and call.state.next_list() % 3 == 1:
        return [], _write(call, 0, [])
    return _cut(call, items, token, size, key)


def marked_page(call: Call, items: Sequence[Row], size: int, key: Key[Row]) -> tuple[list[Row], str | None]:
    """Return a page for services whose token is called Marker."""
    return _cut(call, items, call.get("Marker"), size, key)


def _cut(call: Call, items: Sequence[Row], token: str | None, size: int, key: Key[Row]) -> tuple[list[Row], str | None]:
    start = 0 if token is None else _start(call, items, token, key)
    end = start + size
    if end >= len(items):
        return list(items[start:]), None
    before = [_mark(key(row)) for row in items[max(0, end - WINDOW) : end]]
    return list(items[start:end]), _write(call, end, before)


def _mark(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=6).hexdigest()


def answer(name: str, rows: list[Any], token: str | None, token_name: str = "NextToken") -> dict[str, Any]:  # noqa: S107
    """Return the list under its name, and the token only when there is one."""
    return {name: rows} if token is None else {name: rows, token_name: token}


def _fingerprint(call: Call) -> str:
    question = {name: value for name, value in call.params.items() if name not in _PAGING and value is not None}
    text = json.dumps([call.caller.account, call.region, call.operation, question], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(call: Call, position: int, before: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([position, before, _fingerprint(call)]).encode()).decode()


def _start(call: Call, items: Sequence[Row], token: str, key: Key[Row]) -> int:
    """Return the place after the last row before the page that is still there."""
    position, before = _read(call, token)
    places = {_mark(key(row)): place for place, row in enumerate(items)} if before else {}
    for mark in reversed(before):
        if mark in places:
            return places[mark] + 1
    return max(0, min(position - len(before), len(items)))


def _read(call: Call, token: str) -> tuple[int, list[str]]:
    try:
        position, before, mark = json.loads(base64.urlsafe_b64decode(token.encode()))
        if mark == _fingerprint(call):
            return int(position), list(before)
    except (ValueError, TypeError):
        pass
    names = ("InvalidNextTokenException", "InvalidMarkerException", "InvalidInputException")
    code = next((name for name in names if call.models_error(name)), "ValidationException")
    code = code.removesuffix("Exception") if call.service == "iam" else code
    raise AwsError(code, "The specified value for NextToken isn't valid")
