"""Our own words for what does not fit a schema: they find what the libraries find, in time that grows with the file."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cardops.desired.schema.explain import explain

UNIQUE = {"type": "array", "uniqueItems": True}
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from([0.0, 1.0, 1.5, "", "1", "a", "true"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(VALUES, max_size=5))
def test_values_that_are_there_twice_are_those_of_the_library(items: list[Any]) -> None:
    (problem,) = explain("share", UNIQUE, items)
    assert (problem.rule == "schema/not-unique") is not Draft202012Validator(UNIQUE).is_valid(items)


def test_very_many_different_values_of_several_kinds_take_no_longer_each() -> None:
    items = [item for number in range(30_000) for item in ({"a": number}, number, f"a{number}")]
    assert [problem.rule for problem in explain("share", UNIQUE, items)] == ["schema/invalid"]
    assert [problem.rule for problem in explain("share", UNIQUE, [*items, {"a": 29_999}])] == ["schema/not-unique"]
