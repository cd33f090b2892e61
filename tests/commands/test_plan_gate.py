"""Only what a reviewed plan showed may widen access; everything may end it."""

from pathlib import Path

import pytest

from cardops.commands.plan_file import PlanGate, SavedPlan, read_gate
from cardops.plan.steps import Phase, Plan, Step
from support.builders import card, desired, observed, planned
from support.replacing import replace


def plan_of(*names: str) -> Plan:
    """A plan that creates cards, a resource each."""
    return planned(desired(*(card(name) for name in names)), observed())


def saved(plan: Plan, own: Plan | None = None) -> SavedPlan:
    return SavedPlan(Path("plan.json"), plan.repository, plan.digests(), (own or plan).digests())


def test_what_two_changes_do_only_together_is_in_no_plan_and_is_held() -> None:
    first, second, both = plan_of("a"), plan_of("b"), plan_of("a", "b", "c")
    gated = PlanGate(changes=(saved(first), saved(second))).over(both)
    assert gated == {key: digest for key, digest in both.digests().items() if not key.endswith("/c")}


def test_what_a_plan_listed_as_left_undone_may_run_when_it_is_the_same() -> None:
    whole, own = plan_of("a", "b"), plan_of("b")
    assert PlanGate(changes=(saved(whole, own),)).over(whole) == whole.digests()
    moved = replace(saved(whole, own), digests=dict.fromkeys(whole.digests(), "other"))
    assert PlanGate(changes=(moved,)).over(whole) == own.digests()


def test_an_empty_folder_of_plans_lets_nothing_widen(tmp_path: Path) -> None:
    gate = read_gate(None, (f"@{tmp_path}",))
    assert gate.over(plan_of("a")) == {}
    assert read_gate(None, ()).over(plan_of("a")) is None


@pytest.mark.parametrize("phase", sorted(Phase))
def test_what_only_ends_access_needs_no_plan(phase: Phase) -> None:
    plan = plan_of("a")
    steps: tuple[Step, ...] = tuple(replace(step, phase=phase) for step in plan.steps)
    found = PlanGate(changes=()).over(replace(plan, steps=steps)) or {}
    assert bool(found) is steps[0].narrowing
