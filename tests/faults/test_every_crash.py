"""Killed at any call of any stage, the next apply ends in the same state, and no promise is broken on the way.

With one call at a time, what AWS holds after call n took effect is what it holds before call n + 1 is sent; so each
point stands for both, and one test shows that.
"""

import copy
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cardops.sandbox.options import Options
from cardops.sandbox.server import Sandbox
from e2e.world import OWNER
from faults.scenario import PARTNER, STAGES, associated, contribute, declaration, differences, end_state, shares
from faults.stack import Stack, install
from faults.witness import Declaration, Witness


@dataclass(slots=True)
class Year:
    """The scenario, undisturbed: what was there before each stage's apply, how it ended, how many calls it took."""

    stack: Stack
    commits: list[str] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    after: list[Any] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    declared: list[Declaration] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    contributed: list[frozenset[str]] = field(default_factory=list)

    def kill(self, stage: int, at: int, after: bool = True) -> bool:
        """Back to before a stage's apply, which then ends at its n-th mutating call; False when it has fewer."""
        self.stack.restore(self.before[stage])
        self.checkout(stage)
        return self.stack.killed(at, after)

    def expected(self, stage: int, lost: Iterable[str] = (), gained: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """How a stage ends, but for the sections of churn that were contributed less or more."""
        end = copy.deepcopy(self.ends[stage])
        content = end["cards"]["churn"]["content"]
        for section in lost:
            del content[section]
        content |= gained or {}
        return end

    def checkout(self, stage: int) -> None:
        """The work tree of a stage."""
        self.stack.git("checkout", "-q", self.commits[stage])

    def watch(self, turns: list[tuple[int, int, bool]]) -> list[str]:
        """What the witness has to complain of. `turns`: after call, stage, and whether it is another attempt at it."""
        arns: dict[str, list[str]] = defaultdict(list)
        for row in shares(self.stack):
            arns[row["name"]].append(row["resourceShareArn"])
        witness = Witness(OWNER, arns)
        journal = self.stack.journal(mutating=True)
        past = [(self.turns[stage], stage, False) for stage in range(turns[0][1])]
        bounds = [*past, *turns]
        ends = [start for start, _, _ in bounds[1:]] + [self.stack.now()]
        complete = -1
        for index, ((start, stage, again), end) in enumerate(zip(bounds, ends, strict=True)):
            window = self.declared[max(complete, 0) : stage + 1]
            witness.watch((call for call in journal if start < call["n"] <= end), window, again)
            if index < len(past) or index == len(bounds) - 1:
                complete = stage
        assert self.shared_with() == {(one.card, one.principal) for one in witness.access()}
        return witness.complaints

    def shared_with(self) -> set[tuple[str, str]]:
        """Cards and principals that RAM associates with each other now; the witness must have come to the same."""
        return {
            (card.rpartition("/")[2], principal)
            for share in associated(self.stack).values()
            for card, state in share["RESOURCE"].items()
            for principal, reached in share["PRINCIPAL"].items()
            if state == reached == "ASSOCIATED"
        }


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """Every stage applied once, with what was there before each."""
    options = Options(outside_accounts=frozenset({PARTNER}))
    with Sandbox(options=options) as sandbox, pytest.MonkeyPatch.context() as monkeypatch:
        wire = install(monkeypatch, sandbox)
        stack = Stack(tmp_path_factory.mktemp("year") / "repository", sandbox, wire)
        found = Year(stack)
        for stage in STAGES:
            found.contributed.append(stage.before(stack))
            stage.merge(stack)
            found.commits.append(stack.commit(stage.name))
            found.declared.append(declaration(stack, found.commits[-1]))
            start = stack.now()
            found.turns.append(start)
            found.before.append(stack.save())
            done = stack.apply()
            assert done.code == 0, (stage.name, done.out[-3000:], done.err[-3000:])
            found.calls.append(len(stack.journal(start, mutating=True)))
            assert stack.cardops("plan", "--write-role", "--detailed-exitcode").code == 0
            found.after.append(stack.save())
            found.ends.append(end_state(stack))
        yield found
        stack.close()


def test_the_undisturbed_year_keeps_every_promise(year: Year) -> None:
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


NAMES = [stage.name for stage in STAGES]
NOTE = {"additional_information": {"ethical_considerations": "noted between two runs"}}
LATER = {"/cards/churn/left at: expected the live version, found an earlier one"}
"""What was contributed when nothing of the card was left to write is not in what cardops remembers, on purpose."""
POINTS = 1 if os.environ.get("FAULTS") == "full" else 3
"""Every so many calls a contribution comes between the runs."""


@pytest.mark.parametrize("stage", range(len(STAGES)), ids=NAMES)
def test_the_same_commit_again_ends_in_the_same_state(year: Year, stage: int) -> None:
    for at in range(1, year.calls[stage] + 1):
        assert year.kill(stage, at), f"the apply of {NAMES[stage]} had fewer than {at} calls"
        again = year.stack.now()
        done = year.stack.apply()
        assert done.code == 0, (at, done.out[-2000:], done.err[-2000:])
        assert differences(year.ends[stage], end_state(year.stack)) == [], f"killed after call {at}"
        assert year.watch([(year.turns[stage], stage, False), (again, stage, True)]) == [], f"killed after call {at}"


@pytest.mark.parametrize("stage", range(len(STAGES) - 1), ids=NAMES[:-1])
def test_another_commit_ends_in_that_commits_state_and_nothing_comes_back(year: Year, stage: int) -> None:
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
def test_what_is_contributed_between_the_runs_is_kept(year: Year, stage: int) -> None:
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


def test_before_a_call_is_what_was_after_the_one_before(year: Year) -> None:
    stage = NAMES.index("rework")
    for at in range(1, year.calls[stage], POINTS):
        done = []
        for number, after in ((at, True), (at + 1, False)):
            assert year.kill(stage, number, after)
            calls = year.stack.journal(year.turns[stage], mutating=True)
            done.append([(call["account"], call["operation"], call["parameters"]) for call in calls])
        assert done[0] == done[1]
        assert len(done[0]) == at
