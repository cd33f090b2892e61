"""Pagination: a token is the offset and a fingerprint of the request, so that other requests' tokens are refused."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError

_PAGING = {"NextToken", "nextToken", "MaxResults", "maxResults"}


def page(call: Call, items: Sequence[Any], default: int) -> tuple[list[Any], str | None]:
    """Return this call's page of ``items`` and the token of the next one, or None at the end.

    ``default`` is the page size when the call names none. Operations in Options.empty_pages first answer an empty
    page with a token: RAM "can occasionally return an empty set of results even when there are more results
    available" (botocore's documentation of its list operations).
    """
    token = call.get("nextToken", call.get("NextToken"))
    size = call.get("maxResults", call.get("MaxResults", default))
    if token is None and items and call.operation in call.options.empty_pages:
        return [], _write(call, 0)
    start = 0 if token is None else _read(call, token)
    end = start + size
    return list(items[start:end]), _write(call, end) if end < len(items) else None


def answer(name: str, rows: list[Any], token: str | None, token_name: str = "NextToken") -> dict[str, Any]:  # noqa: S107
    """Return the list under its name, and the token only when there is one."""
    return {name: rows} if token is None else {name: rows, token_name: token}


def _fingerprint(call: Call) -> str:
    question = {name: value for name, value in call.params.items() if name not in _PAGING and value is not None}
    text = json.dumps([call.caller.account, call.region, call.operation, question], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(call: Call, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{offset}:{_fingerprint(call)}".encode()).decode()


def _read(call: Call, token: str) -> int:
    try:
        offset, mark = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        if mark == _fingerprint(call):
            return int(offset)
    except ValueError:
        pass
    code = "InvalidNextTokenException" if call.models_error("InvalidNextTokenException") else "ValidationException"
    raise AwsError(code, "The specified value for NextToken isn't valid")
