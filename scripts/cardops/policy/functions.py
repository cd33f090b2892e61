"""Functions that expressions may use besides those of CEL: dates, and tests of what a value is.

A date is a text written YYYY-MM-DD, with a time behind it or not. In an expression that uses `date` or `days`, `today`
is a date too, so that `date(card.x) >= today - days(365)` can be written.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

NOT_A_DATE = "this text is not a date"
"""The error that `date` raises. The library passes it on, and our own words replace it."""
TODAY = "TODAY"
"""The name that stands for `today` as a date. It is as long as that, so that columns of errors stay right."""
DEFINITIONS = {TODAY: "date(today)"}
"""Definitions that every rule has."""
EMPTY = frozenset(
    {"-", "--", ".", "...", "?", "???", "n/a", "na", "n.a.", "nil", "none", "null", "pending", "tbc", "tbd", "todo",
     "to be done", "to be defined", "unknown", "xxx", "same as above", "see above", "left to do"}
)  # fmt: skip
"""Texts that say nothing, in small letters."""
NAMES = ("date", "days", "is_date", "is_empty", "is_number", "is_text", "spoken")
_USES_DATES = re.compile(r"(?<![\w.])(?:date|days)\s*\(").search
_TODAY = re.compile(r"(?<![\w.])today\b")
_PIECES = re.compile(r"(\"[^\"\n]*\"|'[^'\n]*')")


def with_dates(expression: str) -> str:
    """Return an expression in which `today` is a date if the expression uses dates at all."""
    pieces = _PIECES.split(expression)
    if not any(map(_USES_DATES, pieces[::2])):
        return expression
    pieces[::2] = [_TODAY.sub(TODAY, piece) for piece in pieces[::2]]
    return "".join(pieces)


def date(text: str) -> datetime:
    """Return the time that a text names, in UTC. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(NOT_A_DATE) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def days(number: int) -> timedelta:
    """Return the duration of some days."""
    return timedelta(days=number)


def is_date(value: Any) -> bool:
    """Return True for a text that names a day in the calendar."""
    try:
        return isinstance(value, str) and bool(date(value))
    except ValueError:
        return False


def is_empty(value: Any) -> bool:
    """Return True for null, a text that says nothing, and a list or map of such values."""
    if value is None:
        return True
    if isinstance(value, str):
        return not re.search(r"\w", value) or " ".join(value.split()).strip(" .!:").casefold() in EMPTY
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return isinstance(value, list) and all(map(is_empty, value))


def is_number(value: Any) -> bool:
    """Return True for a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_text(value: Any) -> bool:
    """Return True for a text."""
    return isinstance(value, str)


def spoken(value: Any) -> str:
    """Return a parameter's value as people write it: a list with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def uses(expression: str, names: Iterable[str]) -> list[str]:
    """Return those of some names that an expression uses as a word."""
    words = set(re.findall(r"[A-Za-z_]\w*", "".join(_PIECES.split(expression)[::2])))
    return [name for name in names if name in words]


PREDICATES: dict[str, Callable[[Any], bool]] = {
    "is_date": is_date,
    "is_empty": is_empty,
    "is_number": is_number,
    "is_text": is_text,
}
