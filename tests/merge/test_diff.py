"""Differences are named as people name fields."""

from typing import Any

import pytest

from cardops.merge.diff import ABSENT, Change, LazyChanges, diff, steps_to


def test_equal_values_differ_in_nothing() -> None:
    assert diff({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}) == []


def test_a_changed_field_is_named_by_its_path() -> None:
    before, after = {"intended_uses": {"risk_rating": "Low"}}, {"intended_uses": {"risk_rating": "High"}}
    assert diff(before, after, "content") == [Change("content.intended_uses.risk_rating", "Low", "High")]


def test_list_items_are_matched_by_name_not_by_index() -> None:
    before = [{"name": "auc", "value": 1}, {"name": "f1", "value": 2}]
    after = [{"name": "f1", "value": 3}]
    assert diff(before, after, "m") == [
        Change("m[auc]", {"name": "auc", "value": 1}, ABSENT),
        Change("m[f1].value", 2, 3),
    ]


def test_a_field_that_comes_or_goes_is_absent_on_the_other_side() -> None:
    assert diff({"a": {"b": 1}}, {"a": {}}) == [Change("a.b", 1, ABSENT)]
    assert diff({"a": {}}, {"a": {"b": 1}}) == [Change("a.b", ABSENT, 1)]


def test_lists_that_have_no_name_in_common_are_compared_by_name_all_the_same() -> None:
    one, two = {"name": "a"}, {"name": "b"}
    assert diff([one], [two], "m") == [Change("m[a]", one, ABSENT), Change("m[b]", ABSENT, two)]
    assert diff([one], [], "m") == [Change("m[a]", one, ABSENT)]
    assert diff([], [two], "m") == [Change("m[b]", ABSENT, two)]


def test_a_list_without_names_is_one_value() -> None:
    assert diff({"x": [1, 2]}, {"x": [2, 1]}) == [Change("x", [1, 2], [2, 1])]


def test_reordered_items_are_a_change_of_the_list() -> None:
    one, two = {"name": "a"}, {"name": "b"}
    assert diff([one, two], [two, one], "m") == [Change("m", [one, two], [two, one])]


def test_one_and_true_differ() -> None:
    assert diff({"v": 1}, {"v": True}) == [Change("v", 1, True)]


@pytest.mark.parametrize(
    ("field", "steps"),
    [
        ("", ()),
        ("uses_of.risk", ("uses_of", "risk")),
        ("uses_of.gone.deeper", ("uses_of",)),
        ("evaluation[test].data", ("evaluation", 1, "data")),
        ("evaluation[other].data", ("evaluation",)),
        ("use", ()),
        ("usesX", ("usesX",)),
    ],
)
def test_a_field_is_found_as_far_as_it_exists_and_never_by_the_start_of_another_name(field: str, steps: Any) -> None:
    value = {
        "uses": {"risk": 1},
        "usesX": 0,
        "uses_of": {"risk": 2},
        "evaluation": [{"name": "tes"}, {"name": "test", "data": 3}],
    }
    assert steps_to(value, field) == steps


def test_what_is_not_there_reads_so() -> None:
    assert repr(ABSENT) == "absent"


def test_deferred_changes_are_those_that_are_found_and_are_not_kept() -> None:
    found: list[int] = []

    def find() -> list[Change]:
        found.append(1)
        return diff({"a": 1, "b": 2}, {"a": 2, "b": 3})

    changes = LazyChanges(find)
    assert found == []
    assert list(changes) == find()
    assert changes == tuple(find())
    assert changes != find()[:1]
    assert changes != 2
    assert len(changes) == 2
    assert hash(changes) == hash(LazyChanges(find))
    assert (changes[1], changes[:1]) == (find()[1], find()[:1])
    assert len(found) > 8
