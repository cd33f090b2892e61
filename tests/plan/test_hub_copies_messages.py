"""What a plan says of hub copies, whole."""

from typing import Any

import pytest

from cardops.desired.hub_copies import carried_content, source_digest
from cardops.model import canonical
from cardops.model.desired import AccountRegion, CardKey, HubOrigin
from cardops.model.findings import Finding, Location
from cardops.model.observed import ObservedCard
from cardops.plan.steps import Plan
from support.builders import (
    APPROVED,
    DEV,
    DRAFT,
    HOME,
    PENDING,
    REGION,
    card,
    desired,
    live,
    observed,
    planned,
    told,
    words,
)
from support.replacing import replace

CARD = card()


SPOKE = AccountRegion(DEV, REGION)


def origin(status: Any = DRAFT, version: int = 7, purpose: str = "spoke", **more: Any) -> ObservedCard:
    return ObservedCard(CardKey(*SPOKE, "churn"), status, version, canonical.to_bytes(words(purpose)), **more)


def copied(status: Any, has: ObservedCard | None, was: ObservedCard, was_status: Any = DRAFT, *spokes: Any) -> Plan:
    """The plan where the live copy is of `was`, and its origin is `has` now."""
    copy = card("hub", status, {}, origin=HubOrigin("ml-dev", "churn"))
    left = live(replace(copy, status=was_status), content=canonical.from_bytes(carried_content(was)))
    left = replace(left, tags=dict(left.tags) | {"cardops:digest": source_digest(was)})
    base = replace(copy, status=was_status, text=carried_content(was))
    seen = observed(left, *(live(spoke) for spoke in spokes), origins={has.key: has} if has else {})
    return planned(desired(copy, *spokes), seen, bases=[base, *spokes])


HUB = CardKey(*HOME, "hub")


def of_hub(rule: str, message: str, hint: str, level: Any = "deny") -> Finding:
    return told(rule, f"hub: {message}", hint, level, str(HUB), Location("cards/hub.yaml"))


def test_a_copy_ahead_of_its_origin_is_told_how_far_it_may_go() -> None:
    found = copied(APPROVED, origin(PENDING), origin())
    message = "git declares Approved and ml-dev/churn is PendingReview; a copy is never ahead of its origin"
    hint = "have ml-dev/churn moved on first, or declare at most PendingReview"
    assert found.findings == (of_hub("hub/ahead", message, hint),)
    assert found.held == {HUB: message}


def test_a_copy_whose_spoke_git_moves_on_waits_for_it_without_a_complaint() -> None:
    spoke = card("churn", PENDING, words("spoke"), place=SPOKE)
    found = copied(PENDING, origin(DRAFT), origin(), DRAFT, spoke)
    message = "git declares PendingReview and ml-dev/churn is Draft; the copy follows when it is PendingReview there"
    assert found.held == {HUB: message}
    assert [one for one in found.findings if one.rule == "hub/ahead"] == []


@pytest.mark.parametrize(("has", "said"), [(None, "does not exist"), (origin(processing="x"), "is being deleted")])
def test_a_copy_without_an_origin_is_told_whole(has: ObservedCard | None, said: str) -> None:
    found = copied(DRAFT, has, origin())
    message = f"its origin ml-dev/churn {said}"
    hint = f"correct aggregate_from, or have the card made in {REGION}; the copy stays as it is"
    assert (found.steps, found.findings) == ((), (of_hub("hub/missing-origin", message, hint),))
    assert found.held == {HUB: message}


def test_a_copy_of_a_spoke_that_is_not_made_yet_waits_for_it() -> None:
    copy = card("hub", DRAFT, {}, origin=HubOrigin("ml-dev", "churn"))
    found = planned(desired(copy, card("churn", place=SPOKE)), observed())
    assert found.held[HUB] == "its origin ml-dev/churn does not exist yet"
    follows = "this plan changes its origin ml-dev/churn; the copy follows with the next apply"
    assert found.findings == (of_hub("hub/follows", follows, "apply once more", "warn"),)


def test_nothing_unreviewed_goes_into_an_approved_copy_and_the_way_out_is_told() -> None:
    found = copied(APPROVED, origin(APPROVED, 8, "newer"), origin(APPROVED), APPROVED)
    message = (
        "ml-dev/churn is at version 8, and the copy does not have that content; "
        "nothing goes into an Approved copy unreviewed"
    )
    hint = "declare the copy PendingReview until it has it, have it reviewed there, then Approved"
    assert (found.steps, found.findings) == ((), (of_hub("hub/not-reviewed", message, hint),))


def test_a_copy_that_would_be_too_long_is_told_its_length() -> None:
    long = origin(version=8, purpose="x" * 99_900)
    found = copied(DRAFT, long, origin())
    length = len(carried_content(long, carried_content(origin())).decode())
    message = f"the copy would have {length:,} characters, provenance included; at most 100,000 are allowed"
    assert (found.steps, found.findings) == ((), (of_hub("hub/too-long", message, "shorten ml-dev/churn"),))


@pytest.mark.parametrize(("left", "version"), [({}, "1"), ({"cardops:version": None}, "?")])
def test_what_somebody_wrote_into_a_copy_is_named_at_most_five_times_with_the_way_back(left: Any, version: str) -> None:
    copy = card("hub", DRAFT, {}, origin=HubOrigin("ml-dev", "churn"))
    written: dict[str, Any] = {f"section_{number}": {} for number in range(6)}
    tags = {"cardops:digest": source_digest(origin())} | left
    edited = live(copy, content=canonical.from_bytes(carried_content(origin())) | written, version=2, tags=tags)
    base = replace(copy, text=carried_content(origin()))
    found = planned(desired(copy), observed(edited, origins={origin().key: origin()}), bases=[base])
    paths = ", ".join(f"content.section_{number}" for number in range(5))
    message = f"somebody wrote into the copy itself ({paths}); it is kept, and the copy waits"
    hint = f"write it into ml-dev/churn, from where it comes back, or put the copy back to version {version}"
    assert (found.steps, found.findings) == ((), (of_hub("hub/edited", message, hint),))


def test_a_copy_that_moves_on_says_that_its_origin_allows_it() -> None:
    (step,) = copied(PENDING, origin(APPROVED), origin()).steps
    assert (step.kind, step.reason) == ("promote", "git and its origin allow PendingReview")
