"""Two applies at once, and people who click in the console meanwhile: nothing is lost, nothing is there twice.

The other one comes as a whole between two calls of the first, at any call: that is the worst it can do to a plan
that was made before. CI serialises applies; this is what happens where nobody does.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from cardops.sandbox.core.server import Sandbox
from support.fault_scenario import NAMES, POINTS, STAGES, associated, differences, end_state, shares
from support.killable_workspace import KillableWorkspace
from support.undisturbed_run import UndisturbedRun
from support.workspace import OWNER, PERMITTING, Done, Workspace

pytestmark = pytest.mark.slow

REASONS = (
    "the plan saw",
    "was written meanwhile",
    "plan again",
    "already exists",
    "Model Card is in Archived state",
    "is DELETED",
    "does not exist",
    "could not be found",
    "RAM could not associate",
    "is not the reviewed content",
    "still lets others write it",
)
NOTE = {"additional_information": {"ethical_considerations": "noted in the console"}}


def between(year: UndisturbedRun, stage: int, at: int, other: Callable[[], object]) -> Done:
    """An apply of a stage, with something else before its n-th mutating call."""
    year.stack.restore(year.before[stage])
    year.checkout(stage)
    year.stack.wire.on_call = (at, other)
    done = year.stack.apply()
    year.stack.wire.on_call = None
    return done


def demand_reason(done: Done, at: int) -> None:
    """Exit 0, or 3 with the reason on every line that tells of something undone; or access is not as declared."""
    assert done.code in (0, 3), (at, done)
    undone = [line for line in done.out.splitlines() if line.strip().startswith(("failed", "held"))]
    differing = [line for line in done.out.splitlines() if ": access/" in line and " deny: " in line]
    assert bool(undone or differing) == (done.code == 3), (at, done.out)
    for line in undone:
        assert any(reason in line for reason in REASONS), (at, line)


def demand_single_shares(stack: KillableWorkspace, most: int = 0) -> None:
    """One live share a grant, or `most` grants with two: between a look and a call nobody can look again."""
    live = [row for row in shares(stack) if row["status"] == "ACTIVE"]
    grants = Counter(tag["value"] for row in live for tag in row["tags"] if tag["key"] == "cardops:grant")
    assert len([grant for grant, number in grants.items() if number > 1]) <= most


@pytest.mark.parametrize("stage", [0, 1, 3, 4], ids=[NAMES[number] for number in (0, 1, 3, 4)])
def test_the_same_commit_twice_at_once(year: UndisturbedRun, stage: int) -> None:
    for at in range(1, year.calls[stage] + 1, POINTS):
        others: list[Done] = []

        def again(others: list[Done] = others) -> None:
            others.append(year.stack.apply())

        done = between(year, stage, at, again)
        assert [other.code for other in others] == [0], (at, others)
        demand_reason(done, at)
        demand_single_shares(year.stack)
        assert year.stack.apply().code == 0
        assert differences(year.ends[stage], end_state(year.stack)) == [], f"the other one came before call {at}"


@pytest.mark.parametrize("stage", range(len(STAGES) - 1), ids=NAMES[:-1])
def test_the_next_commit_overtakes(year: UndisturbedRun, stage: int) -> None:
    """The older one finishes what it planned where nothing moved; the next apply of the newer one has the last word."""
    for at in range(2, year.calls[stage] + 1, 2 * POINTS):
        others: list[Done] = []
        contributed: list[frozenset[str]] = []

        def overtake(others: list[Done] = others, contributed: list[frozenset[str]] = contributed) -> None:
            contributed.append(STAGES[stage + 1].before(year.stack))
            year.checkout(stage + 1)
            others.append(year.stack.apply())

        done = between(year, stage, at, overtake)
        assert [other.code for other in others] == [0], (at, others)
        demand_reason(done, at)
        demand_single_shares(year.stack, most=1)
        again = year.stack.apply()
        assert again.code == 0, (at, again)
        demand_single_shares(year.stack)
        lost = year.contributed[stage + 1] - contributed[0]
        assert differences(year.expected(stage + 1, lost), end_state(year.stack)) == [], f"overtaken before call {at}"


def test_a_stale_run_is_refused_once_the_newer_commit_is_live(year: UndisturbedRun) -> None:
    year.stack.restore(year.after[2])
    year.checkout(1)
    start = year.stack.now()
    done = year.stack.apply()
    assert done.code == 3
    assert f"AWS carries commit {year.commits[2][:12]}" in done.err
    assert year.stack.journal(start, mutating=True) == []


@pytest.mark.parametrize("stage", [1, 3, 4], ids=[NAMES[number] for number in (1, 3, 4)])
def test_what_somebody_writes_meanwhile_is_kept(year: UndisturbedRun, stage: int) -> None:
    def write() -> None:
        live = year.stack.live("churn")["content"]
        year.stack.client(OWNER).update_model_card(ModelCardName="churn", Content=json.dumps(live | NOTE))

    for at in range(1, year.calls[stage] + 1, POINTS):
        done = between(year, stage, at, write)
        demand_reason(done, at)
        again = year.stack.apply()
        assert again.code == 0, (at, again)
        expected = year.expected(stage, (), NOTE)
        found = differences(expected, end_state(year.stack))
        assert [line for line in found if not line.startswith("/cards/churn/left at")] == [], f"before call {at}"


def test_an_approval_never_covers_what_somebody_writes_meanwhile(year: UndisturbedRun) -> None:
    stage = NAMES.index("approve")
    for at in range(1, year.calls[stage] + 1):
        before: list[str] = []

        def write(before: list[str] = before) -> None:
            live = year.stack.live("churn")
            before.append(live["status"])
            year.stack.client(OWNER).update_model_card(
                ModelCardName="churn", Content=json.dumps(live["content"] | NOTE)
            )

        done = between(year, stage, at, write)
        live = year.stack.live("churn")
        assert {**live["content"], **NOTE} == live["content"]
        if before == ["PendingReview"]:
            assert (done.code, live["status"]) == (3, "PendingReview"), (at, done.out)
            assert "bring it into git with `cardops pull`" in done.out or "the plan saw" in done.out, (at, done.out)
            assert "bring it into git with `cardops pull`" in year.stack.apply().out
        else:
            found = year.stack.cardops("drift")
            assert "churn" in found.out, "an approved card that is written is tampering, which drift reports"


def test_a_share_that_somebody_ends_meanwhile_comes_back(year: UndisturbedRun) -> None:
    def end_all() -> None:
        for row in shares(year.stack):
            if row["status"] == "ACTIVE":
                ram = year.stack.client(OWNER, "ram")
                ram.delete_resource_share(resourceShareArn=row["resourceShareArn"])

    for stage in (1, 4):
        for at in range(1, year.calls[stage] + 1, POINTS):
            done = between(year, stage, at, end_all)
            demand_reason(done, at)
            again = year.stack.apply()
            assert again.code == 0, (at, again)
            demand_single_shares(year.stack)
            found = differences(_access(year.ends[stage]), _access(end_state(year.stack)))
            assert found == [], f"ended before call {at}"


def _access(end: dict[str, Any]) -> list[Any]:
    """Names and entities: a share that was made anew is not the same one."""
    return sorted(([one["name"], one["held"]] for one in end["shares"]), key=str)


def test_two_processes_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Sandbox(options=PERMITTING) as sandbox:
        world = Workspace(tmp_path_factory.mktemp("two") / "repository", sandbox.url)
        for name in ("a", "b", "c", "d"):
            world.card(name, "PendingReview")
        world.commit()
        racing = [world.start("apply", "--outside-ci") for _ in range(2)]
        ended = []
        for process in racing:
            with process:
                out, err = process.communicate(timeout=120)
            ended.append(Done(process.returncode, out, err))
        for done in ended:
            demand_reason(done, 0)
        assert world.apply().code == 0
        created = [call for call in world.journal(mutating=True) if call["operation"] == "CreateModelCard"]
        assert sorted(call["parameters"]["ModelCardName"] for call in created if not call["error"]) == list("abcd")
        assert world.access("a") == {"ml-dev": "write", "ml-test": "read", "ml-prod": ""}
        live = [row for row in shares(world) if row["status"] == "ACTIVE"]
        assert len({row["name"] for row in live}) == len(live)
        held = associated(world)
        assert {len(held[row["resourceShareArn"]]["RESOURCE"]) for row in live} == {4}
        world.close()
