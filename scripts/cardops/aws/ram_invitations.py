"""Invitations as the invited account sees them. Sources: botocore's service model of `ram`, the RAM API reference."""

from typing import Any

from cardops.aws.client import Calls
from cardops.aws.errors import Where
from cardops.aws.ram_shares import PAGES
from cardops.model.errors import CloudError, NotFoundError, StaleResourceError

ACCEPTED = "ResourceShareInvitationAlreadyAcceptedException"
OVER = frozenset({"ResourceShareInvitationExpiredException", "ResourceShareInvitationAlreadyRejectedException"})


class Boto3Invitations:
    """Implements ports.Invitations."""

    def __init__(self, client: Any, where: Where) -> None:
        self._calls = Calls(client, "ram", PAGES, where)

    def accepted(self, share: str) -> bool:
        """Asks for the share and not for the invitation, whose record goes after seven days."""
        request = {"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [share]}
        try:
            found = list(self._calls.items("GetResourceShares", "resourceShares", share, **request))
        except NotFoundError:
            return False
        return any(one.get("status") == "ACTIVE" for one in found)

    def pending(self, share: str) -> str:
        """The ARN of the unanswered invitation to a share, or nothing."""
        operation = "GetResourceShareInvitations"
        try:
            for one in self._calls.items(operation, "resourceShareInvitations", share, resourceShareArns=[share]):
                with self._calls.reading(operation, share):
                    if one["status"] == "PENDING":
                        return str(one["resourceShareInvitationArn"])
        except NotFoundError:
            pass
        return ""

    def accept(self, invitation: str, token: str) -> None:
        """Accept an invitation; accepting twice is not an error. Raises StaleResourceError if it is over."""
        request = {"resourceShareInvitationArn": invitation, "clientToken": token}
        try:
            self._calls.call("AcceptResourceShareInvitation", invitation, **request)
        except CloudError as problem:
            if problem.code in OVER:
                raise StaleResourceError(
                    f"{invitation} is over: {problem.code}", "apply again: another one is sent"
                ) from None
            if problem.code != ACCEPTED:
                raise
