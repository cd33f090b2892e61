"""A plan in parts: each step, each held card and each finding is in one of them, or about all."""

import pytest

from cardops.findings import Finding
from cardops.location import Location
from cardops.model import CardKey, Place
from cardops.plan.partitions import only, place_of, steps_by_place
from cardops.plan.steps import Plan
from core.builders import card, desired, observed, planned
from replacing import replace

HERE = card().key.place
THERE = Place("999999999999", "us-east-1")


def whole() -> Plan:
    """A step here and the same there; a held card and a finding in each, and a finding about all."""
    made = planned(desired(card()), observed())
    steps = (*made.steps, *(replace(step, place=THERE) for step in made.steps))
    held = {CardKey(*place, "held"): "why" for place in (HERE, THERE)}
    said = ("", str(card().key), f"{THERE}/other")
    findings = tuple(Finding("a/rule", Location("x.yaml"), "wrong", card=key) for key in said)
    return replace(made, steps=steps, held=held, findings=findings)


def test_only_one_place_is_left() -> None:
    plan = only(whole(), THERE)
    assert {step.place for step in plan.steps} == {THERE}
    assert len(plan.steps) == len(whole().steps) // 2
    assert plan.held == {CardKey(*THERE, "held"): "why"}
    assert [one.card for one in plan.findings] == ["", f"{THERE}/other"]


def test_places_without_steps_are_not_listed() -> None:
    assert steps_by_place(whole()) == {HERE: 1, THERE: 1}
    assert steps_by_place(only(whole(), HERE)) == {HERE: 1}
    assert steps_by_place(planned(desired(), observed())) == {}


@pytest.mark.parametrize(
    "text", ["", "111111111111", "111111111111/", "ml-dev/eu-west-1", "1111/eu-west-1", "/eu-west-1"]
)
def test_what_names_no_place(text: str) -> None:
    assert place_of(text) is None


def test_what_names_a_place() -> None:
    assert place_of("999999999999/us-east-1") == THERE
