"""What jsonschema-rs finds right is passed over, and what is wrong beside it is explained in the same words."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.desired.schema.explain import explain
from cardops.desired.schema.validator import Validators, check, schema
from cardops.strict_yaml.reader import load
from support.generated_repository import texts
from support.profiles import examples

CARD = load(next(text for _, text in texts(1)).encode()).value
COPY = {
    "name": "copy",
    "status": "Draft",
    "owner": "team-a",
    "aggregate_from": {"account": "hub", "card": "a"},
    "ignore": [{"path": "a", "reason": "b", "expires": "2026-01-01"}],
}
VALUES: list[Any] = [
    *(None, True, 1, -1.5, 10**30, "", "x", "x" * 5_000, "2026-01-01", "Large", "bar_chart", "a\n", "\x7f"),
    *(
        [],
        ["x"],
        ["x", "x"],
        [[1, 2], [3]],
        [{}],
        [{"name": "x"}],
        {},
        {"name": "x", "value": 1},
        {"": ""},
        {"a b": "c"},
    ),
]


def inner(value: Any) -> Iterator[Any]:
    """Every mapping and list in a value."""
    if isinstance(value, dict | list):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from inner(child)


@examples(300)
@given(st.sampled_from([CARD, COPY]), st.data())
def test_the_same_is_said(card: dict[str, Any], data: st.DataObject) -> None:
    value = deepcopy(card)
    for _ in range(data.draw(st.integers(1, 4))):
        places = list(inner(value))
        where = places[data.draw(st.integers(0, len(places) - 1))]
        new = deepcopy(data.draw(st.sampled_from(VALUES)))
        if isinstance(where, list):
            where[data.draw(st.integers(0, len(where))) :] = [new, *where[:1]]
        elif where and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(sorted(where)))
            where[key] = new
            if data.draw(st.booleans()):
                del where[key]
        else:
            where[data.draw(st.sampled_from(["zzz", "name", "value", "type", "content", "account"]))] = new
    whole = schema("card")
    found = check("card", value)
    assert found in ([], explain("card", whole, value))
    if found:
        assert explain("card", whole, value, Validators(whole).fit) == found


@pytest.mark.parametrize("wrong", ["intended_uses", "evaluation_details"])
def test_only_what_is_wrong_is_looked_into(wrong: str) -> None:
    value = deepcopy(CARD)
    value["content"][wrong] = {"zzz": 1}
    parts = Validators(schema("card"))
    asked: list[bool] = []

    def fits(part: dict[str, Any], value: Any) -> bool:
        asked.append(parts.fit(part, value))
        return asked[-1]

    assert explain("card", schema("card"), value, fits)
    assert len(asked) < 25, "a card has more than a hundred mappings and lists"
