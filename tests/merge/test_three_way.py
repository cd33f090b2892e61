"""The three-way merge: one-sided changes are never lost, and two-sided ones are never guessed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.merge.diff import ABSENT
from cardops.merge.three_way import Conflict, merge, overlay_fields

scalars = st.one_of(st.integers(-3, 3), st.sampled_from(["a", "b", "c"]), st.booleans())
names = st.sampled_from(["auc", "f1", "mse"])
items = st.lists(names, unique=True, max_size=3).flatmap(
    lambda chosen: st.tuples(*(st.fixed_dictionaries({"name": st.just(n), "value": scalars}) for n in chosen)).map(list)
)
contents = st.dictionaries(
    st.sampled_from("pqrs"),
    st.one_of(scalars, items, st.dictionaries(st.sampled_from("xyz"), scalars, max_size=3)),
    max_size=4,
)


@given(contents, contents)
def test_a_change_on_one_side_wins(base: Any, changed: Any) -> None:
    assert merge(base, changed, base).content == changed
    assert merge(base, base, changed).content == changed
    assert merge(base, base, changed).conflicts == ()


@given(contents, contents)
def test_the_same_change_on_both_sides_is_one_change(base: Any, changed: Any) -> None:
    merged = merge(base, changed, changed)
    assert merged.content == changed
    assert merged.conflicts == merged.contributed == ()


def by_name(value: Any) -> Any:
    """The value with the order of named lists taken away."""
    if isinstance(value, dict):
        return {key: by_name(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((by_name(item) for item in value), key=repr)
    return value


@given(contents, contents, contents)
def test_the_sides_are_equal_but_for_the_order_of_lists(base: Any, git: Any, live: Any) -> None:
    one, other = merge(base, git, live), merge(base, live, git)
    assert sorted(c.path for c in one.conflicts) == sorted(c.path for c in other.conflicts)
    if not one.conflicts:
        assert by_name(one.content) == by_name(other.content)


@given(contents, contents, contents)
def test_merging_the_result_again_changes_nothing(base: Any, git: Any, live: Any) -> None:
    merged = merge(base, git, live)
    if not merged.conflicts:
        assert merge(base, git, merged.content).content == merged.content


def test_different_changes_of_one_field_conflict_and_show_all_three() -> None:
    merged = merge({"risk": "Low"}, {"risk": "High"}, {"risk": "Medium"})
    assert merged.conflicts == (Conflict("content.risk", "Low", "High", "Medium"),)


def test_where_something_conflicts_nothing_is_told_as_contributed() -> None:
    assert merge({"risk": "Low"}, {"risk": "High"}, {"risk": "Medium", "new": 1}).contributed == ()


def test_a_field_removed_here_and_changed_there_conflicts() -> None:
    merged = merge({"notes": "old"}, {}, {"notes": "new"})
    assert merged.conflicts == (Conflict("content.notes", "old", ABSENT, "new"),)


def test_one_is_not_true() -> None:
    assert merge({"v": 1}, {"v": True}, {"v": 1}).content == {"v": True}
    assert merge({"v": 1}, {"v": True}, {"v": 1}).content["v"] is True


def test_list_items_are_matched_by_name_and_both_additions_stay() -> None:
    base = {"m": [{"name": "auc", "value": 1}]}
    git = {"m": [{"name": "auc", "value": 2}]}
    live = {"m": [{"name": "f1", "value": 9}, {"name": "auc", "value": 1}]}
    merged = merge(base, git, live)
    assert {item["name"]: item["value"] for item in merged.content["m"]} == {"auc": 2, "f1": 9}
    assert [change.path for change in merged.contributed] == ["content.m[f1]"]


def test_live_sections_are_the_live_sides_even_against_git() -> None:
    merged = merge({"t": 1, "u": 1}, {"t": 2, "u": 2}, {"t": 3, "u": 1}, live_fields=["t"])
    assert merged.content == {"t": 3, "u": 2}
    assert merged.conflicts == ()


def test_without_a_base_one_sided_fields_stay_and_differing_ones_conflict() -> None:
    merged = merge({}, {"a": 1, "c": 1}, {"b": 2, "c": 2})
    assert [conflict.path for conflict in merged.conflicts] == ["content.c"]
    assert merged.content == {"a": 1, "b": 2, "c": 1}


@pytest.mark.parametrize("base", [{}, {"m": None}, {"m": "a text"}])
def test_without_a_base_the_items_of_both_sides_stay(base: Any) -> None:
    git, live = {"m": [{"name": "auc", "value": 1}]}, {"m": [{"name": "f1", "value": 2}]}
    merged = merge(base, git, live)
    assert merged.conflicts == ()
    assert merged.content == {"m": [*git["m"], *live["m"]]}


def test_an_ignored_field_is_the_live_sides_and_the_fields_beside_it_are_not() -> None:
    def side(data: str, note: str) -> Any:
        return {
            "e": [{"name": "first", "data": data, "note": note}, {"name": "second", "data": data}],
            "p.q": {"r": data},
        }

    merged = merge(side("b", "b"), side("g", "g"), side("l", "b"), ["e[first].data", "e[second]", "p.q.r"])
    assert merged.content == side("l", "g")
    assert merged.conflicts == merged.contributed == ()


def test_an_ignored_field_that_live_lacks_is_gone_but_not_with_what_it_stands_in() -> None:
    git = {"e": [{"name": "first", "data": 1}, {"name": "new", "data": 2}]}
    live = {"e": [{"name": "first"}]}
    base = {"e": [{"name": "first", "data": 1}]}
    assert merge(base, git, live, ["e[first].data", "e[new].data"]).content == {
        "e": [{"name": "first"}, {"name": "new", "data": 2}]
    }


def test_fields_of_another_side_come_go_and_leave_what_stands_beside_them() -> None:
    side, other = {"kept": 1, "gone": 1, "taken": 1}, {"strange": 2, "taken": 2, "new": 2}
    assert overlay_fields(side, other, ["gone", "taken", "new"]) == {"kept": 1, "taken": 2, "new": 2}


@pytest.mark.parametrize(
    ("git", "live", "order"),
    [
        ("acb", "abcd", "acbd"),
        ("abcg", "cba", "cbag"),
        ("cab", "bca", "cab"),
        ("abcg", "abcl", "abcgl"),
        ("abg", "acl", "agl"),
    ],
)
def test_the_order_of_a_list_is_gits_unless_only_live_moved_what_was_there(git: str, live: str, order: str) -> None:
    def named(names: str) -> Any:
        return {"m": [{"name": name} for name in names]}

    assert merge(named("abc"), named(git), named(live)).content == named(order)
