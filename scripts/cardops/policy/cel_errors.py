"""Why CEL refuses an expression, in our own words: the library's print what they are about."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from cardops.policy.forms import closest_match, short
from cardops.policy.summary import PARTS

UNDECLARED = r"<input>:([0-9]+):([0-9]+): undeclared reference to '([^']*)'"
PLACED = r"<input>:([0-9]+):([0-9]+): "
MEANINGS = {
    "recursion": ("it is nested too deeply, or has too many parts in a row", "at most 32; split the rule"),
    "yntax error": ("it is not CEL: a syntax error", ""),
    "has() argument": ("has() takes a field, as in has(card.owner)", ""),
    "simple identifier": ("a loop's variable must be a plain name", ""),
    "invalid int": ("a number is too large", ""),
    "no matching overload": ("an operator or function gets a value of a type that it does not take", ""),
}


class ExplainedError(NamedTuple):
    """Why an expression is refused; `line` and `column` count from 1 within it."""

    line: int
    column: int
    message: str
    hint: str = ""


def explain(problem: str, expression: str, variables: Sequence[str]) -> ExplainedError:
    """The fault behind a message of the library."""
    placed = re.search(PLACED, problem)
    line, column = (int(placed[1]), int(placed[2])) if placed else (1, 1)
    for part, (message, hint) in MEANINGS.items():
        if part in problem:
            return ExplainedError(line, column, message, hint)
    if found := re.search(UNDECLARED, problem):
        return _undeclared(int(found[1]), int(found[2]), found[3], expression, variables)
    return ExplainedError(line, column, "it is not CEL")


def _undeclared(line: int, column: int, name: str, expression: str, variables: Sequence[str]) -> ExplainedError:
    """The library places a function's name at its bracket, and a path at the dot before its last part."""
    lines = expression.splitlines()
    text = lines[line - 1] if line <= len(lines) else ""
    if text[column - 1 : column] == "(":
        message = f"there is no function '{short(name)}' that takes what it is given"
        return ExplainedError(line, column, message, "check its name, and the number and types of what it gets")
    first, _, rest = name.partition(".")
    if first != "repository" or first not in variables:
        return ExplainedError(line, column, f"there is no variable '{short(first)}'", closest_match(first, variables))
    part = rest.partition(".")[0]
    if part:
        return ExplainedError(line, column, f"the repository has no '{short(part)}'", closest_match(part, PARTS))
    return ExplainedError(line, column, "the repository can only be asked for its parts", f"known: {', '.join(PARTS)}")
