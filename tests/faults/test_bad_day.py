"""A bad day at AWS: an apply ends right, or it ends with exit 3 and names what is undone. It never goes on forever."""

from typing import Any

import pytest

from support.fault_scenario import NAMES, POINTS, STAGES, differences, end_state
from support.undisturbed_run import UndisturbedRun
from support.workspace import DEV, operations

pytestmark = pytest.mark.slow

ATTEMPTS = 8
"""How often boto3 sends one request at most (`aws/cloud.py`)."""
BAD_DAY = [
    {"fault": "throttle", "rate": 0.3},
    {"fault": "error", "rate": 0.1},
    {"fault": "drop_before", "rate": 0.05},
    {"fault": "drop_after", "rate": 0.05},
]


def begin(year: UndisturbedRun, stage: str, **faults: Any) -> int:
    """Back to before a stage's apply, with faults on; the stage's number."""
    number = NAMES.index(stage)
    year.stack.restore(year.before[number])
    year.checkout(number)
    year.stack.wire.waits.clear()
    year.stack.faults(**faults)
    return number


def demand_end(year: UndisturbedRun, stage: int, turns: list[tuple[int, int, bool]]) -> None:
    """The stage's end state, and nothing that the witness complains of."""
    year.stack.faults()
    assert differences(year.ends[stage], end_state(year.stack)) == []
    assert year.watch(turns) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("stage", ["create", "edit", "rework"])
def test_a_bad_day_ends_right_or_says_what_is_undone(year: UndisturbedRun, stage: str, seed: int) -> None:
    number = begin(year, stage, seed=seed, calls=BAD_DAY)
    turns = [(year.turns[number], number, False)]
    for attempt in range(6):
        done = year.stack.apply()
        if done.code == 0:
            break
        assert done.code == 3, done.err[-2000:]
        assert "failed" in done.out or "error: " in done.err or "unknown: " in done.err, (attempt, done)
        turns.append((year.stack.now(), number, True))
    else:
        pytest.fail("six applies were not enough")
    assert max(year.stack.wire.waits) <= 20.0
    undisturbed = year.turns[number + 1] - year.turns[number]
    assert year.stack.now() - year.turns[number] < 3 * len(turns) * undisturbed
    demand_end(year, number, turns)


@pytest.mark.parametrize("stage", ["edit", "rework", "reshare"])
def test_an_answer_that_is_lost_after_any_call_costs_at_most_one_more_apply(year: UndisturbedRun, stage: str) -> None:
    for nth in range(1, year.calls[NAMES.index(stage)] + 1, POINTS):
        lost = {"fault": "drop_after", "mutating": True, "nth": nth}
        number = begin(year, stage, calls=[lost])
        turns = [(year.turns[number], number, False)]
        done = year.stack.apply()
        if done.code:
            assert (done.code, "failed" in done.out) == (3, True), (nth, done)
            turns.append((year.stack.now(), number, True))
            done = year.stack.apply()
        assert done.code == 0, (nth, done)
        demand_end(year, number, turns)


@pytest.mark.parametrize("service", ["sagemaker", "ram", "sts"])
def test_a_service_that_refuses_everything_is_given_up_after_a_few_calls(year: UndisturbedRun, service: str) -> None:
    begin(year, "edit", calls=[{"fault": "throttle", "service": service}])
    start = year.stack.now()
    done = year.stack.apply()
    assert done.code == 3
    assert "ThrottlingException" in done.out + done.err or "Throttling" in done.err
    assert year.stack.journal(start, mutating=True) == []
    asked = [call for call in year.stack.journal(start) if call["service"] == service]
    assert ATTEMPTS <= len(asked) <= 10 * ATTEMPTS
    assert sum(year.stack.wire.waits) < 600


def test_writes_that_are_refused_throughout_are_given_up_one_by_one(year: UndisturbedRun) -> None:
    """Reads work, so the plan is whole; each step fails by itself, and what depends on it is skipped."""
    number = begin(year, "edit", calls=[{"fault": "throttle", "mutating": True}])
    start = year.stack.now()
    done = year.stack.apply()
    assert done.code == 3
    assert done.out.count("failed") >= 3
    assert len(year.stack.journal(start, mutating=True)) <= ATTEMPTS * year.calls[number]
    year.stack.faults()
    turn = year.stack.now()
    assert year.stack.apply().code == 0
    demand_end(year, number, [(year.turns[number], number, False), (turn, number, True)])


def test_associations_that_take_their_time_are_waited_for(year: UndisturbedRun) -> None:
    slow = [{"seconds": 30.0}, {"on": "disassociate", "seconds": 30.0}]
    number = begin(year, "approve", associations=slow)
    done = year.stack.apply()
    assert done.code == 0, done
    assert "waiting for RAM to end access to" in done.err
    assert "waiting for RAM to finish" in done.err
    assert differences(year.ends[number], end_state(year.stack)) == []


def test_an_approval_waits_for_writers_that_ram_does_not_end(year: UndisturbedRun) -> None:
    number = begin(year, "approve", associations=[{"on": "disassociate", "seconds": 9000.0}])
    done = year.stack.apply()
    assert done.code == 3
    assert "still lets others write it" in done.out
    assert year.stack.live("churn")["status"] == "PendingReview"
    year.stack.backend.advance(9000.0)
    assert year.stack.apply().code == 0
    assert year.stack.live("churn")["status"] == "Approved"
    assert number == 2


def test_associations_that_fail_are_named_and_tried_again(year: UndisturbedRun) -> None:
    number = begin(year, "edit", associations=[{"fail": "No such thing", "times": 2}])
    turns = [(year.turns[number], number, False)]
    done = year.stack.apply()
    assert done.code == 3
    assert "RAM could not associate" in done.out
    assert "No such thing" in done.out
    turns.append((year.stack.now(), number, True))
    assert year.stack.apply().code == 0
    year.stack.faults()
    assert differences(year.ends[number], end_state(year.stack)) == []


def test_an_index_that_lags_by_minutes_changes_nothing(year: UndisturbedRun) -> None:
    """Search shows the cards as they were; each apply in a row goes by what describe says."""
    begin(year, "create", search_lag_seconds=600.0)
    for number, stage in enumerate(STAGES[:3]):
        if number:
            stage.before(year.stack)
        year.checkout(number)
        done = year.stack.apply()
        assert done.code == 0, (stage.name, done)
        assert differences(year.ends[number], end_state(year.stack)) == []
        start = year.stack.now()
        assert year.stack.apply().code == 0
        assert operations(year.stack.journal(start, mutating=True)) == []


@pytest.mark.parametrize("at", [1, 5, 12])
def test_credentials_that_end_midway_stop_the_run_and_the_next_one_goes_on(year: UndisturbedRun, at: int) -> None:
    number = begin(year, "rework")
    year.stack.wire.on_call = (at, lambda: year.stack.backend.advance(7200.0))
    done = year.stack.apply()
    year.stack.wire.on_call = None
    assert done.code == 3
    assert "ExpiredToken" in done.out
    assert "give boto3 credentials" in done.out
    turn = year.stack.now()
    assert year.stack.apply().code == 0
    demand_end(year, number, [(year.turns[number], number, False), (turn, number, True)])


def test_an_account_that_cannot_be_reached_is_named_and_the_others_go_on(year: UndisturbedRun) -> None:
    number = begin(year, "edit", calls=[{"fault": "drop_before", "account": DEV}])
    start = year.stack.now()
    done = year.stack.apply()
    assert done.code == 3
    assert (
        f"held  hub-fraud: its origin ml-dev/fraud cannot be read: sagemaker:DescribeModelCard on fraud in {DEV}"
        in done.out
    )
    assert "the copy stays as it is until then" in done.out
    assert year.stack.live("churn")["status"] == "PendingReview"
    assert year.stack.live("risk")["status"] == "Approved"
    refused = [call for call in year.stack.journal(start) if call["account"] == DEV]
    assert 0 < len(refused) <= 4 * ATTEMPTS
    year.stack.faults()
    turn = year.stack.now()
    assert year.stack.apply().code == 0
    demand_end(year, number, [(year.turns[number], number, False), (turn, number, True)])
