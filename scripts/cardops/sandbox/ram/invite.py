"""Invitations to principals outside the organization: sending, finding and withdrawing them."""

from uuid import uuid4

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError
from cardops.sandbox.state import Invitation, Share
from cardops.sandbox.transitions import remind

PENDING_PER_SENDER = 250


def invite(call: Call, share: Share, principal: str, account: str) -> None:
    """Send an invitation; it expires after Options.invitation_seconds."""
    region = call.state.region(account, call.region)
    arn = f"arn:{call.partition}:ram:{call.region}:{share.owner}:resource-share-invitation/{uuid4()}"
    region.invitations[arn] = Invitation(arn, share.arn, share.name, share.owner, account, principal, call.now)
    remind(region, None, call.now + call.options.invitation_seconds)


def pending_from(call: Call) -> list[Invitation]:
    """The caller's unanswered invitations to others in this region."""
    return [
        item
        for region in call.state.everywhere(call.region)
        for item in region.invitations.values()
        if item.sender == call.caller.account and item.status == "PENDING"
    ]


def check_pending(call: Call, more: int) -> None:
    """Refuse more unanswered invitations of a sharing account than its quota (L-238C96EE) allows."""
    if more and len(pending_from(call)) + more > PENDING_PER_SENDER:
        message = f"An account can have at most {PENDING_PER_SENDER} pending invitations."
        raise AwsError("ResourceShareLimitExceededException", message)


def forget(call: Call, share: Share, principal: str | None = None) -> None:
    """Remove the unanswered invitations to a share, or those of one principal of it."""
    for region in call.state.everywhere(call.region):
        for item in list(region.invitations.values()):
            asked = item.share == share.arn and principal in (None, item.principal)
            if asked and item.status == "PENDING":
                del region.invitations[item.arn]
