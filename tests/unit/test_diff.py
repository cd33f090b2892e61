"""Differences are named as people name fields."""

from cardops.diff import ABSENT, Change, diff


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


def test_a_list_without_names_is_one_value() -> None:
    assert diff({"x": [1, 2]}, {"x": [2, 1]}) == [Change("x", [1, 2], [2, 1])]


def test_reordered_items_are_a_change_of_the_list() -> None:
    one, two = {"name": "a"}, {"name": "b"}
    assert diff([one, two], [two, one], "m") == [Change("m", [one, two], [two, one])]


def test_one_and_true_differ() -> None:
    assert diff({"v": 1}, {"v": True}) == [Change("v", 1, True)]
