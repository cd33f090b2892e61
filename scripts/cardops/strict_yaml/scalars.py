"""Resolve unquoted YAML scalars on which all readers agree; the rest is refused or a string."""

import re

Scalar = str | int | float | bool | None

MAX_DIGITS = 18
NUMERIC = frozenset("-+.0123456789")
WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
DISPUTED_WORDS = frozenset({"True", "TRUE", "False", "FALSE", "Null", "NULL"})

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)").fullmatch
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?").fullmatch
_BASED = re.compile(r"[-+]?0[xo][0-9a-fA-F]+").fullmatch
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)").fullmatch


class AmbiguousScalarError(ValueError):
    """YAML readers read this differently; the text says what it looks like, never what it is."""


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises Disputed for what has to be quoted."""
    if text in WORDS:
        return WORDS[text]
    if text[0] in NUMERIC:
        return _number(text)
    if text in DISPUTED_WORDS:
        raise AmbiguousScalarError("a boolean or null in capital letters")
    return text


def _number(text: str) -> Scalar:
    if _INTEGER(text):
        if len(text) > MAX_DIGITS:
            raise AmbiguousScalarError("an integer too long to be exact everywhere")
        return int(text)
    if _FLOAT(text):
        number = float(text)
        if number - number != 0.0:
            raise AmbiguousScalarError("a number too large for a float")
        return number
    if _BASED(text):
        raise AmbiguousScalarError("a hexadecimal or octal number")
    if _NOT_FINITE(text):
        raise AmbiguousScalarError("an infinity or not-a-number")
    return text
