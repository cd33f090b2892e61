"""Steps run many at a time: each once, with results in order, and a failure stops only what depends on it."""

from collections.abc import Sequence
from typing import Any

from cardops.apply.results import StepOutcome, StepResult
from cardops.model.desired import Card, Status
from cardops.plan.steps import Phase
from support.apply_sandbox import HOME, ApplySandbox, outcomes, settings, wanted
from support.builders import card

NAMES = [f"card-{number}" for number in range(6)]


def drafts(**more: Any) -> Sequence[Card]:
    return [card(name=name, **more) for name in NAMES]


def apply(lab: ApplySandbox, *cards: Card) -> list[StepResult]:
    return lab.apply(wanted(*cards, shares=(), settings_=settings()))


def test_results_come_in_the_order_of_the_plan_whatever_ran_first(lab: ApplySandbox) -> None:
    results = apply(lab, *drafts(status=Status.APPROVED))
    assert outcomes(results) == [("create", StepOutcome.CREATED)] * 6 + [("promote", StepOutcome.UPDATED)] * 6
    assert [result.step.resource for result in results] == NAMES * 2
    assert {result.detail for result in results[:6]} == {"version 1"}
    created = [
        call["parameters"]["ModelCardName"] for call in lab.calls(mutating=True) if "Create" in call["operation"]
    ]
    assert sorted(created) == NAMES
    assert outcomes(apply(lab, *drafts(status=Status.APPROVED))) == []


def test_a_step_that_failed_keeps_what_depends_on_it_from_running_and_nothing_else(lab: ApplySandbox) -> None:
    plan = lab.plan(wanted(*drafts(status=Status.APPROVED), shares=(), settings_=settings()))
    assert lab.cloud
    lab.cloud.cards(HOME).create("card-3", b"{}", Status.DRAFT, {}, "")  # somebody else's, meanwhile
    results = {(one.step.resource, one.step.phase): one for one in lab.run(plan)}
    assert results["card-3", Phase.CONTENT].outcome is StepOutcome.FAILED
    assert "ConflictException" in results["card-3", Phase.CONTENT].detail
    assert results["card-3", Phase.PROMOTE].outcome is StepOutcome.SKIPPED
    assert results["card-2", Phase.PROMOTE].outcome is StepOutcome.UPDATED
    live = {one.key.name: one.status for one in lab.cloud.cards(HOME).search(contents=False)}
    assert live == dict.fromkeys(NAMES, Status.APPROVED) | {"card-3": Status.DRAFT}
