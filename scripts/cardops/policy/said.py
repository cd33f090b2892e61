"""Judge whether a text says anything, and read the day that it names."""

import re
from datetime import date, datetime
from typing import Any

from cardops.policy.plain_names import letters_of, plain
from cardops.policy.vocabulary import Vocabulary

MISSING = "is missing"
BLANK = "is empty"
FILLER = "says nothing"
TEMPLATE = "is still the text that `cardops new` writes"
UNFINISHED = "holds a placeholder"
NO_DAY = "is not a day in the calendar, written YYYY-MM-DD"
FUTURE = "is in the future"
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?").fullmatch
TO_FILL = re.compile(
    r"<(?:[^<>]*\b)?(?:fill|insert|your|add|enter|todo|tbd|placeholder)\b[^<>]*>|\bleft to do\b", re.IGNORECASE
)
LATIN_TODO = re.compile(r"(?<!\w)todo(?=\s*(?::|[.!]?\s*$))")
SEPARATORS = re.compile(r"[,;|\n]+|\.\s+|\.$|\s+-\s+|/(?=\s)|\s/")
GLANCE = 16
SHORT = 100
LONGEST_FILLER = 40
"""Texts that begin with a longer sentence are not made of filler."""


def problem_of(text: Any, vocabulary: Vocabulary, whole: bool = True) -> str:
    """Describe the problem of a text in words that follow its name; empty if it says something.

    Without `whole`, placeholders within it are not looked for.
    """
    if not isinstance(text, str):
        return MISSING
    if letters_of(text[:GLANCE]) < 2 and letters_of(text) < 2:
        return BLANK if not text.strip() else FILLER
    if _is_filler(text, vocabulary):
        return FILLER
    if len(text) < SHORT and plain(text) in vocabulary.templates:
        return TEMPLATE
    return UNFINISHED if whole and is_unfinished(text, vocabulary) else ""


def is_unfinished(text: str, vocabulary: Vocabulary) -> bool:
    """Return True if a text contains a placeholder."""
    if "<" in text and TO_FILL.search(text):
        return True
    if "todo" in text and LATIN_TODO.search(text) and "sobre todo" not in text:
        return True
    return vocabulary.unfinished is not None and vocabulary.unfinished.search(text) is not None


def may_be_unfinished(everything: str, vocabulary: Vocabulary) -> bool:
    """Return True if any of many texts may contain a placeholder: a cheap check before looking at each."""
    lowered = everything.lower()
    return "<" in everything or any(mark in lowered for mark in vocabulary.unfinished_marks)


def day_of(text: Any) -> date | None:
    """The day that a text names, with or without a time; None where it names none that exists."""
    if isinstance(text, datetime | date):
        return date(text.year, text.month, text.day)
    found = DAY(text.strip()) if isinstance(text, str) else None
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def problem_of_day(text: Any, today: date, vocabulary: Vocabulary, ahead: bool = False) -> str:
    """Describe the problem of a text that has to name a day. `ahead` allows a day in the future."""
    if (problem := problem_of(text, vocabulary)) and problem != UNFINISHED:
        return problem
    day = day_of(text)
    if day is None:
        return NO_DAY
    return FUTURE if day > today and not ahead else ""


def _is_filler(text: str, vocabulary: Vocabulary) -> bool:
    """Return True for one of the empty words, or several of them."""
    if len(text) < SHORT and plain(text) in vocabulary.empty:
        return True
    if text[: LONGEST_FILLER + 1].replace(" ", "").isalnum() and len(text) > LONGEST_FILLER:
        return False
    first = SEPARATORS.split(text[:SHORT], 1)[0]
    if len(first) > LONGEST_FILLER or (letters_of(first) and plain(first) not in vocabulary.empty):
        return False
    parts = [part for part in SEPARATORS.split(text) if part and letters_of(part)]
    return bool(parts) and all(plain(part) in vocabulary.empty for part in parts)
