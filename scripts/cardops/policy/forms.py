"""The form of what stands in policies/: which keys there are, which are required, and what their values are."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple

from cardops.policy.files import PolicyFile, Where

Check = Callable[[Any], str]

MOST_COMPARED = 500
"""Names among which a similar one is looked for: comparing takes microseconds, and there may be thousands of each."""
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


class Form(NamedTuple):
    """Each key with the check of its value; a check says what the value must be, or nothing when it is."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = {}


def check_shape(file: PolicyFile, where: Where, form: Form, what: str) -> bool:
    """Return True if the value at `where` has the form; report every difference."""
    if file.known is not None:
        return True
    value = get_path(file.value, where)
    if not isinstance(value, dict):
        file.report("policy/value", where, f"{what} must be a mapping")
        return False
    before = len(file.findings)
    checks = {**form.required, **form.optional}
    for key in value.keys() - checks.keys():
        file.report(
            "policy/unknown-key", (*where, key), f"{what} has no key '{short(key)}'", closest_match(key, checks), True
        )
    for key in form.required:
        if key not in value:
            file.report("policy/missing-key", where, f"{what} has no '{key}'", f"add {key}")
    for key, check in checks.items():
        if key in value and (wanted := check(value[key])):
            file.report("policy/value", (*where, key), f"{key} must be {wanted}")
    return len(file.findings) == before


def get_path(value: Any, where: Iterable[str | int]) -> Any:
    """Return the value at a path. Raises KeyError or IndexError."""
    for step in where:
        value = value[step]
    return value


def closest_match(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known."""
    names = sorted(known)
    folded = [known for known in names if known.casefold() == name.casefold()]
    few = names if len(names) <= MOST_COMPARED else []
    if close := folded or get_close_matches(name, few, 1):
        return f"did you mean '{close[0]}'?"
    return f"known: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}" if names else "there are none"


def short(text: str) -> str:
    """A name that is fit for a message."""
    return text if len(text) <= 60 else text[:60] + "…"


def text(value: Any) -> str:
    """Accepts a string that says something."""
    return "" if isinstance(value, str) and value.strip() else "a text"


def texts(value: Any) -> str:
    """Accepts a list of such strings."""
    return "" if isinstance(value, list) and not any(map(text, value)) else "a list of texts"


def mapping(value: Any) -> str:
    """Accepts a mapping."""
    return "" if isinstance(value, dict) else "a mapping"


def listing(value: Any) -> str:
    """Accepts a list."""
    return "" if isinstance(value, list) else "a list"


def day(value: Any) -> str:
    """Accepts a day that is in the calendar."""
    try:
        found = isinstance(value, str) and re.fullmatch(_DAY, value) and date.fromisoformat(value)
    except ValueError:
        found = None
    return "" if found else "a day in the calendar, written YYYY-MM-DD"


def number_or_param(value: Any) -> str:
    """Accepts a number, or the name of a parameter."""
    right = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if right or _is_param(value) else "a number, or params.NAME"


def texts_or_param(value: Any) -> str:
    """Accepts a list of texts and numbers, or the name of a parameter."""
    right = isinstance(value, list) and value and all(isinstance(one, str | int | float | bool) for one in value)
    return "" if right or _is_param(value) else "a list of values, or params.NAME"


def _is_param(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"params\.[A-Za-z_]\w*", value))


def days(value: Any) -> str:
    """Accepts a list of days that are in the calendar."""
    return "" if isinstance(value, list) and not any(map(day, value)) else "a list of days, each written YYYY-MM-DD"


def one_of(*names: str) -> Check:
    """Accepts one of some words."""
    return lambda value: "" if isinstance(value, str) and value in names else f"one of {', '.join(names)}"


def matching(pattern: str, wanted: str) -> Check:
    """Accepts a text that a pattern matches as a whole."""
    return lambda value: "" if isinstance(value, str) and re.fullmatch(pattern, value) else wanted
