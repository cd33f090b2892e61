"""What a run's results come to."""

import pytest

from cardops.apply.results import Outcome, Result, exit_code
from cardops.errors import ExitCode
from cardops.findings import Finding
from cardops.location import Location
from core.builders import card, desired, key, observed, planned
from replacing import replace

PLAN = planned(desired(card()), observed())
(STEP,) = PLAN.steps


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.CREATED, ExitCode.DONE),
        (Outcome.UPDATED, ExitCode.DONE),
        (Outcome.UNCHANGED, ExitCode.DONE),
        (Outcome.FAILED, ExitCode.INCOMPLETE),
        (Outcome.HELD, ExitCode.INCOMPLETE),
        (Outcome.SKIPPED, ExitCode.INCOMPLETE),
    ],
)
def test_what_was_not_done_is_incomplete(outcome: Outcome, code: ExitCode) -> None:
    assert exit_code([Result(STEP, Outcome.CREATED, ""), Result(STEP, outcome, "")], PLAN) is code


def test_so_is_what_is_held_or_refused_by_itself() -> None:
    assert exit_code([], replace(PLAN, held={key(): "it waits"})) is ExitCode.INCOMPLETE
    for level, code in (("deny", ExitCode.INCOMPLETE), ("warn", ExitCode.DONE), ("audit", ExitCode.DONE)):
        finding = Finding("a/rule", Location("cards/churn.yaml"), "it is wrong", "", level)
        assert exit_code([], replace(PLAN, findings=(finding,))) is code
