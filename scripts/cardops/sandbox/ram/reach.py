"""The callers that a share reaches, as RAM's lists for OTHER-ACCOUNTS show them."""

import re

from cardops.sandbox.core.operations import Call
from cardops.sandbox.iam.organization import ancestry, is_member
from cardops.sandbox.identity import Caller
from cardops.sandbox.state import Share

_ORGANIZATION = re.compile(r"arn:aws[a-z-]*:organizations::\d{12}:(organization|ou)/.+")


def is_organizational(principal: str) -> bool:
    """Return True if a RAM principal is an organization or an organizational unit."""
    return _ORGANIZATION.fullmatch(principal) is not None


def covers(call: Call, principal: str, caller: Caller) -> bool:
    """Return True if a RAM principal includes the caller.

    An organization covers every account in it, as does a unit that was never made; a role only its own sessions.
    """
    if is_organizational(principal):
        if not is_member(call.options, caller.account):
            return False
        unit, organization = principal.rpartition("/")[2], call.state.organization
        return unit not in organization.units or unit in ancestry(organization, caller.account)
    return principal in (caller.account, caller.role_arn, caller.arn if caller.user else None)


def reaches(call: Call, share: Share, caller: Caller) -> bool:
    """Return True if the share is ACTIVE and has an ASSOCIATED principal that covers the caller."""
    return share.status == "ACTIVE" and any(
        item.status == "ASSOCIATED" and covers(call, item.entity, caller) for item in share.principals.values()
    )
