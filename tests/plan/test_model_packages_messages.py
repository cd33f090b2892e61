"""What a plan does to model packages and says of them, whole."""

from typing import Any

import pytest

from cardops.merge.diff import Change
from cardops.model.desired import AccountRegion, ModelPackage
from cardops.model.registry import MARK_APPROVAL, MARK_REPOSITORY, Approval, ObservedPackage, PackageKey, Packages
from cardops.plan.steps import Phase, Plan, SetApproval, Step
from support.builders import (
    APPROVED,
    ARCHIVED,
    DRAFT,
    HOME,
    OWNER,
    REGION,
    REPO,
    card,
    desired,
    kinds,
    live,
    observed,
    planned,
    rules,
    told,
)
from support.replacing import replace

CARD = card()
KEY = CARD.key


PACKAGE = PackageKey(*HOME, "group", 3)


def packaged(status: Any, approval: Approval, left: str = "", base: Any = None, **more: Any) -> Plan:
    wanted = card(status=status, model_package=ModelPackage("group", 3))
    marks = {MARK_REPOSITORY: REPO, MARK_APPROVAL: left} if left else {}
    packages = Packages({PACKAGE: ObservedPackage(PACKAGE, approval, marks)})
    bases = [replace(wanted, status=base)] if base else []
    return planned(desired(wanted), observed(live(wanted), packages=packages), bases=bases, **more)


@pytest.mark.parametrize(
    ("status", "before", "wanted", "phase", "kind"),
    [
        (APPROVED, Approval.PENDING, Approval.APPROVED, Phase.REGISTRY, "approve-package"),
        (DRAFT, Approval.REJECTED, Approval.PENDING, Phase.REGISTRY, "reopen-package"),
        (DRAFT, Approval.APPROVED, Approval.PENDING, Phase.WITHDRAW, "withdraw-package"),
        (ARCHIVED, Approval.PENDING, Approval.REJECTED, Phase.WITHDRAW, "withdraw-package"),
    ],
)
def test_a_step_about_a_package_is_told_whole(
    status: Any, before: Approval, wanted: Approval, phase: Phase, kind: str
) -> None:
    why = f"churn is {status}"
    assert packaged(status, before, before.value).steps == (
        Step(
            phase,
            kind,
            HOME,
            "group/3",
            f"{OWNER}/{REGION}/package/group/3",
            why,
            SetApproval("group", 3, wanted, before, why),
            (Change("approval", before.value, wanted.value),),
            before.value,
            frozenset({KEY}),
        ),
    )


def test_a_package_that_somebody_moved_is_narrowed_by_a_new_decision_which_says_so() -> None:
    (step,) = packaged(ARCHIVED, Approval.APPROVED, base=DRAFT).steps
    assert step.reason == "churn is Archived; somebody else had made the package Approved"
    assert packaged(ARCHIVED, Approval.APPROVED, base=ARCHIVED).steps == ()


@pytest.mark.parametrize(("left", "said"), [("", "cardops never set it"), ("Rejected", "cardops left it Rejected")])
def test_a_package_that_somebody_moved_is_told_whole(left: str, said: str) -> None:
    found = packaged(DRAFT, Approval.APPROVED, left)
    message = (
        f"churn: the model package group/3 is Approved, which is not cardops' doing ({said}); "
        "the card's status Draft means PendingManualApproval"
    )
    hint = "find out who decided so; then set the package to PendingManualApproval, or declare the status that fits"
    assert (found.steps, found.findings) == ((), (told("registry/moved-by-hand", message, hint),))


def test_another_package_than_git_last_declared_explains_nothing() -> None:
    wanted = card(model_package=ModelPackage("group", 3))
    packages = Packages({PACKAGE: ObservedPackage(PACKAGE, Approval.APPROVED)})
    base = replace(wanted, status=APPROVED, model_package=ModelPackage("group", 2))
    found = planned(desired(wanted), observed(live(wanted), packages=packages), bases=[base])
    assert (kinds(found), rules(found)) == ([], ["registry/moved-by-hand"])


def test_a_package_that_is_not_there_or_not_read_is_told_whole() -> None:
    wanted = card(model_package=ModelPackage("group", 3))
    missing = f"churn: there is no model package group/3 in {HOME}"
    hint = "register it, or correct model_package; the card's other steps go on"
    found = planned(desired(wanted), observed(live(wanted)))
    assert found.findings == (told("registry/missing-package", missing, hint),)
    unread = "churn: the model package group/3 could not be read: denied"
    hint = "let the role read the registry; the card's other steps go on"
    found = planned(desired(wanted), observed(live(wanted), packages=Packages({}, {(*HOME, "group"): "denied"})))
    assert found.findings == (told("registry/unreadable", unread, hint),)


def test_one_card_without_a_step_for_its_package_does_not_keep_the_others_from_theirs() -> None:
    package = ModelPackage("group", 3)
    elsewhere = AccountRegion("2" * 12, HOME.region)
    unread, missing = card("b", model_package=package, place=elsewhere), card("c", model_package=ModelPackage("no", 1))
    right = card("d", model_package=ModelPackage("group", 4))
    other = PackageKey(*HOME, "group", 4)
    packages = Packages(
        {
            PACKAGE: ObservedPackage(PACKAGE, Approval.REJECTED, {MARK_REPOSITORY: REPO, MARK_APPROVAL: "Rejected"}),
            other: ObservedPackage(other, Approval.PENDING),
        }
    )
    cards = [card("a"), unread, missing, right, card("e", model_package=package)]
    seen = observed(
        *(live(one) for one in cards if one is not unread), packages=packages, unknown={elsewhere: "denied"}
    )
    found = planned(desired(*cards), seen)
    assert [(step.kind, step.resource) for step in found.steps] == [("reopen-package", "group/3")]
    assert rules(found) == ["registry/missing-package"]
