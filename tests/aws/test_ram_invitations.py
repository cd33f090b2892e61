"""RAM as the invited account sees it."""

import pytest
from botocore.stub import Stubber

from cardops.aws.ram_invitations import Boto3Invitations
from cardops.model.errors import CloudError, StaleResourceError
from support.stubbed_client import WHERE, Stubbed

SHARE = "arn:aws:ram:eu-central-1:222222222222:resource-share/1"
INVITATION = "arn:aws:ram:eu-central-1:222222222222:resource-share-invitation/1"
ASKED = {"maxResults": 500, "resourceShareArns": [SHARE]}


@pytest.fixture
def invited(stubbed: Stubbed) -> tuple[Boto3Invitations, Stubber]:
    client, stubber = stubbed("ram")
    return Boto3Invitations(client, WHERE), stubber


def test_a_share_that_reaches_the_account_is_accepted(invited: tuple[Boto3Invitations, Stubber]) -> None:
    port, stubber = invited
    asked = ASKED | {"resourceOwner": "OTHER-ACCOUNTS"}
    stubber.add_response("get_resource_shares", {"resourceShares": [], "nextToken": "1"}, asked)
    found = {"resourceShares": [{"status": "ACTIVE"}]}
    stubber.add_response("get_resource_shares", found, asked | {"nextToken": "1"})
    stubber.add_response("get_resource_shares", {"resourceShares": [{"status": "DELETED"}]}, asked)
    stubber.add_client_error("get_resource_shares", "UnknownResourceException")
    assert [port.accepted(SHARE) for _ in range(3)] == [True, False, False]


def test_only_an_unanswered_invitation_is_pending(invited: tuple[Boto3Invitations, Stubber]) -> None:
    port, stubber = invited
    old = {"status": "EXPIRED", "resourceShareInvitationArn": "old"}
    new = {"status": "PENDING", "resourceShareInvitationArn": INVITATION}
    operation, key = "get_resource_share_invitations", "resourceShareInvitations"
    stubber.add_response(operation, {key: [], "nextToken": "1"}, ASKED)
    stubber.add_response(operation, {key: [old, new]}, ASKED | {"nextToken": "1"})
    stubber.add_response(operation, {key: [old]}, ASKED)
    stubber.add_client_error(operation, "ResourceShareInvitationArnNotFoundException")
    assert [port.pending(SHARE) for _ in range(3)] == [INVITATION, "", ""]


def test_accepting_twice_is_fine_and_too_late_is_told(invited: tuple[Boto3Invitations, Stubber]) -> None:
    port, stubber = invited
    operation = "accept_resource_share_invitation"
    request = {"resourceShareInvitationArn": INVITATION, "clientToken": "token"}
    stubber.add_response(operation, {}, request)
    stubber.add_client_error(operation, "ResourceShareInvitationAlreadyAcceptedException")
    stubber.add_client_error(operation, "ResourceShareInvitationExpiredException")
    stubber.add_client_error(operation, "OperationNotPermittedException")
    port.accept(INVITATION, "token")
    port.accept(INVITATION, "token")
    with pytest.raises(StaleResourceError, match="apply again: another one is sent"):
        port.accept(INVITATION, "token")
    with pytest.raises(CloudError, match="OperationNotPermittedException"):
        port.accept(INVITATION, "token")
