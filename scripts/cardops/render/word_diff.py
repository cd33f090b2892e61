"""Compare two texts word by word, so that a reader sees the changed words of a long text."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

MIN_LENGTH = 80
"""Shorter texts are easier to read as a whole, before and after."""

MAX_WORDS = 5_000
"""Longer texts are not compared word by word, because the comparison would take seconds."""

CONTEXT = 6
"""Unchanged words that are shown on each side of a change."""

MARKS = ("[-", "-]", "{+", "+}")
"""Texts that contain a mark themselves are shown whole: their author could forge a removal or an addition."""

WORD = re.compile(r"\s+|[^\s]+")


class Piece(NamedTuple):
    """A run of words: kept, removed or added. `kept` runs may be shortened with an ellipsis."""

    kind: Literal["kept", "removed", "added"]
    text: str


def word_diff(before: object, after: object) -> list[Piece] | None:
    """Return the pieces of both texts in reading order, or None where a word diff does not help.

    It does not help for values that are not texts, short texts, very long texts, and texts with little in common.
    """
    if isinstance(before, str) and isinstance(after, str) and any(mark in before + after for mark in MARKS):
        return None
    if not (isinstance(before, str) and isinstance(after, str)) or min(len(before), len(after)) < MIN_LENGTH:
        return None
    old, new = WORD.findall(before), WORD.findall(after)
    if max(len(old), len(new)) > MAX_WORDS:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.quick_ratio() < 0.5 or matcher.ratio() < 0.5:
        return None
    return list(_pieces(matcher, old, new))


def marked(pieces: list[Piece]) -> str:
    """Return the pieces in one line, as `git diff --word-diff` marks them: `[-removed-]{+added+}`."""
    marks = {"kept": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces)


def _pieces(matcher: "SequenceMatcher[str]", old: list[str], new: list[str]) -> Iterator[Piece]:
    codes = matcher.get_opcodes()
    for at, (code, start, end, new_start, new_end) in enumerate(codes):
        if code == "equal":
            yield Piece("kept", _shortened(old[start:end], at == 0, at == len(codes) - 1))
            continue
        if end > start:
            yield Piece("removed", "".join(old[start:end]))
        if new_end > new_start:
            yield Piece("added", "".join(new[new_start:new_end]))


def _shortened(words: list[str], first: bool, last: bool) -> str:
    """Keep `CONTEXT` words beside a change and replace the others by an ellipsis."""
    shown = 2 * CONTEXT  # words and the blanks between them
    head = [] if first else words[:shown]
    tail = [] if last else words[-shown:]
    if len(words) <= len(head) + len(tail) + 2:
        return "".join(words)
    return f"{''.join(head)}…{''.join(tail)}"
