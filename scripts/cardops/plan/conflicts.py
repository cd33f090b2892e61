"""A merge conflict in words: the three values of the fields that conflict, and no more of the content."""

from cardops.merge.diff import ABSENT
from cardops.merge.three_way import Conflict
from cardops.model import canonical

SHOWN = 200
"""The most characters of a value."""


def conflict_values(conflict: Conflict) -> str:
    """The base's, git's and the live value of a conflict's field, each cut to what fits a line."""
    return ", ".join(
        f"{side} {_short(value)}"
        for side, value in (("base", conflict.base), ("git", conflict.git), ("live", conflict.live))
    )


def _short(value: object) -> str:
    if value is ABSENT or isinstance(value, dict | list):
        return "absent" if value is ABSENT else f"a {'list' if isinstance(value, list) else 'group of fields'}"
    text = canonical.to_bytes(value).decode()
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
