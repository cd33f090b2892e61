"""Does a document fit its schema? jsonschema-rs decides; jsonschema explains the few that do not."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from cardops.declared.problems import Problem

Kind = Literal["card", "share", "config"]

FOLDER = Path(__file__).parent.parent / "schemas"


@cache
def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of document."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{kind}.schema.json").read_text("utf-8"))
    return loaded


def check(kind: Kind, value: Any) -> list[Problem]:
    """Everything that is wrong with `value`, in the order of the document; empty when it is valid."""
    if _validator(kind)(value):
        return []
    from cardops.declared.explain import explain

    return explain(kind, schema(kind), value)


@cache
def _validator(kind: Kind) -> Callable[[Any], bool]:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema(kind)).is_valid
