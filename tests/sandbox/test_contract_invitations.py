"""Facts about RAM invitations that the sandbox promises."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cardops.sandbox.ram import invite
from support.sandbox_client import CONSUMER, OTHER, OWNER, MakeSandbox, SandboxClient, code, drain

HOUR = 3600.0


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return code(error)


def invitations(world: SandboxClient, account: str = OTHER) -> list[Any]:
    return drain(world.ram(account).get_resource_share_invitations)


@pytest.fixture
def outside(make_world: MakeSandbox) -> SandboxClient:
    """A sandbox in which OTHER is outside the organization."""
    made: SandboxClient = make_world(outside_accounts=frozenset({OTHER}))
    return made


@pytest.fixture
def invited(outside: SandboxClient) -> tuple[SandboxClient, str, str]:
    """A world, a shared card's ARN and the invitation's ARN."""
    arn = outside.card()
    outside.share([arn], [OTHER])
    return outside, arn, str(invitations(outside)[0]["resourceShareInvitationArn"])


def test_inside_the_organization_nobody_is_invited(world: SandboxClient) -> None:
    world.share([world.card()], [CONSUMER])
    assert invitations(world, CONSUMER) == []
    assert world.states("PRINCIPAL") == {CONSUMER: "ASSOCIATED"}


def test_outside_of_the_organization_access_starts_with_accepting(invited: tuple[SandboxClient, str, str]) -> None:
    world, arn, invitation = invited
    read = lambda: world.cards(OTHER).describe_model_card(ModelCardName=arn)  # noqa: E731
    assert world.states("PRINCIPAL") == {OTHER: "ASSOCIATING"}
    assert refused(read) == "AccessDeniedException"
    assert drain(world.ram(OTHER).get_resource_shares, resourceOwner="OTHER-ACCOUNTS") == []
    reply = world.ram(OTHER).accept_resource_share_invitation(resourceShareInvitationArn=invitation)
    assert reply["resourceShareInvitation"]["status"] == "ACCEPTED"
    read()
    assert len(drain(world.ram(OTHER).get_resource_shares, resourceOwner="OTHER-ACCOUNTS")) == 1
    (row,) = drain(world.ram().get_resource_share_associations, associationType="PRINCIPAL")
    assert (row["status"], row["external"]) == ("ASSOCIATED", True)


@pytest.mark.parametrize("options", [{"organization": False}, {"organization_sharing": False}])
def test_without_sharing_in_an_organization_everybody_is_invited(
    make_world: MakeSandbox, options: dict[str, bool]
) -> None:
    world = make_world(**options)
    world.share([world.card()], [CONSUMER])
    (row,) = invitations(world, CONSUMER)
    assert (row["status"], row["senderAccountId"], row["receiverAccountId"]) == ("PENDING", OWNER, CONSUMER)


def test_sharing_within_the_organization_can_be_turned_on(make_world: MakeSandbox) -> None:
    world = make_world(organization_sharing=False)
    unit = "arn:aws:organizations::999999999999:ou/o-abcdefghij/ou-abcd-12345678"
    assert refused(lambda: world.share([], [unit])) == "UnknownResourceException"
    world.ram().enable_sharing_with_aws_organization()
    world.share([world.card()], [CONSUMER, unit])
    assert invitations(world, CONSUMER) == []


def test_an_invitation_expires_after_12_hours_and_the_principal_is_disassociated(
    invited: tuple[SandboxClient, str, str],
) -> None:
    world, _, invitation = invited
    world.advance(12 * HOUR - 60)
    assert [row["status"] for row in invitations(world)] == ["PENDING"]
    world.advance(60)
    assert [row["status"] for row in invitations(world)] == ["EXPIRED"]
    assert world.states("PRINCIPAL") == {OTHER: "DISASSOCIATED"}
    accept = lambda: world.ram(OTHER).accept_resource_share_invitation(  # noqa: E731
        resourceShareInvitationArn=invitation
    )
    assert refused(accept) == "ResourceShareInvitationExpiredException"


def test_the_record_of_an_invitation_goes_after_7_days_and_access_stays(
    invited: tuple[SandboxClient, str, str],
) -> None:
    world, arn, invitation = invited
    world.ram(OTHER).accept_resource_share_invitation(resourceShareInvitationArn=invitation)
    world.advance(7 * 24 * HOUR + 1)
    assert invitations(world) == []
    world.cards(OTHER).describe_model_card(ModelCardName=arn)
    assert len(drain(world.ram(OTHER).get_resource_shares, resourceOwner="OTHER-ACCOUNTS")) == 1


def test_rejecting_disassociates_the_principal(invited: tuple[SandboxClient, str, str]) -> None:
    world, _, invitation = invited
    world.ram(OTHER).reject_resource_share_invitation(resourceShareInvitationArn=invitation)
    assert world.states("PRINCIPAL") == {OTHER: "DISASSOCIATED"}
    accept = lambda: world.ram(OTHER).accept_resource_share_invitation(  # noqa: E731
        resourceShareInvitationArn=invitation
    )
    assert refused(accept) == "ResourceShareInvitationAlreadyRejectedException"


def test_accepting_twice_is_an_error(invited: tuple[SandboxClient, str, str]) -> None:
    world, _, invitation = invited
    accept = lambda: world.ram(OTHER).accept_resource_share_invitation(  # noqa: E731
        resourceShareInvitationArn=invitation
    )
    accept()
    assert refused(accept) == "ResourceShareInvitationAlreadyAcceptedException"


def test_only_the_receiver_has_the_invitation(invited: tuple[SandboxClient, str, str]) -> None:
    world, _, invitation = invited
    accept = lambda: world.ram(CONSUMER).accept_resource_share_invitation(  # noqa: E731
        resourceShareInvitationArn=invitation
    )
    assert refused(accept) == "ResourceShareInvitationArnNotFoundException"


def test_disassociating_takes_the_invitation_back(invited: tuple[SandboxClient, str, str]) -> None:
    world, _, _ = invited
    share = drain(world.ram().get_resource_shares, resourceOwner="SELF")[0]["resourceShareArn"]
    world.ram().disassociate_resource_share(resourceShareArn=share, principals=[OTHER])
    assert invitations(world) == []


def test_deleting_the_share_takes_the_invitation_back(invited: tuple[SandboxClient, str, str]) -> None:
    world, _, _ = invited
    share = drain(world.ram().get_resource_shares, resourceOwner="SELF")[0]["resourceShareArn"]
    world.ram().delete_resource_share(resourceShareArn=share)
    assert invitations(world) == []


def test_a_principal_is_invited_again_after_its_invitation_expired(invited: tuple[SandboxClient, str, str]) -> None:
    world, _, _ = invited
    world.advance(13 * HOUR)
    share = drain(world.ram().get_resource_shares, resourceOwner="SELF")[0]["resourceShareArn"]
    world.ram().associate_resource_share(resourceShareArn=share, principals=[OTHER])
    assert sorted(row["status"] for row in invitations(world)) == ["EXPIRED", "PENDING"]


def test_an_account_sends_at_most_so_many_invitations_at_a_time(
    make_world: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert invite.PENDING_PER_SENDER == 250
    monkeypatch.setattr(invite, "PENDING_PER_SENDER", 20)
    world = make_world(organization=False)
    world.share([], [f"{number:012}" for number in range(20)])
    more = lambda: world.share([], [CONSUMER])  # noqa: E731
    assert refused(more) == "ResourceShareLimitExceededException"


def test_the_invited_account_sees_what_is_offered(invited: tuple[SandboxClient, str, str]) -> None:
    world, arn, invitation = invited
    rows = drain(world.ram(OTHER).list_pending_invitation_resources, resourceShareInvitationArn=invitation)
    assert [row["arn"] for row in rows] == [arn]
