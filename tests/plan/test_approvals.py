"""Sign-offs and denials as data: what a plan records, what it holds, and that narrowing goes on."""

import pytest

from cardops.model.desired import APPROVED_BY, Card, ModelPackage
from cardops.plan.approvals import Approval
from cardops.plan.steps import SetStatus, SetTags, WriteContent
from support.builders import (
    APPROVED,
    DRAFT,
    PENDING,
    card,
    desired,
    grant,
    key,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    share,
    words,
)

SIGNED = Approval(("risk-lead",), "7")


def tags(approved: Card) -> dict[str, str]:
    return {
        "cardops:approved-by": "risk-lead",
        "cardops:pull-request": "7",
        "cardops:signed": approved.declared,
    }


def test_a_promotion_records_who_signed_it_off() -> None:
    plan = planned(desired(card(status=APPROVED)), observed(live(card(status=PENDING))), approvals={key(): SIGNED})
    action = only(plan, "promote").action
    assert isinstance(action, SetStatus)
    assert action.signed == tags(card(status=APPROVED))


def test_a_new_card_records_it_with_its_promotion() -> None:
    plan = planned(desired(card(status=APPROVED)), observed(), approvals={key(): SIGNED})
    action = only(plan, "promote").action
    assert isinstance(action, SetStatus)
    assert action.signed == tags(card(status=APPROVED))


def test_content_that_changes_while_approved_records_it_too() -> None:
    before, after = card(status=APPROVED), card(status=APPROVED, content=words("second"))
    plan = planned(desired(after), observed(live(before)), bases=[before], approvals={key(): SIGNED})
    action = only(plan, "update").action
    assert isinstance(action, WriteContent)
    assert action.tags == tags(after)


def test_an_approved_card_without_a_record_gets_it() -> None:
    declared = card(status=APPROVED)
    found = observed(live(declared, tags={APPROVED_BY: None}))
    step = only(planned(desired(declared), found, bases=[declared], approvals={key(): SIGNED}), "record")
    assert isinstance(step.action, SetTags)
    assert tags(declared).items() <= step.action.add.items()
    assert kinds(planned(desired(declared), found, bases=[declared])) == []


def test_what_is_signed_off_anew_without_a_change_of_content_is_recorded() -> None:
    before = card(status=APPROVED)
    after = before._replace(owner="team-b", model_package=ModelPackage("churn", 2))
    step = only(planned(desired(after), observed(live(before)), bases=[before], approvals={key(): SIGNED}), "record")
    assert isinstance(step.action, SetTags)
    assert step.action.add["cardops:signed"] == after.declared != before.declared


def test_who_signed_off_is_not_part_of_the_digest_and_that_nobody_did_is() -> None:
    wanted, found = desired(card(status=APPROVED)), observed(live(card(status=PENDING)))
    plain = planned(wanted, found).digest()
    assert planned(wanted, found, approvals={key(): SIGNED}).digest() == plain
    unseen = planned(wanted, found, approvals={key(): Approval()})
    assert unseen.digest() != plain
    assert only(unseen, "promote").reason == "git declares Approved (not reviewed: signoff is none)"


def test_a_blocked_card_is_not_widened_and_still_narrowed() -> None:
    wanted = desired(card(status=APPROVED), shares=[share(grant("ml-prod", "read", APPROVED))])
    found = observed(live(card(status=PENDING)), shares=[ram_share()])
    plan = planned(wanted, found, blocked={key(): "RULE-1: no"})
    assert kinds(plan) == ["unshare"]
    assert plan.held == {key(): "RULE-1: no"}


def test_a_blocked_share_gives_no_new_access_and_ends_old_one() -> None:
    wanted = desired(card(), card("new"), shares=[share(grant("ml-test", "read", DRAFT)), share(name="fine")])
    found = observed(live(card()), live(card("new")), shares=[ram_share()])
    plan = planned(wanted, found, blocked_shares={"team"})
    assert kinds(plan) == ["unshare", "share"]
    assert only(plan, "share").resource.startswith("fine")


def test_a_denial_of_the_repository_holds_everything_that_widens() -> None:
    wanted = desired(card(status=PENDING), card("other", APPROVED), card("gone", DRAFT))
    found = observed(live(card()), live(card("other")), live(card("gone", APPROVED)), shares=[ram_share()])
    plan = planned(wanted, found, on_hold="RULE-2: no")
    assert kinds(plan) == ["unshare", "demote"]
    assert plan.held == {key(): "RULE-2: no", key("other"): "RULE-2: no"}


@pytest.mark.parametrize(
    ("names", "tag"),
    [
        (("ada", "bob"), "ada bob"),
        (("app[bot]", "a,b"), "app_bot_ a_b"),
        (("x" * 200, "y" * 100, "z"), "x" * 200 + " +2"),
        (("ü" * 300,), "ü" * 256),
    ],
)
def test_names_fit_into_a_tag(names: tuple[str, ...], tag: str) -> None:
    found = Approval(names).tags(card())
    assert found == {"cardops:approved-by": tag, "cardops:signed": card().declared}
    recorded = Approval.recorded(found)
    assert recorded.tags(card()) == found


def test_a_card_that_is_held_is_not_counted_as_unchanged() -> None:
    declared = card()
    found = observed(live(declared))
    assert planned(desired(declared), found).unchanged == 1
    plan = planned(desired(declared), found, blocked={key(): "RULE-1: no"})
    assert (plan.unchanged, dict(plan.held)) == (0, {key(): "RULE-1: no"})
