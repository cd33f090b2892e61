"""Contributions as edits: the file says what is live, and nothing but the contribution differs."""

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.commands.pull_edits import PulledCard, PullOutcome, contributions, restoration, written
from cardops.model import canonical
from cardops.model.desired import REPOSITORY, IgnoreRule
from cardops.plan.card_merge import MergeInputs
from cardops.strict_yaml.emitter import dump
from cardops.strict_yaml.reader import load
from support.builders import NEW, REPO, TODAY, card, live, words
from support.profiles import examples
from support.replacing import replace

CARDS = sorted((Path(__file__).parents[2] / "cards").glob("*.yaml"))
TEXT = "name: churn\ncontent:\n  # why\n  intended_uses:\n    purpose_of_model: first # said\n"

scalars = st.one_of(st.integers(-3, 3), st.sampled_from(["a", "b c", "x: y", "two\nlines"]), st.booleans())
names = st.sampled_from(["auc", "f1", "mse", "recall"])
items = st.lists(names, unique=True, max_size=4).flatmap(
    lambda chosen: st.tuples(*(st.fixed_dictionaries({"name": st.just(n), "value": scalars}) for n in chosen)).map(list)
)
values = st.one_of(scalars, items, st.lists(scalars, max_size=4), st.lists(st.lists(scalars, max_size=2), max_size=3))
contents = st.dictionaries(
    st.sampled_from("pqrs"), values | st.dictionaries(st.sampled_from("xyz"), values, max_size=3), max_size=4
)


@given(contents, contents)
@examples(300)
def test_any_content_becomes_any_other(before: Any, after: Any) -> None:
    text = f"# a card\n{dump({'name': 'churn', 'content': before})}owner: a # last\n"
    done = written(text, after)
    assert json.dumps(load(done).value["content"], sort_keys=True) == json.dumps(after, sort_keys=True)
    assert done.startswith("# a card\nname: churn\n")
    assert done.endswith("owner: a # last\n")
    assert written(text, before) == text


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_contribution_to_a_shipped_card_only_adds_lines(path: Path) -> None:
    text = path.read_text("utf-8")
    content = load(text).value["content"]
    assert written(text, canonical.from_bytes(canonical.to_bytes(content))) == text
    metric = {"name": "calibration", "type": "number", "value": 0.031}
    content["evaluation_details"][0]["metric_groups"][0]["metric_data"].append(metric)
    content["evaluation_details"].append({"name": "live", "datasets": ["s3://b/x"], "metric_groups": [
        {"name": "after release", "metric_data": [metric]}]})  # fmt: skip
    done = written(text, content)
    removed = [line for line in difflib.ndiff(text.splitlines(), done.splitlines()) if line.startswith("- ")]
    assert removed == []


def pulled(base: Any, git: Any, found: Any, **more: Any) -> PulledCard:
    """What contributions makes of the three contents."""
    declared = card(content=git, **more)
    seen = live(declared, content=found, version=3)
    text = dump({"name": "churn", "content": git})
    return contributions(MergeInputs(declared, seen, card(content=base), REPO, NEW, TODAY), text)


def test_what_only_live_has_is_pulled_and_what_only_git_has_stays() -> None:
    done = pulled(words("a", risk_rating="Low"), words("b", risk_rating="Low"), words("a", risk_rating="High"))
    assert done.outcome is PullOutcome.PULLED
    assert load(done.text).value["content"] == words("b", risk_rating="High")
    assert [change.path for change in done.changes] == ["content.intended_uses.risk_rating"]
    assert done.version == 3


def test_without_a_contribution_nothing_is_pulled() -> None:
    done = pulled(words("a"), words("b"), words("a"))
    assert (done.outcome, done.text, done.changes) == (PullOutcome.UNCHANGED, "", ())


def test_a_conflict_is_named_and_not_half_pulled() -> None:
    done = pulled(words("a"), words("b"), words("c", risk_rating="High"))
    assert (done.outcome, done.text) == (PullOutcome.CONFLICTING, "")
    assert [finding.rule for finding in done.findings] == ["content/conflict"]


def test_live_sections_are_pulled_and_ignored_fields_are_not() -> None:
    ignore = (IgnoreRule("intended_uses.purpose_of_model", "noise", TODAY),)
    base, found = words("a") | {"training_details": {}}, words("noise") | {"training_details": {"n": 1}}
    done = pulled(base, base, found, ignore=ignore, live_sections=("training_details",))
    assert load(done.text).value["content"] == words("a") | {"training_details": {"n": 1}}


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({REPOSITORY: "other"}, "the repository other manages the live card"),
        ({REPOSITORY: None}, "cardops does not manage the live card"),
    ],
)
def test_a_foreign_card_is_not_pulled(tags: Any, why: str) -> None:
    declared = card()
    sides = MergeInputs(declared, live(declared, content=words("theirs"), tags=tags), None, REPO, NEW, TODAY)
    done = contributions(sides, TEXT)
    assert (done.outcome, done.why) == (PullOutcome.REFUSED, why)


def test_an_earlier_version_is_restored_as_an_edit() -> None:
    declared = card(content=words("second"))
    then = live(declared, content=words("first"), version=1)
    sides = MergeInputs(declared, live(declared, version=2), declared, REPO, NEW, TODAY)
    done = restoration(sides, then, TEXT.replace("first", "second"))
    assert (done.outcome, done.text, done.version) == (PullOutcome.PULLED, TEXT, 1)


def test_restoring_is_refused_while_the_live_card_has_what_git_lacks() -> None:
    declared = card(content=words("second"))
    seen = live(declared, content=words("second", risk_rating="High"), version=3)
    sides = MergeInputs(declared, seen, declared, REPO, NEW, TODAY)
    done = restoration(sides, replace(seen, version=1, content=canonical.to_bytes(words("first"))), TEXT)
    assert done.outcome is PullOutcome.REFUSED
    assert "content.intended_uses.risk_rating" in done.why
    assert "pull and apply that first" in done.why


def test_a_text_that_yaml_cannot_hold_is_named_with_its_field() -> None:
    done = pulled(words(), words(), words() | {"business_details": {"line_of_business": "a \x80 b"}})
    assert done.outcome is PullOutcome.REFUSED
    assert done.why.startswith("content.business_details.line_of_business: ")
    assert done.why.endswith("; correct it in the live card")
