"""A model package's approval follows its card, withdrawn first and approved last; what others decided is not undone."""

from collections.abc import Mapping

import pytest

from cardops.model.desired import Card, ModelPackage, Status
from cardops.model.observed import Observed
from cardops.model.registry import MARK_APPROVAL, MARK_REPOSITORY, Approval, ObservedPackage, PackageKey, Packages
from cardops.plan.steps import Phase, Plan, SetApproval
from support.builders import (
    APPROVED,
    ARCHIVED,
    DRAFT,
    HOME,
    PENDING,
    PROD,
    READ,
    REPO,
    card,
    desired,
    grant,
    kinds,
    live,
    observed,
    only,
    phases,
    planned,
    ram_share,
    rules,
    share,
    words,
)

PACKAGE = ModelPackage("churn", 3)
KEY = PackageKey(*HOME, "churn", 3)


def marks(approval: Approval, repository: str = REPO) -> Mapping[str, str]:
    return {MARK_REPOSITORY: repository, MARK_APPROVAL: approval.value}


def registered(approval: Approval, left: Mapping[str, str] | None = None) -> Packages:
    return Packages({KEY: ObservedPackage(KEY, approval, left or {})})


def following(status: Status, **more: object) -> Card:
    return card(status=status, model_package=PACKAGE, **more)


def seen(packages: Packages, before: Card, **more: object) -> Observed:
    return observed(live(before), packages=packages, **more)


def plan_of(after: Card, before: Card, packages: Packages, base: bool = True, **more: object) -> Plan:
    return planned(desired(after), seen(packages, before), bases=[before] if base else [], **more)


@pytest.mark.parametrize(
    ("status", "approval"),
    [
        (DRAFT, Approval.PENDING),
        (PENDING, Approval.PENDING),
        (APPROVED, Approval.APPROVED),
        (ARCHIVED, Approval.REJECTED),
    ],
)
def test_each_status_means_one_approval_and_an_equal_one_is_left_alone(status: Status, approval: Approval) -> None:
    others = [one for one in Approval if one is not approval]
    assert kinds(plan_of(following(status), following(status), registered(approval))) == []
    for other in others:
        found = plan_of(following(status), following(status), registered(other, marks(other)))
        action = found.steps[0].action
        assert isinstance(action, SetApproval)
        assert (action.approval, action.seen) == (approval, other)
        assert found.differences() == list(found.steps)


def test_an_approval_is_the_last_step_and_its_card_comes_first() -> None:
    after = following(APPROVED)
    lives = share(grant("ml-prod", "read", APPROVED))
    found = planned(
        desired(after, shares=[lives]),
        seen(registered(Approval.PENDING), following(PENDING)),
        bases=[following(PENDING)],
    )
    assert kinds(found) == ["promote", "share", "approve-package"]
    assert only(found, "approve-package").cards == {after.key}
    assert not only(found, "approve-package").narrowing


@pytest.mark.parametrize("status", [DRAFT, ARCHIVED])
def test_a_withdrawal_comes_before_the_demotion_and_after_the_access_ended(status: Status) -> None:
    before, after = following(APPROVED), following(status)
    lives = share(grant("ml-prod", "read", APPROVED))
    found = planned(
        desired(after, shares=[lives]),
        seen(registered(Approval.APPROVED, marks(Approval.APPROVED)), before, shares=[ram_share(PROD, READ)]),
        bases=[before],
    )
    assert kinds(found)[:3] == ["revoke", "withdraw-package", "demote" if status is DRAFT else "archive"]
    assert phases(found) == sorted(phases(found))
    assert only(found, "withdraw-package").phase is Phase.WITHDRAW
    assert only(found, "withdraw-package").narrowing


def test_a_held_card_is_not_approved_in_the_registry_but_withdrawn() -> None:
    before = following(PENDING)
    conflicting = live(before, content=words("theirs"))
    after = following(APPROVED, content=words("ours"))
    found = planned(desired(after), observed(conflicting, packages=registered(Approval.PENDING)), bases=[before])
    assert found.held
    assert kinds(found) == []
    approved = registered(Approval.APPROVED, marks(Approval.APPROVED))
    back = following(DRAFT, content=words("ours"))
    found = planned(
        desired(back),
        observed(live(following(APPROVED), content=words("theirs")), packages=approved),
        bases=[following(APPROVED)],
    )
    assert kinds(found) == ["withdraw-package", "demote"]


@pytest.mark.parametrize("left", [{}, marks(Approval.PENDING), marks(Approval.APPROVED, "another-1a2b")])
def test_an_approval_that_somebody_else_gave_is_reported_and_stays(left: Mapping[str, str]) -> None:
    found = plan_of(following(PENDING), following(PENDING), registered(Approval.APPROVED, left))
    assert kinds(found) == []
    assert rules(found) == ["registry/moved-by-hand"]
    assert "the model package churn/3 is Approved" in found.findings[0].message
    assert "set the package to PendingManualApproval" in found.findings[0].hint
    assert found.held == {}


@pytest.mark.parametrize("by_hand", [Approval.REJECTED, Approval.PENDING])
def test_an_approval_that_somebody_took_back_is_not_given_again(by_hand: Approval) -> None:
    left = marks(Approval.APPROVED)
    found = plan_of(following(APPROVED), following(APPROVED), registered(by_hand, left), base=False)
    assert (kinds(found), rules(found)) == ([], ["registry/moved-by-hand"])


def test_a_rejection_by_hand_stops_the_approval_of_the_package_not_of_the_card() -> None:
    found = plan_of(following(APPROVED), following(PENDING), registered(Approval.REJECTED))
    assert (kinds(found), rules(found)) == (["promote"], ["registry/moved-by-hand"])


def test_a_new_decision_of_git_narrows_even_what_somebody_moved_and_says_so() -> None:
    found = plan_of(following(ARCHIVED), following(PENDING), registered(Approval.APPROVED))
    assert kinds(found) == ["withdraw-package", "archive"]
    assert "somebody else had made the package Approved" in only(found, "withdraw-package").reason


def test_a_package_put_back_by_hand_follows_again() -> None:
    """The marks still say Approved; what git last declared explains the live approval all the same."""
    stale = registered(Approval.PENDING, marks(Approval.APPROVED))
    assert kinds(plan_of(following(APPROVED), following(PENDING), stale)) == ["promote", "approve-package"]


def test_a_run_that_ended_before_the_registry_is_finished_by_the_next() -> None:
    """The card carries the new declaration already, so the base says Approved; nobody touched the package."""
    done = following(APPROVED)
    assert kinds(plan_of(done, done, registered(Approval.PENDING))) == ["approve-package"]
    assert kinds(plan_of(done, done, registered(Approval.PENDING, marks(Approval.PENDING)))) == ["approve-package"]


def test_a_missing_package_is_named_and_the_card_goes_on() -> None:
    found = plan_of(following(APPROVED), following(PENDING), Packages())
    assert (kinds(found), rules(found)) == (["promote"], ["registry/missing-package"])
    assert "there is no model package churn/3 in 111111111111/eu-west-1" in found.findings[0].message


def test_an_unreadable_registry_is_not_a_missing_package() -> None:
    unread = Packages(unknown={(*HOME, "churn"): "denied"})
    found = plan_of(following(APPROVED), following(PENDING), unread)
    assert (kinds(found), rules(found)) == (["promote"], ["registry/unreadable"])


def test_nothing_is_said_of_packages_where_the_place_is_unknown() -> None:
    found = planned(desired(following(APPROVED)), observed(unknown={HOME: "no route"}))
    assert (kinds(found), rules(found)) == ([], [])


OTHER = ModelPackage("churn", 4)
OTHER_KEY = PackageKey(*HOME, "churn", 4)


def both(approval: Approval = Approval.APPROVED, other: Approval = Approval.PENDING) -> Packages:
    return Packages(
        {
            KEY: ObservedPackage(KEY, approval, marks(approval)),
            OTHER_KEY: ObservedPackage(OTHER_KEY, other, marks(other)),
        }
    )


@pytest.mark.parametrize(
    ("after", "steps"),
    [
        (card(status=APPROVED), ["withdraw-package"]),
        (card(status=APPROVED, model_package=OTHER), ["withdraw-package", "approve-package"]),
        (card(status=DRAFT), ["withdraw-package"]),
        (card(status=ARCHIVED), ["withdraw-package"]),
    ],
    ids=["dropped", "repointed", "dropped and demoted", "dropped and archived"],
)
@pytest.mark.parametrize("held", [False, True])
def test_a_package_that_its_card_no_longer_names_is_withdrawn_at_once(
    after: Card, steps: list[str], held: bool
) -> None:
    """It waits for no sign-off, since it only takes away; a new one is approved with everything else of the card."""
    before = following(APPROVED)
    plan = plan_of(after, before, both(), blocked={after.key: "signoff/missing"} if held else {})
    found = [step for step in plan.steps if step.kind.endswith("package")]
    assert [step.kind for step in found] == steps[:1] if held else steps
    assert (found[0].key, found[0].phase) == (f"{'/'.join(HOME)}/package/{KEY}", Phase.WITHDRAW)
    assert found[0].reason == "churn no longer names it"


def test_a_package_that_another_card_names_now_stays_with_that_card() -> None:
    before = following(APPROVED)
    taker = card("taker", APPROVED, model_package=PACKAGE)
    plan = planned(
        desired(card(status=APPROVED), taker),
        observed(live(before), live(taker), packages=both()),
        bases=[before, taker],
    )
    assert not [step for step in plan.steps if step.kind.endswith("package")]


@pytest.mark.parametrize("base", [PENDING, DRAFT])
def test_an_approval_that_cardops_never_gave_is_not_withdrawn_with_the_name(base: Status) -> None:
    mine = Packages({KEY: ObservedPackage(KEY, Approval.APPROVED, {})})
    assert kinds(plan_of(card(status=base), following(base), mine)) == []


@pytest.mark.parametrize("seen_status", [DRAFT, PENDING, None])
def test_the_package_of_a_card_that_waits_follows_the_card_and_not_what_git_declares(
    seen_status: Status | None,
) -> None:
    after = following(APPROVED)
    there = [live(following(seen_status))] if seen_status else []
    plan = planned(desired(after), observed(*there, packages=both()), blocked={after.key: "a rule"})
    assert kinds(plan) == ["withdraw-package"]
