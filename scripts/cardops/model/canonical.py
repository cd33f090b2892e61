"""Content as bytes that are equal when the content is equal."""

import hashlib
import json
import re
from typing import Any

_WHOLE_FLOAT = re.compile(r"[0-9]\.0(?:[,\]}]|$)").search
"""Finds a number that may be a whole float. A text can look like one, which does no harm."""

Content = dict[str, Any]

MAX_CONTENT = 100_000
"""The most characters of content that SageMaker takes, as sent."""


def to_bytes(content: Any) -> bytes:
    """Canonical JSON: keys sorted, no spaces, UTF-8; whole floats are written as integers.

    AWS keeps the text that it is sent, other writers send `1.0` where we send `1`: both are the same number.
    """
    text = _dump(content)
    return (_dump(_plain_numbers(content)) if ".0" in text and _WHOLE_FLOAT(text) else text).encode()


def is_canonical(value: Any) -> bool:
    """Tell whether `to_bytes` leaves every number in the value as it is."""
    if isinstance(value, float):
        return not value.is_integer()
    if isinstance(value, dict):
        return all(map(is_canonical, value.values()))
    return not isinstance(value, list) or all(map(is_canonical, value))


def from_bytes(text: bytes | str) -> Any:
    """The value that canonical (or any other) JSON stands for. Raises ValueError for other text."""
    return json.loads(text)


def digest(text: bytes) -> str:
    """The first 32 hex digits of SHA-256: short enough for a tag, long enough never to collide."""
    return hashlib.sha256(text).hexdigest()[:32]


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    return value
