"""Read live JSON, and refuse a text that says more than its value: two readers would see two different cards.

Of a duplicate key Python keeps the last value and other readers the first; a lone surrogate is no text; a number
outside a double's range and a nesting that other readers refuse have no value that everybody shares.
"""

import json
import math
import re
from typing import Any

MAX_DEPTH = 64
"""The deepest nesting of objects and lists that cardops reads."""
_LONGEST_KEY = 60
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_BRACKET = re.compile(r"[\[\]{}]")


class LiveJsonError(ValueError):
    """The text is not exactly one value; the message names the place, and holds no content."""


class _Fault:
    """Stands in the parsed value where the text is wrong."""

    def __init__(self, what: str) -> None:
        self.what = what


def parse(text: str) -> dict[str, Any]:
    """Return the JSON object that a text stands for. Raises LiveJsonError, which names the place that is wrong."""
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_constant
        )
    except (ValueError, RecursionError):
        raise LiveJsonError("it is not JSON") from None
    _check(value, "content")
    if not isinstance(value, dict):
        raise LiveJsonError("it is not a JSON object")
    return value


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise LiveJsonError(f"it is nested more than {MAX_DEPTH} levels deep")


def _check(value: Any, place: str) -> None:
    if isinstance(value, _Fault):
        raise LiveJsonError(f"{place} {value.what}")
    if isinstance(value, str) and not _is_text(value):
        raise LiveJsonError(f"{place} has half a surrogate pair")
    if isinstance(value, dict):
        for key, item in value.items():
            if not _is_text(key):
                raise LiveJsonError(f"{place} has a key with half a surrogate pair")
            _check(item, f"{place}.{_shown(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{place}[{index}]")


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return _Fault(f"has the key {_shown(twice)} twice" if _is_text(twice) else "has a key twice")


def _float(text: str) -> Any:
    value = float(text)
    return value if math.isfinite(value) else _Fault("is a number that is too large")


def _integer(text: str) -> Any:
    return int(text) if math.isfinite(float(text)) else _Fault("is a number that is too large")


def _constant(text: str) -> Any:
    return _Fault(f"is {text}, which is not JSON")


def _is_text(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)


def _shown(key: str) -> str:
    """A key as JSON, cut: whoever wrote the card chose it."""
    text = key if key.isidentifier() else json.dumps(key)
    return text if len(text) <= _LONGEST_KEY else f"{text[: _LONGEST_KEY - 1]}…"
