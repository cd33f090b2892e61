"""Hub copies follow their origin's content, never run ahead of its status, and keep what others wrote."""

from typing import Any

import pytest

from cardops.desired.hub_copies import carried_content, source_digest
from cardops.model import canonical
from cardops.model.desired import DIGEST, AccountRegion, Card, CardKey, HubOrigin, ModelPackage, Status
from cardops.model.observed import ObservedCard
from cardops.model.registry import MARK_APPROVAL, MARK_REPOSITORY, Approval, ObservedPackage, PackageKey, Packages
from cardops.plan.approvals import Approval as SignOff
from cardops.plan.steps import CreateCard, Phase, Plan, SetStatus, WriteContent
from support.builders import (
    APPROVED,
    ARCHIVED,
    DEV,
    DRAFT,
    HOME,
    PENDING,
    PROD,
    READ,
    REGION,
    REPO,
    card,
    desired,
    grant,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    rules,
    share,
    words,
)
from support.replacing import replace

SPOKE = AccountRegion(DEV, REGION)
TIME = "2026-06-01T10:00:00+00:00"


def origin(status: Status = DRAFT, purpose: str = "spoke", version: int = 7, **more: Any) -> ObservedCard:
    return ObservedCard(
        CardKey(*SPOKE, "churn"), status, version, canonical.to_bytes(words(purpose)), modified=TIME, **more
    )


def copy(status: Status = DRAFT, **more: Any) -> Card:
    return card("hub-churn", status, {}, origin=HubOrigin("ml-dev", "churn"), **more)


def left(spoke: ObservedCard, status: Status = DRAFT, content: Any = None, **more: Any) -> ObservedCard:
    """The live copy as an apply left it when the spoke was `spoke`."""
    sent = canonical.from_bytes(carried_content(spoke)) if content is None else content
    return live(copy(status), content=sent, tags={DIGEST: source_digest(spoke), **more.pop("tags", {})}, **more)


def last(spoke: ObservedCard, status: Status = DRAFT) -> Card:
    """The base: git's declaration then, with the content that the copy was left with."""
    return replace(copy(status), text=carried_content(spoke))


def plan_of(
    wanted: Card, found: ObservedCard | None, spoke: ObservedCard | None, *more: Card, base: Card | None = None
) -> Plan:
    origins = {spoke.key: spoke} if spoke else {}
    world = observed(*([found] if found else []), origins=origins)
    return planned(desired(wanted, *more), world, bases=[base] if base else [])


def test_a_new_copy_is_made_with_the_spokes_content_and_provenance() -> None:
    action = only(plan_of(copy(), None, origin()), "create").action
    assert isinstance(action, CreateCard)
    assert action.card.content == carried_content(origin())
    assert action.tags[DIGEST] == source_digest(origin())


def test_a_moved_spoke_moves_the_copy() -> None:
    found = plan_of(copy(), left(origin()), origin(purpose="newer", version=8), base=last(origin()))
    action = only(found, "update").action
    assert isinstance(action, WriteContent)
    assert action.content == carried_content(origin(purpose="newer", version=8))
    assert action.declared_digest == source_digest(origin(purpose="newer", version=8))
    assert only(found, "update").reason == "its origin moved"
    assert (rules(found), found.held) == ([], {})


def test_nothing_moved_is_proven_without_content() -> None:
    found = plan_of(copy(), replace(left(origin()), content=None), origin())
    assert (found.steps, found.findings, found.unchanged) == ((), (), 1)


def test_a_spoke_made_anew_at_the_same_version_is_not_the_same() -> None:
    found = plan_of(copy(), left(origin()), origin(purpose="another"), base=last(origin()))
    assert kinds(found) == ["update"]


@pytest.mark.parametrize(("declared", "has"), [(PENDING, DRAFT), (APPROVED, DRAFT), (APPROVED, PENDING)])
def test_a_copy_ahead_of_its_origin_waits_and_is_told_what_the_origin_has(declared: Status, has: Status) -> None:
    found = plan_of(copy(declared), left(origin()), origin(has), base=last(origin()))
    assert (kinds(found), rules(found)) == ([], ["hub/ahead"])
    assert f"git declares {declared} and ml-dev/churn is {has}" in found.findings[0].message
    assert found.held.keys() == {copy().key}


def test_a_copy_falls_back_with_its_origin_and_takes_its_readers_with_it() -> None:
    reviewed = origin(APPROVED)
    world = observed(
        left(reviewed, APPROVED),
        shares=[ram_share(PROD, READ, ["hub-churn"])],
        origins={reviewed.key: origin(DRAFT)},
    )
    lives = share(grant("ml-prod", "read", APPROVED))
    signed = {copy().key: SignOff(("risk-lead",))}
    found = planned(desired(copy(APPROVED), shares=[lives]), world, bases=[last(reviewed, APPROVED)], approvals=signed)
    assert kinds(found) == ["revoke", "demote"]
    action = only(found, "demote").action
    assert isinstance(action, SetStatus)
    assert (action.status, action.signed) == (DRAFT, {})
    assert rules(found) == ["hub/ahead"]


def test_a_copys_package_follows_the_status_that_the_origin_allows() -> None:
    key = PackageKey(*HOME, "churn", 1)
    marks = {MARK_REPOSITORY: REPO, MARK_APPROVAL: Approval.APPROVED.value}
    world = observed(
        left(origin(APPROVED), APPROVED),
        origins={origin().key: origin(DRAFT)},
        packages=Packages({key: ObservedPackage(key, Approval.APPROVED, marks)}),
    )
    wanted = copy(APPROVED, model_package=ModelPackage("churn", 1))
    found = planned(desired(wanted), world, bases=[last(origin(), APPROVED)])
    assert kinds(found) == ["withdraw-package", "demote"]


def test_a_copy_behind_its_origin_is_as_declared() -> None:
    found = plan_of(copy(PENDING), left(origin(APPROVED)), origin(APPROVED), base=last(origin()))
    assert kinds(found) == ["promote"]
    assert (rules(found), found.held) == ([], {})


def test_an_approval_names_the_content_that_must_be_live() -> None:
    found = plan_of(copy(APPROVED), left(origin(APPROVED), PENDING), origin(APPROVED), base=last(origin(), PENDING))
    action = only(found, "promote").action
    assert isinstance(action, SetStatus)
    assert action.reviewed == canonical.digest(carried_content(origin()))
    assert action.declared_digest == source_digest(origin())


@pytest.mark.parametrize("now", [APPROVED, PENDING])
def test_nothing_goes_into_an_approved_copy_unreviewed(now: Status) -> None:
    moved = origin(APPROVED, "newer", 8)
    found = plan_of(copy(APPROVED), left(origin(), now), moved, base=last(origin(), now))
    assert (kinds(found), rules(found)) == ([], ["hub/not-reviewed"])
    assert "ml-dev/churn is at version 8" in found.findings[0].message
    assert "declare the copy PendingReview" in found.findings[0].hint


def test_a_new_copy_is_not_approved_at_birth() -> None:
    found = plan_of(copy(APPROVED), None, origin(APPROVED))
    assert (kinds(found), rules(found)) == ([], ["hub/not-reviewed"])


def test_the_way_out_works() -> None:
    moved = origin(APPROVED, "newer", 8)
    found = plan_of(copy(PENDING), left(origin(), APPROVED), moved, base=last(origin(), APPROVED))
    assert kinds(found) == ["demote", "update"]
    assert (rules(found), found.held) == ([], {})


def test_what_somebody_wrote_into_the_copy_stays_and_is_reported() -> None:
    edited = left(
        origin(), content=canonical.from_bytes(carried_content(origin())) | {"business_details": {}}, version=2
    )
    for spoke in (origin(), origin(purpose="newer", version=8)):
        found = plan_of(copy(), edited, spoke, base=last(origin()))
        assert (kinds(found), rules(found)) == ([], ["hub/edited"])
        assert "(content.business_details)" in found.findings[0].message
        assert "write it into ml-dev/churn" in found.findings[0].hint


def test_what_came_back_through_the_spoke_ends_the_wait() -> None:
    edited = left(
        origin(), content=canonical.from_bytes(carried_content(origin())) | {"business_details": {}}, version=2
    )
    content = canonical.to_bytes(words("spoke") | {"business_details": {}})
    spoke = replace(origin(version=8), content=content)
    found = plan_of(copy(), edited, spoke, base=last(origin()))
    assert (kinds(found), rules(found)) == (["update"], [])


def test_a_copy_without_a_known_base_holds_rather_than_overwrites() -> None:
    found = plan_of(copy(), left(origin(), version=2), origin(purpose="newer", version=8))
    assert (kinds(found), rules(found)) == ([], ["hub/edited"])


def test_an_unreachable_spoke_leaves_the_copy_and_the_others_go_on() -> None:
    world = observed(left(origin()), live(card("risk")), unknown={SPOKE: "no route"})
    after = card("risk", content=words("second"))
    found = planned(desired(copy(PENDING), after), world, bases=[card("risk"), last(origin())])
    assert [(step.kind, step.resource) for step in found.steps] == [("update", "risk")]
    assert found.held == {copy().key: "its origin ml-dev/churn could not be read; the copy stays as it is"}


@pytest.mark.parametrize("status", [ARCHIVED, DRAFT])
def test_narrowing_does_not_wait_for_an_unreachable_spoke(status: Status) -> None:
    world = observed(left(origin(), APPROVED), unknown={SPOKE: "no route"})
    found = planned(desired(copy(status)), world, bases=[last(origin(), APPROVED)])
    assert [step.phase for step in found.steps] == [Phase.DEMOTE]


def test_a_missing_origin_is_named_and_the_copy_stays() -> None:
    found = plan_of(copy(), left(origin()), None, base=last(origin()))
    assert (kinds(found), rules(found)) == ([], ["hub/missing-origin"])
    assert "its origin ml-dev/churn does not exist" in found.findings[0].message
    gone = plan_of(copy(), left(origin()), origin(processing="DeletePending"), base=last(origin()))
    assert "is being deleted" in gone.findings[0].message


def test_an_archived_copy_follows_nothing_any_more() -> None:
    moved = origin(purpose="newer", version=8)
    found = plan_of(copy(ARCHIVED), left(origin(), ARCHIVED), moved, base=last(origin(), ARCHIVED))
    assert (found.steps, found.findings) == ((), ())
    found = plan_of(copy(ARCHIVED), left(origin()), moved, base=last(origin()))
    assert kinds(found) == ["archive"]


def test_a_copy_too_long_for_aws_waits() -> None:
    long = "x" * 99_900
    found = plan_of(copy(), left(origin()), origin(purpose=long, version=8), base=last(origin()))
    assert (kinds(found), rules(found)) == ([], ["hub/too-long"])
    assert long not in str(found.findings[0])


def test_a_spoke_that_git_declares_goes_first_and_the_plan_says_that_the_copy_follows() -> None:
    spoke = card("churn", content=words("spoke"), place=SPOKE)
    now = replace(live(spoke), modified=TIME)
    after = card("churn", content=words("newer"), place=SPOKE)
    world = observed(left(now), now, origins={now.key: now})
    found = planned(desired(copy(), after), world, bases=[last(now), spoke])
    assert [(step.kind, step.resource) for step in found.steps] == [("update", "churn")]
    assert rules(found) == ["hub/follows"]
    assert found.findings[0].level == "warn"


def test_a_copy_waits_for_a_spoke_that_this_plan_makes_or_promotes() -> None:
    spoke = card("churn", PENDING, place=SPOKE)
    found = planned(desired(copy(PENDING), spoke), observed())
    assert [(step.kind, step.resource) for step in found.steps] == [("create", "churn"), ("promote", "churn")]
    assert rules(found) == ["hub/follows"]
    before = live(card("churn", DRAFT, place=SPOKE))
    world = observed(left(before), before, origins={before.key: before})
    found = planned(desired(copy(PENDING), spoke), world, bases=[last(before), card("churn", place=SPOKE)])
    assert [(step.kind, step.resource) for step in found.steps] == [("promote", "churn")]
    assert rules(found) == ["hub/follows"]


def test_a_copy_falls_back_before_the_spoke_that_git_demotes() -> None:
    before = live(card("churn", APPROVED, place=SPOKE))
    world = observed(left(before, APPROVED), before, origins={before.key: before})
    after = card("churn", DRAFT, place=SPOKE)
    found = planned(desired(copy(APPROVED), after), world, bases=[last(before, APPROVED)])
    assert [(step.kind, step.place.account) for step in found.steps] == [("demote", HOME.account), ("demote", DEV)]
    assert rules(found) == ["hub/ahead"]
