"""Accounts outside the organization: who accepts, how often they are asked, and how many at once."""

import pytest

from cardops.apply.results import StepOutcome
from cardops.model.desired import Account, Desired
from support.apply_sandbox import ApplySandbox, MakeApplySandbox, outcomes, settings, wanted
from support.builders import APPROVED, DEV, DRAFT, PROD, card, grant, kinds, rules, share
from support.replacing import replace

HOUR = 3600.0
OUTSIDE = settings(ml_prod={"external": True})
TO_PROD = share(grant("ml-prod", "read", DRAFT))


@pytest.fixture
def outside(make_lab: MakeApplySandbox) -> ApplySandbox:
    """ml-prod is outside the organization."""
    return make_lab(outside_accounts=frozenset({PROD}))


def left(*cards: str) -> Desired:
    """A share that leaves accepting to the account."""
    declared = share(grant("ml-prod", "read", DRAFT), invitations="leave")
    return wanted(*map(card, cards or ("churn",)), shares=[declared], settings_=OUTSIDE)


def invitation(lab: ApplySandbox, account: str) -> str:
    """The one invitation of an account."""
    pages = lab.ram(account).get_paginator("get_resource_share_invitations").paginate()
    (row,) = [row for page in pages for row in page["resourceShareInvitations"]]
    return str(row["resourceShareInvitationArn"])


def accept(lab: ApplySandbox, account: str) -> None:
    """What somebody does in the console of the consumer's account."""
    lab.ram(account).accept_resource_share_invitation(resourceShareInvitationArn=invitation(lab, account))


def test_an_invitation_is_accepted_as_the_consumer(outside: ApplySandbox) -> None:
    git = wanted(card(), shares=[TO_PROD], settings_=OUTSIDE)
    plan = outside.plan(git)
    assert kinds(plan) == ["create-permission", "create", "share", "accept"]
    assert plan.steps[-1].place.account == PROD
    results = outside.apply(git)
    assert outcomes(results)[-2:] == [("share", StepOutcome.UPDATED), ("accept", StepOutcome.UPDATED)]
    assert results[-2].detail == f"1 card(s) shared; {PROD} is invited"
    assert outside.states() == {PROD: "ASSOCIATED"}
    (accepted,) = [call for call in outside.calls() if call["operation"] == "AcceptResourceShareInvitation"]
    assert (accepted["account"], accepted["role"]) == (PROD, "cardops-consumer")
    assert outside.plan(git).steps == ()


@pytest.mark.parametrize("options", [{"organization": False}, {"organization_sharing": False}])
def test_without_organization_sharing_every_declared_outsider_is_invited(
    make_lab: MakeApplySandbox, options: dict[str, bool]
) -> None:
    lab = make_lab(**options)
    git = wanted(card(), shares=[share()], settings_=settings(ml_dev={"external": True}))
    lab.apply(git)
    assert lab.states() == {DEV: "ASSOCIATED"}
    assert lab.plan(git).steps == ()


def test_an_account_that_is_not_declared_external_is_never_invited(outside: ApplySandbox) -> None:
    results = outside.apply(wanted(card(), shares=[TO_PROD]))
    assert results[-1].outcome is StepOutcome.FAILED
    assert "OperationNotPermittedException" in results[-1].detail
    assert "declare `external: true` for it in cardops.yaml: then it is invited" in results[-1].detail
    assert outside.states() == {}
    (call,) = [call for call in outside.calls() if call["operation"] == "CreateResourceShare"]
    assert call["parameters"]["allowExternalPrincipals"] is False


def test_an_invitation_that_is_left_names_who_where_and_until_when(outside: ApplySandbox) -> None:
    results = outside.apply(left())
    assert results[-1].detail == f"1 card(s) shared; {PROD} is invited"
    again = outside.plan(left())
    assert again.steps == ()
    (finding,) = again.findings
    assert finding.rule == "share/invitation-pending"
    assert f"account {PROD} has to accept the invitation to the share 'team read ml-prod'" in finding.message
    assert "in eu-west-1 until about 20" in finding.message


def test_an_expired_invitation_is_sent_again_while_it_is_declared(outside: ApplySandbox) -> None:
    outside.apply(left())
    outside.advance(13 * HOUR)
    again = outside.plan(left())
    assert kinds(again) == ["reconnect"]
    assert "ml-prod is DISASSOCIATED in the share (RAM said: The invitation expired.)" in again.steps[0].reason
    outside.apply(left())
    assert rules(outside.plan(left())) == ["share/invitation-pending"]
    outside.advance(13 * HOUR)
    gone = wanted(card(), shares=[], settings_=OUTSIDE)
    assert kinds(outside.plan(gone)) == ["unshare"]


def test_a_rejected_invitation_is_sent_again_and_accepted_where_git_says_so(outside: ApplySandbox) -> None:
    outside.apply(left())
    outside.ram(PROD).reject_resource_share_invitation(resourceShareInvitationArn=invitation(outside, PROD))
    git = wanted(card(), shares=[TO_PROD], settings_=OUTSIDE)
    assert kinds(outside.plan(git)) == ["reconnect", "accept"]
    outside.apply(git)
    assert outside.states() == {PROD: "ASSOCIATED"}


def test_a_pending_invitation_is_accepted_by_a_later_apply(outside: ApplySandbox) -> None:
    outside.apply(left())
    git = wanted(card(), shares=[TO_PROD], settings_=OUTSIDE)
    assert kinds(outside.plan(git)) == ["accept"]
    outside.apply(git)
    assert outside.states() == {PROD: "ASSOCIATED"}


def test_what_the_consumer_accepted_meanwhile_is_not_an_error(outside: ApplySandbox) -> None:
    outside.apply(left())
    git = wanted(card(), shares=[TO_PROD], settings_=OUTSIDE)
    planned = outside.plan(git)
    accept(outside, PROD)
    (result,) = outside.run(planned)
    assert (result.outcome, result.detail) == (StepOutcome.UPDATED, "accepted already")


def test_more_invitations_than_ram_allows_wait_in_a_queue(
    make_lab: MakeApplySandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest comes with later applies."""
    monkeypatch.setattr("cardops.plan.sharing.invitations.PENDING_LIMIT", 20)
    monkeypatch.setattr("cardops.sandbox.ram.invite.PENDING_PER_SENDER", 20)
    outside = make_lab(organization=False)
    accounts = {
        f"out-{number}": Account(f"out-{number}", f"9000000000{number:02}", external=True) for number in range(23)
    }
    config = replace(settings(), accounts=dict(settings().accounts) | accounts)
    declared = share(*(grant(name, "contribute", DRAFT) for name in accounts), invitations="leave")
    git = wanted(card(), shares=[declared], settings_=config)
    plan = outside.plan(git)
    assert kinds(plan).count("share") == 20
    (queued,) = [finding for finding in plan.findings if finding.rule == "share/invitations-queued"]
    assert "3 invitation(s) from 111111111111/eu-west-1 wait" in queued.message
    assert {result.outcome for result in outside.apply(git)} == {StepOutcome.CREATED, StepOutcome.UPDATED}
    assert kinds(outside.plan(git)) == []
    for account in list(accounts.values())[:2]:
        accept(outside, account.id)
    assert kinds(outside.plan(git)) == ["share", "share"]


def test_a_share_without_cards_stays_so_that_nobody_is_invited_again(outside: ApplySandbox) -> None:
    git = wanted(card(), shares=[TO_PROD], settings_=OUTSIDE)
    outside.apply(git)
    outside.apply(wanted(card(status=APPROVED), shares=[TO_PROD], settings_=OUTSIDE))
    assert outside.states() == {PROD: "ASSOCIATED"}
    assert outside.states("RESOURCE") == {"churn": "DISASSOCIATED"}
    start = outside.now()
    outside.apply(wanted(card(), card("risk"), shares=[TO_PROD], settings_=OUTSIDE))
    assert "AcceptResourceShareInvitation" not in outside.mutating(start)


def test_an_account_that_becomes_external_opens_the_share_in_place(outside: ApplySandbox) -> None:
    git = wanted(card(), shares=[share()])
    outside.apply(git)
    opened = wanted(card(), shares=[share()], settings_=settings(ml_dev={"external": True}))
    assert kinds(outside.plan(opened)) == ["external"]
    (before,) = outside.shares()
    outside.apply(opened)
    assert outside.shares() == [before]
    assert kinds(outside.plan(git)) == ["external"]
    assert outside.plan(git).steps[0].narrowing


def test_an_invitation_to_a_share_that_was_never_made_is_skipped(make_lab: MakeApplySandbox) -> None:
    """Its only card could not be created, so the share was skipped, and so is what follows it."""
    lab = make_lab(outside_accounts=frozenset({PROD}), cards_per_region=0)
    results = lab.apply(wanted(card(), shares=[TO_PROD], settings_=OUTSIDE))
    found = outcomes(results)[-3:]
    assert found == [("create", StepOutcome.FAILED), ("share", StepOutcome.SKIPPED), ("accept", StepOutcome.SKIPPED)]
    assert "CreateResourceShare" not in lab.mutating()
