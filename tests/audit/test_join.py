"""The records of a run in parts become one: nothing twice, nothing forgotten, and the gravest code counts."""

from typing import Any

import pytest

from cardops.apply.results import StepOutcome, StepResult
from cardops.audit.join import Job, ended, join, plan_of
from cardops.audit.record import ObservedSnapshot, RunRecord, statement
from cardops.model.desired import AccountRegion, CardKey
from cardops.model.errors import ExitCode
from cardops.model.findings import Finding, Location
from support.builders import DEV, HOME, NEW, REGION, card, desired, foreign, live, observed, planned

THERE = AccountRegion(DEV, REGION)
SPAN = ("2026-06-01T10:00:00+00:00", "2026-06-01T10:01:00+00:00")
END = "2026-06-01T10:09:00+00:00"
BLOCKED = Finding("a/rule", Location("cards/churn.yaml", 3, 7), "wrong", card=str(card().key))


def begun(code: int = 0, **more: Any) -> dict[str, Any]:
    """Both places have a card to make, and in each a stranger's card is in the way of another one."""
    plan = planned(desired(*CARDS), observed(STRANGER))
    return statement(
        plan,
        [],
        ObservedSnapshot(observed(STRANGER), observed(STRANGER), (BLOCKED,)),
        RunRecord(*SPAN, "ada", "", code),
    )


STRANGER = foreign("taken")
CARDS = (card(), card("taken"), card("far", place=THERE))


def left(
    *cards: Any, place: AccountRegion, code: int = 0, outcome: StepOutcome = StepOutcome.CREATED
) -> dict[str, Any]:
    """A job's record: it made the cards of its place."""
    plan = planned(desired(*cards), observed())
    results = [StepResult(step, outcome, "version 1") for step in plan.steps if step.place == place]
    after = observed(*(live(one) for one in cards))
    run = RunRecord(*SPAN, "ada", "", code, partitions=(str(place),))
    return statement(plan, results, ObservedSnapshot(observed(), after, (BLOCKED,)), run)


def job(place: AccountRegion, record: dict[str, Any] | None, code: ExitCode = ExitCode.INCOMPLETE) -> Job:
    return Job((str(place),), record, code)


def jobs() -> list[Job]:
    return [job(HOME, left(card(), place=HOME)), job(THERE, left(card("far", place=THERE), place=THERE))]


def test_what_was_done_held_and_found_anywhere_is_in_one_record() -> None:
    made = join(begun(3), jobs(), END)
    predicate = made["predicate"]
    assert [(one["account"], one["resource"]) for one in predicate["outcomes"]] == [
        (HOME.account, "churn"),
        (DEV, "far"),
    ]
    assert [one["card"] for one in predicate["held"]] == ["taken"]
    assert [one["card"] for one in predicate["cards"]] == ["churn", "taken", "far"]
    assert [one["rule"] for one in predicate["findings"]] == ["a/rule", "ownership/foreign-card"]
    assert (predicate["commit"], predicate["partitions"], predicate["started"], predicate["finished"]) == (
        NEW,
        [],
        SPAN[0],
        END,
    )
    assert (predicate["exit_code"], predicate["complete"], predicate["unknown"]) == (3, False, [])
    assert [one["partitions"] for one in predicate["parts"]] == [[str(HOME)], [str(THERE)]]
    assert [one["name"].rpartition("/")[2] for one in made["subject"]] == ["commit", "taken", "churn", "far"]


def test_what_a_job_saw_of_a_card_is_newer_than_what_the_beginning_saw() -> None:
    taken = left(card("taken"), place=HOME)
    made = join(begun(), [job(HOME, taken)], END)["predicate"]
    (told,) = (one for one in made["cards"] if one["card"] == "taken")
    assert told["after"] == {"status": "Draft", "version": 1}
    assert told["commit"] == taken["predicate"]["cards"][0]["commit"]


def test_a_job_without_a_record_is_unknown_and_the_run_is_not_complete() -> None:
    found = join(begun(), [jobs()[0], job(THERE, None)], END)["predicate"]
    assert found["unknown"] == [{"account": DEV, "region": REGION, "reason": "its job left no record"}]
    assert (found["complete"], found["exit_code"]) == (False, 3)


@pytest.mark.parametrize(
    ("first", "second", "lost", "expected"),
    [(0, 0, None, 0), (0, 3, None, 3), (1, 0, None, 1), (1, 3, 70, 70), (3, 1, 130, 130)],
)
def test_the_gravest_code_counts(first: int, second: int, lost: int | None, expected: int) -> None:
    parts = [job(HOME, left(card(), place=HOME, code=second))]
    parts += [job(THERE, None, ExitCode(lost))] if lost else []
    assert join(begun(first), parts, END)["predicate"]["exit_code"] == expected


@pytest.mark.parametrize("outcome", StepOutcome)
def test_one_part_that_left_something_undone_is_enough(outcome: StepOutcome) -> None:
    parts = [jobs()[1], job(HOME, left(card(), place=HOME, outcome=outcome))]
    nothing_held = begun()
    nothing_held["predicate"]["complete"] = True
    made = join(nothing_held, parts, END)
    assert made["predicate"]["complete"] == (outcome in ("created", "updated", "unchanged"))
    step = ended(made)[1]
    assert (step.step.kind, step.step.place, step.outcome, step.detail) == ("create", HOME, outcome, "version 1")
    assert (step.step.key, step.step.cards) == (str(card().key), {card().key})


def test_the_plan_of_a_record_is_what_it_holds() -> None:
    plan = plan_of(join(begun(), jobs(), END))
    assert (plan.commit, plan.steps, list(plan.held)) == (NEW, (), [CardKey(*HOME, "taken")])
    told = plan.findings[0]
    assert (told.rule, told.level, told.location, told.card) == ("a/rule", "deny", BLOCKED.location, BLOCKED.card)
