"""The table of access: every cell in its column, nothing unseen, and JSON as its schema says."""

import json
from pathlib import Path

import click
from jsonschema import Draft202012Validator

from cardops.access.cells import AccessAbility, CardAccount, Cell, Matrix, ObservedAccess
from cardops.access.differences import differences
from cardops.model.desired import AccountRegion
from cardops.model.findings import Location
from cardops.render.access import Access, as_json, as_text
from support.builders import DEV, PROD, TEST, config, key

NONE, READ, WRITE = AccessAbility
AT = Location("shares/team.yaml")
SCHEMA = Path(__file__).parents[2] / "policies/schemas/access.schema.json"


def access() -> Access:
    there = key("there", AccountRegion(DEV, "us-east-1"))
    cells = [
        Cell(CardAccount(key(), PROD), AT, READ, READ, READ, ObservedAccess(READ, note="it may not list versions")),
        Cell(
            CardAccount(key(), DEV),
            AT,
            WRITE,
            NONE,
            NONE,
            ObservedAccess(unknown="no role"),
            notes=("RAM says \x1b[2JSUSPENDED",),
        ),
        Cell(CardAccount(key(), TEST), AT, NONE, NONE, NONE, ObservedAccess()),
        Cell(CardAccount(there, "999999999999"), AT, NONE, WRITE, WRITE, None, ("the foreign share 'x'",)),
    ]
    matrix = Matrix(config(), {cell.pair: cell for cell in cells}, {DEV: "no role"})
    return Access(matrix, tuple(differences(matrix)))


def test_a_row_for_each_that_has_to_do_with_a_card() -> None:
    text = click.unstyle(as_text(access())).splitlines()
    assert text[:5] == [
        "CARD                      ACCOUNT                 DECLARED  GRANTED  OBSERVED",
        "churn                     ml-dev (222222222222)   write     –        unknown   RAM says \\u001b[2JSUSPENDED",
        "churn                     ml-prod (444444444444)  read      read     read      it may not list versions",
        "there (ml-dev us-east-1)  999999999999            –         write    ?",
        "observed: reading was tried, writing was not",
    ]
    assert text[-1] == "Access: 3 of 4 cards and accounts have to do with each other; 2 deny, 1 warn."


def test_rows_that_differ_stand_out() -> None:
    lines = as_text(access()).splitlines()
    assert [line.startswith("\x1b[31m") for line in lines[:4]] == [False, True, False, True]


def test_nothing_to_show_is_said() -> None:
    assert click.unstyle(as_text(Access(Matrix(config(), {})))).startswith("Access: 0 of 0 cards")


def test_json_has_every_cell_and_fits_its_schema() -> None:
    document = json.loads(as_json(access()))
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert [(one["card"]["name"], one["alias"], one["observed"]) for one in document["cells"]] == [
        ("churn", "ml-dev", None),
        ("churn", "ml-test", ""),
        ("churn", "ml-prod", "read"),
        ("there", "", None),
    ]
    assert document["unknown"] == [{"of": DEV, "reason": "no role"}]
