"""The schemas for editors say what the loader says."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cardops.policy import enforcement, packs, vocabulary, waivers
from cardops.policy import rule_parser as rulefiles
from cardops.policy.files import kind_of
from cardops.policy.forms import Form
from cardops.policy.rules import DERIVED, VARIABLES
from cardops.strict_yaml.reader import load

ROOT = Path(__file__).resolve().parents[2]


def schema(name: str) -> dict[str, Any]:
    """A published schema."""
    found: dict[str, Any] = json.loads((ROOT / "policies" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    return found


def part(name: str, *steps: str) -> dict[str, Any]:
    """A part of a schema, by the keys of the document."""
    node = schema(name)
    for step in steps:
        node = (
            node["items"] if step == "[]" else node["additionalProperties"] if step == "*" else node["properties"][step]
        )
    return node


@pytest.mark.parametrize(
    ("node", "form"),
    [
        (part("rules"), rulefiles.FILE),
        (part("rules", "rules", "[]"), rulefiles.RULE),
        (part("rules", "rules", "[]", "tests"), rulefiles.TESTS),
        (part("waivers"), waivers.FILE),
        (part("waivers", "waivers", "[]"), waivers.WAIVER),
        (part("enforcement"), enforcement.FILE),
        (part("enforcement", "rules", "*"), enforcement.ENTRY),
        (part("enforcement", "rules", "*", "overrides", "[]"), enforcement.OVERRIDE),
        (part("vocabulary"), vocabulary.FILE),
        (part("vocabulary", "metrics", "*"), vocabulary.METRIC),
        (part("pack"), packs.FILE),
        (part("pack", "clauses", "[]"), packs.CLAUSE),
    ],
)
def test_a_schema_has_the_keys_of_the_form(node: Mapping[str, Any], form: Form) -> None:
    assert set(node["required"]) == set(form.required)
    assert set(node["properties"]) == {*form.required, *form.optional}
    assert node["additionalProperties"] is False


def test_a_test_may_set_the_variables_that_there_are() -> None:
    given = part("rules", "rules", "[]", "tests", "pass", "[]")
    assert set(given["properties"]) == {*VARIABLES["change"], "name"} - DERIVED


def test_what_this_repository_ships_fits() -> None:
    checked = set()
    for path in sorted((ROOT / "policies").rglob("*.yaml")):
        kind = kind_of(path.relative_to(ROOT).as_posix())
        assert kind is not None, path
        errors = Draft202012Validator(schema(kind)).iter_errors(load(path.read_bytes()).value)
        assert [(path.name, list(error.absolute_path)) for error in errors] == []
        checked.add(kind)
    assert checked >= {"rules", "pack", "enforcement"}
