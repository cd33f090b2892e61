"""Validate resources and principals of shares and start their associations."""

import re

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import malformed
from cardops.sandbox.ram.attached_permissions import attach_defaults
from cardops.sandbox.ram.invite import check_pending, invite
from cardops.sandbox.ram.reach import is_organizational
from cardops.sandbox.ram.resource_types import MODEL_CARD, RESOURCE, type_of
from cardops.sandbox.state import Association, Share
from cardops.sandbox.transitions import begin, is_live

PER_SHARE = 5_000
_ACCOUNT = re.compile(r"\d{12}")
_IAM = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(role|user)/(?:.+/)?([^/]+)")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_INSIDE = "The resource you are attempting to share can only be shared within your AWS Organization."


def checked_resources(call: Call, arns: list[str]) -> list[str]:
    """Return ARNs of shareable resources that exist and that the caller owns, in the region of the call."""
    for arn in arns:
        found = RESOURCE.fullmatch(arn)
        if not found:
            raise malformed(arn)
        if type_of(arn) is None:
            raise AwsError("InvalidParameterException", f"The resource type of {arn} cannot be shared.")
        if found[3] != call.caller.account:
            raise AwsError("OperationNotPermittedException", f"You do not own the resource {arn}.")
        if found[2] != call.region or not _exists(call, arn, found[5]):
            raise AwsError("UnknownResourceException", f"Resource {arn} could not be found.")
    return arns


def _exists(call: Call, arn: str, name: str) -> bool:
    return name in call.home.cards if type_of(arn) == MODEL_CARD else arn in call.home.groups


def checked_principals(call: Call, principals: list[str], allow_external: bool) -> list[str]:
    """Return principals that RAM accepts for a share of the caller."""
    for principal in principals:
        if is_organizational(principal):
            if not _shares_inside(call, call.caller.account):
                name = principal.rpartition("/")[2]
                raise AwsError("UnknownResourceException", f"Organization {name} could not be found.")
            continue
        account = account_of(principal)
        if _SERVICE.fullmatch(principal):
            message = f"Resources of these types cannot be shared with the service principal {principal}."
            raise AwsError("InvalidParameterException", message)
        if account is None:
            message = f"Principal ID {principal} is malformed. Verify the ID and try again."
            raise AwsError("InvalidParameterException", message)
        if principal != account and not call.options.role_principals:
            message = f"Resources of type {MODEL_CARD} cannot be shared with IAM roles and users."
            raise AwsError("InvalidParameterException", message)
        if not allow_external and is_external(call, principal):
            raise AwsError("OperationNotPermittedException", f"{_INSIDE} {principal} is outside of it.")
    check_pending(call, sum(is_external(call, principal) for principal in principals))
    return principals


def account_of(principal: str) -> str | None:
    """Return the account of a principal; None for organizations, OUs and malformed principals."""
    if _ACCOUNT.fullmatch(principal):
        return principal
    found = _IAM.fullmatch(principal)
    return found[1] if found else None


def _shares_inside(call: Call, account: str) -> bool:
    enabled = call.options.organization_sharing or call.state.organization_sharing
    return enabled and call.in_organization(account)


def is_external(call: Call, principal: str) -> bool:
    """Return True if sharing with the principal needs an invitation.

    Source: RAM User Guide, "Sharing your resources": within an organization with sharing turned on there is none.
    """
    account = account_of(principal)
    if account is None or account == call.caller.account:
        return False
    return not (_shares_inside(call, call.caller.account) and _shares_inside(call, account))


def add_resources(call: Call, share: Share, arns: list[str]) -> list[Association]:
    """Associate resources; those that are associated already stay as they are."""
    _check_quota(share.resources, arns)
    attach_defaults(call, share, arns)
    return [_add(call, share, share.resources, "RESOURCE", arn, False) for arn in arns]


def add_principals(call: Call, share: Share, principals: list[str]) -> list[Association]:
    """Associate principals; external accounts are invited, and stay ASSOCIATING until they accept."""
    _check_quota(share.principals, principals)
    return [
        _add(call, share, share.principals, "PRINCIPAL", principal, is_external(call, principal))
        for principal in principals
    ]


def _check_quota(present: dict[str, Association], more: list[str]) -> None:
    live = {entity for entity, item in present.items() if is_live(item)}
    if len(live | set(more)) > PER_SHARE:
        message = f"A resource share has at most {PER_SHARE} resources and {PER_SHARE} principals."
        raise AwsError("ResourceShareLimitExceededException", message)


def _add(
    call: Call, share: Share, present: dict[str, Association], kind: str, entity: str, external: bool
) -> Association:
    known = present.get(entity)
    if known is not None and is_live(known):
        return known
    item = present[entity] = Association(kind, entity, "ASSOCIATING", call.now, call.now, external)
    item.role_id = _role_id(call, entity)
    share.updated = call.now
    account = account_of(entity) if external else None
    if account is None:
        begin(call, share, item)
    else:
        invite(call, share, entity, account)
    return item


def _role_id(call: Call, entity: str) -> str | None:
    """Return the unique id of a role that IAM knows, which RAM may keep in the resource policy."""
    found = _IAM.fullmatch(entity)
    iam = call.state.iam.get(found[1]) if found and found[2] == "role" else None
    role = iam.roles.get(found[3]) if found and iam else None
    return role.id if role and role.arn == entity else None
