"""Translate the service models' regular expressions from Java's dialect to Python's."""

import re
import sys
import unicodedata
from functools import cache

_CATEGORY = re.compile(r"\\p\{([A-Z])\}")


@cache
def _ranges(limit: int) -> dict[str, str]:
    """For each Unicode major category, its characters below ``limit`` as the inside of a character class."""
    runs: dict[str, list[list[int]]] = {}
    for point in range(limit):
        spans = runs.setdefault(unicodedata.category(chr(point))[0], [])
        if spans and spans[-1][1] == point - 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return {
        major: "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in spans)
        for major, spans in runs.items()
    }


def _translate(pattern: str, limit: int) -> str:
    """Replace ``\\p{X}``, which the models only use inside character classes, by its characters."""
    return _CATEGORY.sub(lambda found: _ranges(limit).get(found[1], ""), pattern)


@cache
def _compiled(pattern: str, limit: int) -> re.Pattern[str] | None:
    try:
        return re.compile(_translate(pattern, limit), re.ASCII | re.DOTALL)
    except re.error:
        return None


def compiles(pattern: str) -> bool:
    """Return True if Python can compile the translated pattern; others are not enforced."""
    return _compiled(pattern, 128) is not None


def matches(pattern: str, text: str) -> bool:
    """Match the whole text against a model's pattern.

    ``.`` also matches line ends: the services accept JSON over several lines where the model says ``.*``. Tables of
    all Unicode cost a third of a second, so they are made only when a text is not ASCII.
    """
    compiled = _compiled(pattern, 128 if text.isascii() else sys.maxunicode + 1)
    return compiled is None or compiled.fullmatch(text) is not None
