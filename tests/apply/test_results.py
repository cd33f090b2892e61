"""What a run's results come to."""

import pytest

from cardops.apply.results import StepOutcome, StepResult, exit_code
from cardops.model.errors import ExitCode
from cardops.model.findings import Finding, Location
from support.builders import card, desired, key, observed, planned
from support.replacing import replace

PLAN = planned(desired(card()), observed())
(STEP,) = PLAN.steps


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (StepOutcome.CREATED, ExitCode.DONE),
        (StepOutcome.UPDATED, ExitCode.DONE),
        (StepOutcome.UNCHANGED, ExitCode.DONE),
        (StepOutcome.FAILED, ExitCode.INCOMPLETE),
        (StepOutcome.HELD, ExitCode.INCOMPLETE),
        (StepOutcome.SKIPPED, ExitCode.INCOMPLETE),
    ],
)
def test_what_was_not_done_is_incomplete(outcome: StepOutcome, code: ExitCode) -> None:
    assert exit_code([StepResult(STEP, StepOutcome.CREATED, ""), StepResult(STEP, outcome, "")], PLAN) is code


def test_so_is_what_is_held_or_refused_by_itself() -> None:
    assert exit_code([], replace(PLAN, held={key(): "it waits"})) is ExitCode.INCOMPLETE
    for level, code in (("deny", ExitCode.INCOMPLETE), ("warn", ExitCode.DONE), ("audit", ExitCode.DONE)):
        finding = Finding("a/rule", Location("cards/churn.yaml"), "it is wrong", "", level)
        assert exit_code([], replace(PLAN, findings=(finding,))) is code
