"""What runs without a plan that somebody saw: it ends access and approvals, and nothing else."""

import pytest

from cardops.apply.polling import Poller
from cardops.model.desired import Status
from cardops.plan.actions import AddPermissionVersion, ReplacePermission
from cardops.plan.emergency import narrowing_steps
from cardops.plan.steps import Action, DeleteCard, Phase, Plan, SetStatus, SetTags, Step
from support.builders import HOME, NEW, REPO
from support.replacing import replace

ELSEWHERE = replace(HOME, region="eu-north-1")
TAGS = SetTags({})


def step(phase: Phase, action: Action = TAGS, resource: str = "read-1") -> Step:
    return Step(phase, "any", HOME, resource, f"{phase.name} {resource}", "because", action)


def kept(*steps: Step, brake: bool = False) -> list[str]:
    return [one.key for one in narrowing_steps(Plan(REPO, NEW, steps), brake)]


@pytest.mark.parametrize("brake", [False, True])
def test_what_ends_access_runs_and_nothing_else(brake: bool) -> None:
    ends = [Phase.LOCK, Phase.REVOKE, Phase.NARROW, Phase.WITHDRAW]
    assert kept(*map(step, Phase), brake=brake) == [
        f"{phase.name} read-1" for phase in Phase if phase in ends or (brake and phase is Phase.DEMOTE)
    ]


@pytest.mark.parametrize(
    ("kind", "status", "seen", "runs"),
    [
        ("demote", Status.PENDING_REVIEW, Status.APPROVED, True),
        ("demote", Status.DRAFT, Status.APPROVED, True),
        ("demote", Status.DRAFT, Status.PENDING_REVIEW, False),
        ("archive", Status.ARCHIVED, Status.APPROVED, False),
        ("retire", Status.ARCHIVED, Status.DRAFT, False),
    ],
)
def test_an_approval_that_git_does_not_declare_ends_within_the_hour(
    kind: str, status: Status, seen: Status, runs: bool
) -> None:
    """Whoever may write a card may set its status; archiving is for good, so somebody has to have seen it."""
    one = replace(step(Phase.DEMOTE, SetStatus(status, seen)), kind=kind)
    assert bool(kept(one)) is runs
    assert kept(one, brake=True)


def test_nothing_is_deleted() -> None:
    assert kept(step(Phase.DEMOTE, DeleteCard(1, Status.DRAFT)), brake=True) == []


def test_a_permission_is_made_only_where_a_share_takes_it_up() -> None:
    made = step(Phase.PREPARE, AddPermissionVersion("arn", "{}"))
    other = step(Phase.PREPARE, AddPermissionVersion("arn", "{}"), "read-2")
    taken = step(Phase.NARROW, ReplacePermission("share", "arn:aws:ram::1:permission/read-1"), "share")
    assert kept(made, other, taken) == ["PREPARE read-1", "NARROW share"]
    assert kept(made, other, replace(taken, place=ELSEWHERE)) == ["NARROW share"]
    assert kept(made, other, replace(taken, phase=Phase.WIDEN)) == []


def test_waiting_pauses_longer_each_time_and_ends() -> None:
    paused: list[float] = []
    told: list[str] = []
    assert Poller(told.append, paused.append, 20.0).until(lambda: "RAM") == "RAM"
    assert paused == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert told[:2] == ["waiting for RAM, 0 s so far", "waiting for RAM, 0 s so far"]
    assert told[-1] == "waiting for RAM, 16 s so far"


def test_who_has_waited_long_enough_looks_once_more() -> None:
    looks = iter(["RAM", "RAM", "RAM"])
    paused: list[float] = []
    assert Poller(pause=paused.append, longest=1.5).until(lambda: next(looks)) == "RAM"
    assert paused == [0.5, 1.0]


def test_nothing_to_wait_for_is_not_told() -> None:
    told: list[str] = []
    looks = iter(["RAM", ""])
    assert Poller(told.append, lambda _: None).until(lambda: next(looks)) == ""
    assert told == ["waiting for RAM, 0 s so far"]
