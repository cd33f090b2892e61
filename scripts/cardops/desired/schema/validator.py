"""Validate documents with jsonschema-rs. jsonschema explains the few that are invalid."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from cardops.desired.problems import Problem

Kind = Literal["card", "share", "config"]

FOLDER = Path(__file__).parents[2] / "schemas"


@cache
def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of document."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{kind}.schema.json").read_text("utf-8"))
    return loaded


def check(kind: Kind, value: Any) -> list[Problem]:
    """Everything that is wrong with `value`, in the order of the document; empty when it is valid."""
    if _validator(kind)(value):
        return []
    from cardops.desired.schema.explain import explain

    return explain(kind, schema(kind), value, _parts(kind).fit)


def preload() -> None:
    """Import what decides: before processes are divided, and not once in each."""
    import jsonschema_rs  # noqa: F401


@cache
def accepting(kind: Kind) -> Callable[[Any], bool]:
    """Tells whether what may be anything fits; then it is plain, since a schema says what all within has to be."""
    is_valid = _validator(kind)

    def accepts(value: Any) -> bool:
        try:
            return is_valid(value)
        except ValueError:  # a key that is no text
            return False

    return accepts


class Validators:
    """The parts of a schema that describe values within a document, each compiled when it is first asked about."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self._definitions = whole.get("$defs", {})
        self._known: dict[int, tuple[dict[str, Any], Callable[[Any], bool]]] = {}

    def fit(self, part: dict[str, Any], value: Any) -> bool:
        """Tell whether a mapping or a list is valid. Anything else counts as invalid, and is looked at in full."""
        if type(value) is not dict and type(value) is not list:
            return False
        if id(part) not in self._known:
            self._known[id(part)] = part, _compiled({**part, "$defs": self._definitions})
        return self._known[id(part)][1](value)


@cache
def _parts(kind: Kind) -> Validators:
    return Validators(schema(kind))


@cache
def _validator(kind: Kind) -> Callable[[Any], bool]:
    return _compiled(schema(kind))


def _compiled(schema: dict[str, Any]) -> Callable[[Any], bool]:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema).is_valid
