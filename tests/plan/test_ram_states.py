"""Every state that RAM knows is shown by a plan, with the way out, and left by the right step."""

import pytest

from cardops.plan.actions import Associate, CreateShare, DeleteShare, Disassociate
from cardops.plan.steps import Phase
from support.builders import (
    APPROVED,
    CONTRIBUTE,
    DEV,
    DRAFT,
    HOME,
    PROD,
    READ,
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
)
from support.replacing import replace

CARD = card()
ARN = CARD.key.arn
GIT = desired(CARD, shares=[share()])
SHARED = ram_share(updated="2026-01-01")


@pytest.mark.parametrize("state", ["DISASSOCIATED", "FAILED"])
def test_an_ended_card_is_shared_again(state: str) -> None:
    found = planned(GIT, observed(live(CARD), shares=[replace(SHARED, resources={ARN: state}, messages={ARN: "Why"})]))
    step = only(found, "share")
    assert step.action == Associate(SHARED.arn, (ARN,))
    assert step.reason == "team: contribute for ml-dev while Draft or PendingReview (RAM said: Why)"
    assert step.seen_at == "2026-01-01"


def test_a_card_that_is_being_ended_is_shared_again_after_that() -> None:
    found = planned(GIT, observed(live(CARD), shares=[replace(SHARED, resources={ARN: "DISASSOCIATING"})]))
    assert only(found, "share").action == Associate(SHARED.arn, (ARN,), ending=(ARN,))


def test_a_suspended_card_is_ended_and_shared_anew() -> None:
    found = planned(GIT, observed(live(CARD), shares=[replace(SHARED, resources={ARN: "SUSPENDED"})]))
    assert kinds(found) == ["revoke", "share"]
    assert only(found, "revoke").action == Disassociate(SHARED.arn, (ARN,))
    assert only(found, "revoke").reason == "RAM suspended it, so it is shared anew"
    assert only(found, "share").action == Associate(SHARED.arn, (ARN,), ending=(ARN,))


def test_a_suspended_card_that_has_no_business_there_ends_before_it_comes_back() -> None:
    approved = card(status=APPROVED)
    found = planned(
        desired(approved, shares=[share()]),
        observed(live(approved), shares=[replace(SHARED, resources={ARN: "SUSPENDED"})]),
    )
    assert kinds(found) == ["revoke"]


@pytest.mark.parametrize("state", ["ASSOCIATING", "RESTORING", "SUSPENDING"])
def test_what_ram_is_still_at_is_shown_and_left_alone(state: str) -> None:
    found = planned(GIT, observed(live(CARD), shares=[replace(SHARED, resources={ARN: state})]))
    assert found.steps == ()
    (finding,) = found.findings
    assert (finding.rule, finding.level) == ("share/in-transit", "warn")
    assert f"1 card(s) are {state}" in finding.message
    principal = planned(GIT, observed(live(CARD), shares=[replace(SHARED, principals={DEV: state})]))
    assert principal.steps == ()
    assert f"ml-dev is {state}" in principal.findings[0].message
    assert "apply again" in principal.findings[0].hint or "plan again" in principal.findings[0].hint


@pytest.mark.parametrize("state", [None, "DISASSOCIATED", "FAILED"])
def test_a_principal_that_was_lost_is_connected_again(state: str | None) -> None:
    principals = {DEV: state} if state else {}
    found = planned(GIT, observed(live(CARD), shares=[replace(SHARED, principals=principals)]))
    assert only(found, "reconnect").action == Associate(SHARED.arn, (), (DEV,))
    assert only(found, "reconnect").phase is Phase.SHARE
    assert f"ml-dev is {state or 'not associated'} in the share" in only(found, "reconnect").reason


def test_a_suspended_principal_is_ended_and_connected_anew() -> None:
    found = planned(GIT, observed(live(CARD), shares=[replace(SHARED, principals={DEV: "SUSPENDED"})]))
    assert kinds(found) == ["revoke", "reconnect"]
    assert only(found, "reconnect").action == Associate(SHARED.arn, (), (DEV,), ending=(DEV,))


def test_a_principal_is_not_given_back_while_a_card_of_the_share_is_held() -> None:
    """A principal sees every card of a share, so connecting it would widen access to the held one."""
    cards = [card("a"), card("b")]
    lost = replace(ram_share(holds=("a", "b")), principals={DEV: "DISASSOCIATED"})
    found = planned(
        desired(*cards, shares=[share()]),
        observed(*map(live, cards), shares=[lost]),
        blocked={cards[0].key: "a policy denies it"},
    )
    assert found.steps == ()
    assert "team: contribute for ml-dev: ml-dev is DISASSOCIATED in the share, and this waits for a" in str(
        found.findings[0]
    )


def test_a_share_that_ram_failed_to_make_is_replaced() -> None:
    broken = replace(SHARED, status="FAILED", messages={SHARED.arn: "Internal"})
    found = planned(GIT, observed(live(CARD), shares=[broken]))
    assert [(step.kind, type(step.action)) for step in found.steps] == [
        ("unshare", DeleteShare),
        ("share", CreateShare),
    ]
    assert "RAM failed to make it (RAM said: Internal)" in found.steps[0].reason
    fresh = only(planned(GIT, observed(live(CARD))), "share")
    assert only(found, "share").digest() != fresh.digest()


def test_a_share_that_ram_is_still_making_is_shown_and_only_narrowed() -> None:
    cards = [card("a"), card("b", APPROVED), card("c")]
    making = replace(ram_share(holds=("a", "b")), status="PENDING")
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=[making]))
    assert kinds(found) == ["revoke"]
    assert "is PENDING" in found.findings[0].message


def test_a_share_that_ram_made_from_a_policy_is_left_alone_and_reported() -> None:
    made = replace(SHARED, feature_set="CREATED_FROM_POLICY", principals={})
    found = planned(GIT, observed(live(CARD), shares=[made]))
    assert found.steps == ()
    assert rules(found) == ["share/not-standard"]
    assert found.findings[0].level == "deny"


def test_of_two_shares_for_one_grant_the_fuller_one_stays() -> None:
    empty = replace(SHARED, arn=f"{SHARED.arn}-0", resources={})
    found = planned(GIT, observed(live(CARD), shares=[empty, SHARED]))
    assert [step.action for step in found.steps] == [DeleteShare(empty.arn)]


def test_a_foreign_share_of_the_same_name_stops_neither_revokes_nor_what_exists() -> None:
    approved = card(status=APPROVED)
    stranger = replace(ram_share(), arn="arn:theirs", tags={}, resources={}, name="team contribute ml-dev")
    found = planned(desired(approved, shares=[share()]), observed(live(approved), shares=[ram_share(), stranger]))
    assert kinds(found) == ["revoke"]
    assert rules(found) == []


def test_a_failed_end_of_access_keeps_its_cards_back() -> None:
    approved = card(status=APPROVED)
    reading = ram_share(PROD, READ)
    gone = planned(desired(approved), observed(live(approved), shares=[reading]))
    assert only(gone, "unshare").cards == {approved.key}
    stranger = replace(ram_share(PROD, READ), principals={PROD: "ASSOCIATED", DEV: "SUSPENDED"})
    declared = share(grant("ml-prod", "read", APPROVED))
    found = planned(desired(approved, shares=[declared]), observed(live(approved), shares=[stranger]))
    assert only(found, "revoke").cards == {approved.key}


def test_a_permission_that_loses_the_power_to_write_is_replaced_before_content_changes() -> None:
    declared = share(grant("ml-dev", "read", DRAFT))
    strong = replace(ram_share(DEV, READ), permission=CONTRIBUTE.managed, actions=CONTRIBUTE.actions)
    found = planned(desired(CARD, shares=[declared]), observed(live(CARD), shares=[strong]))
    assert only(found, "permission").phase is Phase.NARROW
    assert only(found, "permission").cards == {CARD.key}
    weak = replace(ram_share(DEV, CONTRIBUTE), permission="arn:read", actions=READ.actions)
    wider = planned(GIT, observed(live(CARD), shares=[weak]))
    assert only(wider, "permission").phase is Phase.WIDEN
    held = planned(GIT, observed(live(CARD), shares=[weak]), blocked={CARD.key: "a policy denies it"})
    assert held.steps == ()
    assert rules(held) == ["share/waits"]


def test_nothing_is_planned_about_sharing_where_the_place_is_unknown() -> None:
    git = desired(CARD, shares=[share(grant("ml-test", "read", DRAFT))])
    found = planned(git, observed(permissions={}, unknown={HOME: "no route"}))
    assert (kinds(found), found.held) == ([], {CARD.key: "no route"})
