"""RAM invitations: the receiver's operations."""

import re
from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import check_list, check_share_arns, malformed
from cardops.sandbox.ram.resource_types import type_of
from cardops.sandbox.state import Invitation
from cardops.sandbox.transitions import begin, is_live, sweep, withdraw

PAGE = 100
_ARN = re.compile(r"arn:aws[a-z-]*:ram:[a-z0-9-]+:\d{12}:resource-share-invitation/[0-9a-f-]{36}")
_ANSWERED = {
    "ACCEPTED": "ResourceShareInvitationAlreadyAcceptedException",
    "REJECTED": "ResourceShareInvitationAlreadyRejectedException",
    "EXPIRED": "ResourceShareInvitationExpiredException",
}


def describe(item: Invitation) -> dict[str, Any]:
    """ResourceShareInvitation of botocore's model."""
    row = {
        "resourceShareInvitationArn": item.arn,
        "resourceShareName": item.share_name,
        "resourceShareArn": item.share,
        "senderAccountId": item.sender,
        "receiverAccountId": item.receiver,
        "invitationTimestamp": item.created,
        "status": item.status,
    }
    return row if item.principal == item.receiver else {**row, "receiverArn": item.principal}


def _identity(row: dict[str, Any]) -> str:
    return str(row["resourceShareInvitationArn"])


def _find(call: Call, arn: str) -> Invitation:
    if not _ARN.fullmatch(arn):
        raise malformed(arn)
    sweep(call)
    item = call.home.invitations.get(arn)
    if item is None:
        code = "ResourceShareInvitationArnNotFoundException"
        raise AwsError(code, f"The resource share invitation {arn} could not be found.")
    return item


def _unanswered(call: Call) -> Invitation:
    item = _find(call, call.params["resourceShareInvitationArn"])
    if item.status != "PENDING":
        raise AwsError(_ANSWERED[item.status], f"The invitation is {item.status}.")
    return item


@operation("ram", "GetResourceShareInvitations")
def get_resource_share_invitations(call: Call) -> dict[str, Any]:
    """List the invitations that the caller's account received; the records go after seven days."""
    sweep(call)
    arns, shares = call.get("resourceShareInvitationArns"), check_share_arns(call)
    asked = [_find(call, arn) for arn in check_list(call, "resourceShareInvitationArns")]
    items = asked if arns else list(call.home.invitations.values())
    rows = [describe(item) for item in items if not shares or item.share in shares]
    return answer("resourceShareInvitations", *page(call, rows, PAGE, _identity), "nextToken")


@operation("ram", "AcceptResourceShareInvitation")
def accept_resource_share_invitation(call: Call) -> dict[str, Any]:
    """Accept: the principal's association goes on to ASSOCIATED."""
    item = _unanswered(call)
    item.status = "ACCEPTED"
    share = call.state.region(item.sender, call.region).shares.get(item.share)
    association = share.principals.get(item.principal) if share else None
    if share and association and association.status == "ASSOCIATING":
        begin(call, share, association)
    return {"resourceShareInvitation": describe(item)}


@operation("ram", "RejectResourceShareInvitation")
def reject_resource_share_invitation(call: Call) -> dict[str, Any]:
    """Reject: the principal is disassociated."""
    item = _unanswered(call)
    item.status = "REJECTED"
    withdraw(call.state, call.region, item, call.now, "The invitation was rejected.")
    return {"resourceShareInvitation": describe(item)}


@operation("ram", "ListPendingInvitationResources")
def list_pending_invitation_resources(call: Call) -> dict[str, Any]:
    """List the resources of a pending invitation."""
    item = _unanswered(call)
    share = call.state.region(item.sender, call.region).shares.get(item.share)
    found = [entry for entry in share.resources.values() if is_live(entry)] if share else []
    rows = [{"arn": entry.entity, "type": type_of(entry.entity), "resourceShareArn": item.share} for entry in found]
    return answer("resources", *page(call, rows, PAGE, lambda row: str(row["arn"])), "nextToken")
