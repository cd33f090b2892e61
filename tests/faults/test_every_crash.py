"""Killed at any call of any stage, the next apply ends in the same state, and no promise is broken on the way.

With one call at a time, what AWS holds after call n took effect is what it holds before call n + 1 is sent; so each
point stands for both, and one test shows that.
"""

import pytest

from cardops.apply import runner as running
from support.fault_scenario import NAMES, POINTS, STAGES, contribute, differences, end_state
from support.undisturbed_run import UndisturbedRun

pytestmark = pytest.mark.slow


def test_the_undisturbed_year_keeps_every_promise(year: UndisturbedRun) -> None:
    last = len(STAGES) - 1
    year.stack.restore(year.after[last])
    assert year.watch([(year.turns[last], last, False)]) == []
    assert [end["package"] for end in year.ends] == [
        "PendingManualApproval",
        "PendingManualApproval",
        "Approved",
        "PendingManualApproval",
        "PendingManualApproval",
        "PendingManualApproval",
    ]
    assert year.ends[2]["cards"]["churn"]["content"]["business_details"] == {"line_of_business": "retail"}
    assert year.ends[2]["cards"]["churn"]["content"]["intended_uses"] == {"purpose_of_model": "first"}
    assert year.ends[5]["cards"]["churn"]["content"]["evaluation_details"] == [{"name": "holdout"}]
    assert {name: card["status"] for name, card in year.ends[5]["cards"].items()} == {
        "churn": "PendingReview",
        "hub-fraud": "PendingReview",
        "next": "Approved",
        "old": "Archived",
        "risk": "Archived",
    }


NOTE = {"additional_information": {"ethical_considerations": "noted between two runs"}}
LATER = {"/cards/churn/left at: expected the live version, found an earlier one"}
"""What was contributed when nothing of the card was left to write is not in what cardops remembers, on purpose."""


@pytest.mark.parametrize("stage", range(len(STAGES)), ids=NAMES)
def test_the_same_commit_again_ends_in_the_same_state(year: UndisturbedRun, stage: int) -> None:
    for at in range(1, year.calls[stage] + 1):
        assert year.kill(stage, at), f"the apply of {NAMES[stage]} had fewer than {at} calls"
        again = year.stack.now()
        done = year.stack.apply()
        assert done.code == 0, (at, done.out[-2000:], done.err[-2000:])
        assert differences(year.ends[stage], end_state(year.stack)) == [], f"killed after call {at}"
        assert year.watch([(year.turns[stage], stage, False), (again, stage, True)]) == [], f"killed after call {at}"


@pytest.mark.parametrize("stage", range(len(STAGES) - 1), ids=NAMES[:-1])
def test_another_commit_ends_in_that_commits_state_and_nothing_comes_back(year: UndisturbedRun, stage: int) -> None:
    for at in range(1, year.calls[stage] + 1):
        assert year.kill(stage, at)
        written = STAGES[stage + 1].before(year.stack)
        year.checkout(stage + 1)
        again = year.stack.now()
        done = year.stack.apply()
        assert done.code == 0, (at, done.out[-2000:], done.err[-2000:])
        lost = year.contributed[stage + 1] - written
        assert differences(year.expected(stage + 1, lost), end_state(year.stack)) == [], f"killed after call {at}"
        assert year.watch([(year.turns[stage], stage, False), (again, stage + 1, False)]) == [], f"killed after {at}"


@pytest.mark.parametrize("stage", range(len(STAGES)), ids=NAMES)
def test_what_is_contributed_between_the_runs_is_kept(year: UndisturbedRun, stage: int) -> None:
    for at in range(1, year.calls[stage] + 1, POINTS):
        assert year.kill(stage, at)
        written = contribute(year.stack, NOTE)
        again = year.stack.now()
        done = year.stack.apply()
        live = year.stack.live("churn")
        if written and NAMES[stage] == "approve":
            assert (done.code, live["status"]) == (3, "PendingReview")
            assert "bring it into git with `cardops pull`" in done.out
            assert {**live["content"], **NOTE} == live["content"]
        else:
            assert done.code == 0, (at, done.out[-2000:], done.err[-2000:])
            expected = year.expected(stage, (), NOTE if written else {})
            found = [line for line in differences(expected, end_state(year.stack)) if line not in LATER]
            assert found == [], f"killed after call {at}"
        assert year.watch([(year.turns[stage], stage, False), (again, stage, True)]) == [], f"killed after call {at}"


def test_before_a_call_is_what_was_after_the_one_before(year: UndisturbedRun) -> None:
    stage = NAMES.index("rework")
    for at in range(1, year.calls[stage], POINTS):
        done = []
        for number, after in ((at, True), (at + 1, False)):
            assert year.kill(stage, number, after)
            calls = year.stack.journal(year.turns[stage], mutating=True)
            done.append([(call["account"], call["operation"], call["parameters"]) for call in calls])
        assert done[0] == done[1]
        assert len(done[0]) == at


@pytest.mark.parametrize("at", [2, 5, 9, 12, 15])
def test_with_many_calls_at_a_time_too(year: UndisturbedRun, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    monkeypatch.setattr(running, "CONCURRENCY", 8)
    stage = NAMES.index("rework")
    assert year.kill(stage, at)
    again = year.stack.now()
    done = year.stack.apply()
    assert done.code == 0, (done.out[-2000:], done.err[-2000:])
    assert differences(year.ends[stage], end_state(year.stack)) == []
    assert year.watch([(year.turns[stage], stage, False), (again, stage, True)]) == []
