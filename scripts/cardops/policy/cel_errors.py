"""Translate CEL errors without leaking the data they print, and say how to write what was probably meant."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from cardops.policy import functions
from cardops.policy.forms import closest_match, short
from cardops.policy.summary import PARTS

UNDECLARED = r"<input>:([0-9]+):([0-9]+): undeclared reference to '([^']*)'"
PLACED = r"<input>:([0-9]+):([0-9]+): "
KEY_NOT_FOUND = re.compile(r'Key not found in map : "([^"\n]*)"').search
TEXTS = r"""\"[^"\n]*"|'[^'\n]*'"""
MESSAGE_HINT = (
    """a message is an expression: put its words in quotes inside the block, as in >- "the tier is missing\""""
)
WORDS = {
    "and": "CEL writes && for 'and'",
    "or": "CEL writes || for 'or'",
    "not": "CEL writes ! for 'not'",
    "is": "CEL compares with ==",
    "if": "CEL writes CONDITION ? A : B; a rule's `when` says when it applies",
}
FUNCTIONS = {
    "len": "size",
    "length": "size",
    "count": "size",
    "lower": "lowerAscii",
    "upper": "upperAscii",
    "strip": "trim",
    "any": "exists",
    "includes": "contains",
    "startswith": "startsWith",
    "endswith": "endsWith",
    "str": "string",
    "now": "today",
}
"""Functions of other languages, with those of CEL that do the same."""
KNOWN_FUNCTIONS = (
    "all", "contains", "double", "duration", "endsWith", "exists", "exists_one", "filter", "has", "int", "join",
    "lowerAscii", "map", "matches", "orValue", "size", "split", "startsWith", "string", "substring", "timestamp",
    "trim", "upperAscii", *functions.NAMES,
)  # fmt: skip
MEANINGS = {
    "recursion": ("it is nested too deeply, or has too many parts in a row", "at most 32; split the rule"),
    "has() argument": ("has() takes a field, as in has(card.owner)", ""),
    "simple identifier": ("a loop's variable must be a plain name", ""),
    "invalid int": ("a number is too large", ""),
    "no matching overload": (
        "an operator or function gets a value of a type that it does not take",
        "string(x) makes a text of a number, date(x) a date of a text",
    ),
}
REASONS = {
    "Key not found": "a key is not there",
    "optional.none() dereference": "the value of something that is not there was asked for",
    functions.NOT_A_DATE: "date() got a text that is not a day in the calendar, written YYYY-MM-DD",
    "No matching overload": "an operator or function got a value of the wrong type",
    "non-message type": "a field of something that has no fields was asked for",
    "by zero": "a division by zero",
    "udget exceeded": "it takes too many steps; `for` looks at one element at a time",
    "overflow": "a number is too large",
    "Index error": "an index is out of range, or no whole number",
    "than <string>.size()": "an index is out of range, or no whole number",
    "cannot slice": "an index is out of range, or no whole number",
    "to Timestamp conversion": "timestamp() got a text that is not a time; date(x) takes a day written YYYY-MM-DD",
    "to Duration conversion": "duration() got a text that is not a duration in hours, such as 24h; days(n) takes days",
    "cannot convert": "a text is not what it should be converted to",
    "onversion failed": "a text is not what it should be converted to",
    "invalid regular expression": "a regular expression is wrong, or too large",
}


class ExplainedError(NamedTuple):
    """Why an expression is refused. `line` and `column` count from 1 within it."""

    line: int
    column: int
    message: str
    hint: str = ""


def reason(problem: str, source: str) -> str:
    """Return why an evaluation gave no value, in words that hold no content of a card.

    A key, and the argument of a function, are named only if they are written in the rule itself.
    """
    if (found := KEY_NOT_FOUND(problem)) and re.search(rf"\b{re.escape(found[1])}\b", source):
        key = found[1]
        way = f".?{key}" if key.isidentifier() else f'[?"{key}"]'
        return f"the key '{short(key)}' is not there; ask with {way} and .orValue(...), or with has(...)"
    said = next((words for part, words in REASONS.items() if part in problem), "an error")
    if functions.NOT_A_DATE in problem and (dates := re.findall(r"\bdate\((?!today\))([^()]{1,60})\)", source)):
        return f"{said}: date({'), or date('.join(dict.fromkeys(dates))})"
    return said


def explain(problem: str, expression: str, variables: Sequence[str], key: str = "") -> ExplainedError:
    """Return the error behind a message of the library; `key` is the rule's key that the expression stands under."""
    placed = re.search(PLACED, problem)
    line, column = (int(placed[1]), int(placed[2])) if placed else (1, 1)
    if "yntax error" in problem or "reserved identifier" in problem:
        return ExplainedError(line, column, "it is not CEL: a syntax error", _syntax_hint(expression, key))
    for part, (message, hint) in MEANINGS.items():
        if part in problem:
            return ExplainedError(line, column, message, hint)
    if found := re.search(UNDECLARED, problem):
        return _undeclared(int(found[1]), int(found[2]), found[3], expression, variables)
    return ExplainedError(line, column, "it is not CEL")


def _syntax_hint(expression: str, key: str) -> str:
    bare = re.sub(TEXTS, "", expression)
    if key == "message" and not re.search(r"[\"'+]", expression):
        return MESSAGE_HINT
    hints = [hint for word, hint in WORDS.items() if re.search(rf"(?<![\w.]){word}(?!\w)", bare)]
    if re.search(r"(?<![=!<>])=(?!=)", bare):
        hints.append("CEL compares with ==")
    return "; ".join(hints)


def _undeclared(line: int, column: int, name: str, expression: str, variables: Sequence[str]) -> ExplainedError:
    """The library places a function's name at its bracket, and a path at the dot before its last part."""
    lines = expression.splitlines()
    text = lines[line - 1] if line <= len(lines) else ""
    if text[column - 1 : column] == "(":
        message = f"there is no function '{short(name)}' that takes what it is given"
        return ExplainedError(line, column, message, _function_hint(name))
    first, _, rest = name.partition(".")
    if first != "repository" or first not in variables:
        return ExplainedError(line, column, f"there is no variable '{short(first)}'", closest_match(first, variables))
    part = rest.partition(".")[0]
    if part:
        return ExplainedError(line, column, f"the repository has no '{short(part)}'", closest_match(part, PARTS))
    return ExplainedError(line, column, "the repository can only be asked for its parts", f"known: {', '.join(PARTS)}")


def _function_hint(name: str) -> str:
    if name in FUNCTIONS:
        return f"did you mean '{FUNCTIONS[name]}'?"
    if name in KNOWN_FUNCTIONS:
        return "check the number and types of what it gets"
    near = closest_match(name, KNOWN_FUNCTIONS)
    return near if near.startswith("did") else "check its name, and the number and types of what it gets"
