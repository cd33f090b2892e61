"""Cross-account access: RAM share, permission in force and association states decide, nothing else."""

import json
import re
from functools import cache

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError
from cardops.sandbox.identity import Caller
from cardops.sandbox.ram.managed_permissions import MODEL_CARD, find_permission, version_of
from cardops.sandbox.state import Region, Share
from cardops.sandbox.transitions import sweep

_ORGANIZATION = re.compile(r"arn:aws[a-z-]*:organizations::\d{12}:(organization|ou)/.+")


def is_organizational(principal: str) -> bool:
    """Whether a RAM principal is an organization or an organizational unit."""
    return _ORGANIZATION.fullmatch(principal) is not None


def covers(call: Call, principal: str, caller: Caller) -> bool:
    """Whether a RAM principal includes the caller.

    An organization or OU covers every account of the sandbox's organization; a role only its own sessions.
    """
    if is_organizational(principal):
        return call.in_organization(caller.account)
    return principal in (caller.account, caller.role_arn)


def reaches(call: Call, share: Share, caller: Caller) -> bool:
    """Whether the share is ACTIVE and has an ASSOCIATED principal that covers the caller."""
    return share.status == "ACTIVE" and any(
        item.status == "ASSOCIATED" and covers(call, item.entity, caller) for item in share.principals.values()
    )


@cache
def actions_of(policy: str) -> frozenset[str]:
    """The actions that a permission's policy allows. A policy with a Condition allows none: they are not evaluated."""
    document = json.loads(policy)
    if document.get("Condition"):
        return frozenset()
    actions = document.get("Action", [])
    return frozenset([actions] if isinstance(actions, str) else actions)


def granted(call: Call, owner: Region, arn: str) -> frozenset[str]:
    """All actions that RAM shares of the owner grant to the caller on the resource, at this moment."""
    sweep(call)
    allowed: frozenset[str] = frozenset()
    for share in owner.shares.values():
        resource = share.resources.get(arn)
        if resource is None or resource.status != "ASSOCIATED" or not reaches(call, share, call.caller):
            continue
        attached = share.permissions.get(MODEL_CARD)
        permission = find_permission(owner, attached.arn) if attached else None
        if attached and permission:
            allowed |= actions_of(version_of(permission, attached.version).policy)
    return allowed


def authorize(call: Call, owner: Region, arn: str) -> None:
    """Raise AccessDeniedException unless the caller owns the resource or RAM grants it this operation."""
    if owner.account == call.caller.account:
        return
    action = f"sagemaker:{call.operation}"
    if action not in granted(call, owner, arn):
        raise AwsError(
            "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {arn} "
            f"because no resource-based policy allows the {action} action",
        )
