"""Compile the plain forms of `require` and `when` into CEL, for authors who are not programmers.

A plain form names a field and says what has to be so of it:

    field: content.evaluation_details
    not: empty

Several forms in a list all have to hold. A value that begins with `params.` is the rule's parameter of that name.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import (
    Form,
    check_shape,
    closest_match,
    get_path,
    number_or_param,
    one_of,
    text,
    texts_or_param,
)
from cardops.policy.rules import FORM_KEYS, On

FORM = Form(
    {"field": text},
    {
        "not": one_of("empty"),
        "one_of": texts_or_param,
        "none_of": texts_or_param,
        "at_least": number_or_param,
        "at_most": number_or_param,
        "matches": text,
        "within_days": number_or_param,
    },
)
STEP = re.compile(r"""\.?([A-Za-z_][\w -]*\w|[A-Za-z_])|\["([^"\]]+)"\]|\[([0-9]+)\]""")
ROOTS: Mapping[On, str] = {"card": "card", "share": "share", "change": "card", "repository": "repository"}
PLAIN_NAME = re.compile(r"[A-Za-z_]\w*").fullmatch
PARAM = re.compile(r"params\.[A-Za-z_]\w*").fullmatch


class PlainForm(NamedTuple):
    """A plain form as CEL: the expression, a message for a field that does not fit, and the field's path."""

    expression: str
    message: str
    steps: Where


def read_form(file: PolicyFile, where: Where, on: On, loop: str = "") -> PlainForm | None:
    """Return the form at `where`, which may stand among other keys of a rule; None, and findings, if it is wrong.

    `loop` is the name of the element if the rule has a `for`; a field that begins with it is one of the element.
    """
    value = get_path(file.value, where)
    form = {key: value[key] for key in ("field", *FORM_KEYS) if key in value}
    asked = [key for key in FORM_KEYS if key in form]
    if not asked:
        hint = f"add one of {', '.join(FORM_KEYS)}; for example `not: empty`"
        file.report("policy/missing-key", (*where, "field"), "the form says nothing about the field", hint)
        return None
    steps = _steps(form["field"])
    if steps is None:
        message = f"{form['field'][:60]} is not the path of a field"
        hint = 'write it as content.intended_uses.risk_rating, or with ["a name"] for a key that is not a plain word'
        file.report("policy/value", (*where, "field"), message, hint)
        return None
    subject = f"dyn({_optional(steps, ROOTS[on], loop)}.orValue(dyn(null)))"
    parts = [_predicate(key, form[key]) for key in asked]
    holds = " && ".join(expression for expression, _ in parts)
    wanted = " and ".join(words for _, words in parts)
    name = json.dumps(form["field"])
    return PlainForm(f"cel.bind(it, {subject}, {holds})", f'{name} + " " + {_spoken(wanted)}', steps)


def is_shaped(file: PolicyFile, where: Where) -> bool:
    """Return True if a form that stands by itself has the right keys and values; report what is wrong."""
    return check_shape(file, where, FORM, "a plain form")


def _steps(path: str) -> Where | None:
    """Return a path's steps; None if it is not a path."""
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        found = STEP.match(path, at)
        if not found or (at and path[at] not in ".["):
            return None
        steps.append(int(found[3]) if found[3] else found[1] or found[2])
        at = found.end()
    return tuple(steps) or None


def _optional(steps: Where, root: str, loop: str) -> str:
    """Return the optional value of a field, which is none where any part of the path is not there."""
    if loop and steps[0] == loop:
        root, steps = loop, steps[1:]
    elif steps[0] == root:
        steps = steps[1:]
    if not steps:
        return f"optional.of({root})"
    return root + "".join(_step(step) for step in steps)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[?{step}]"
    return f".?{step}" if PLAIN_NAME(step) else f"[?{json.dumps(step)}]"


def _predicate(key: str, value: Any) -> tuple[str, str]:
    """Return the CEL about `it`, and what to say of a field that does not fit; `{…}` in the words is CEL."""
    given, shown = _literal(value), _shown(value)
    match key:
        case "not":
            return "!is_empty(it)", "is missing or says nothing"
        case "one_of":
            return f"it in {given}", f"must be one of {shown}"
        case "none_of":
            return f"!(it in {given})", f"must not be one of {shown}"
        case "at_least":
            return f"is_number(it) && it >= {given}", f"must be a number of at least {shown}"
        case "at_most":
            return f"is_number(it) && it <= {given}", f"must be a number of at most {shown}"
        case "matches":
            return f"is_text(it) && it.matches({json.dumps(f'^(?:{value})$')})", f"must have the form {value}"
        case _:
            ago = f"is_date(it) && date(it) <= TODAY && date(it) >= TODAY - days({given})"
            return ago, f"must be a date that is not in the future and at most {shown} days ago"


def _literal(value: Any) -> str:
    return value if isinstance(value, str) and PARAM(value) else json.dumps(value)


def _shown(value: Any) -> str:
    if isinstance(value, str) and PARAM(value):
        return f"{{spoken({value})}}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _spoken(words: str) -> str:
    """Return words as a CEL expression: what stands in braces is CEL itself."""
    parts: Iterator[str] = (
        part[1:-1] if part.startswith("{spoken(") else json.dumps(part)
        for part in re.split(r"(\{spoken\([^{}]*\)\})", words)
        if part
    )
    return " + ".join(parts)


def unknown_predicate(key: str) -> str:
    """Return a hint for a key that is not part of a plain form."""
    return closest_match(key, ["field", *FORM_KEYS])
