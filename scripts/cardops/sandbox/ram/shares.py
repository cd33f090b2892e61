"""RAM resource shares: create, update, delete, get."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import active_share, check_list, check_name, check_share_arns, unknown_share
from cardops.sandbox.ram.associate import add_principals, add_resources, checked_principals, checked_resources
from cardops.sandbox.ram.attached_permissions import attach, pick_permissions
from cardops.sandbox.ram.invite import forget
from cardops.sandbox.ram.reach import reaches
from cardops.sandbox.state import Share
from cardops.sandbox.transitions import retire, sweep

SHARES_PER_REGION = 25_000
PAGE = 100


def shared_with(call: Call) -> Iterable[Share]:
    """Yield active shares of other accounts that have the caller as an associated principal."""
    for region in call.state.everywhere(call.region):
        if region.account != call.caller.account:
            yield from (share for share in region.shares.values() if _visible(call, share))


def _visible(call: Call, share: Share) -> bool:
    return share.feature_set == "STANDARD" and reaches(call, share, call.caller)


def candidates(call: Call) -> list[Share]:
    """Return the shares that ``resourceOwner`` selects, after all due changes."""
    sweep(call)
    if call.params["resourceOwner"] == "SELF":
        return list(call.home.shares.values())
    return list(shared_with(call))


def chosen(call: Call, shares: list[Share]) -> list[Share]:
    """Filter shares by ``resourceShareArns``; raises for an unknown ARN."""
    wanted = check_share_arns(call)
    unknown = wanted - {share.arn for share in shares}
    if unknown:
        raise unknown_share(min(unknown))
    return [share for share in shares if share.arn in wanted] if wanted else shares


def describe(call: Call, share: Share) -> dict[str, Any]:
    """A share as ResourceShare of botocore's model. Tags show to the owner only."""
    row = {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.allow_external,
        "status": share.status,
        "creationTime": share.created,
        "lastUpdatedTime": share.updated,
        "featureSet": share.feature_set,
    }
    if share.owner == call.caller.account:
        row["tags"] = tagging.to_ram(share.tags)
    if share.retain is not None:
        row["resourceShareConfiguration"] = {"retainSharingOnAccountLeaveOrganization": share.retain}
    return row


@operation("ram", "CreateResourceShare")
def create_resource_share(call: Call) -> dict[str, Any]:
    """Create a share; without a permission each resource type gets its default one. Names are not unique.

    ``allowExternalPrincipals`` defaults to true (botocore's documentation of the member).
    """
    sweep(call)
    home, name = call.home, check_name(call.params["name"])
    tags = tagging.from_ram(call.get("tags"))
    resources = checked_resources(call, check_list(call, "resourceArns"))
    external = bool(call.get("allowExternalPrincipals", True))
    principals = checked_principals(call, check_list(call, "principals"), external)
    permissions = pick_permissions(call, call.get("permissionArns", []))
    if sum(share.status == "ACTIVE" for share in home.shares.values()) >= SHARES_PER_REGION:
        raise AwsError("ResourceShareLimitExceededException", f"At most {SHARES_PER_REGION} resource shares")
    arn = f"{call.arn_prefix('ram')}resource-share/{uuid4()}"
    configuration = call.get("resourceShareConfiguration", {})
    retain = configuration.get("retainSharingOnAccountLeaveOrganization")
    share = Share(arn, name, call.caller.account, external, call.now, call.now, tags, retain)
    for permission in permissions:
        attach(call, share, permission, permission.default_version)
    home.shares[arn] = share
    add_resources(call, share, resources)
    add_principals(call, share, principals)
    return {"resourceShare": describe(call, share)}


@operation("ram", "UpdateResourceShare")
def update_resource_share(call: Call) -> dict[str, Any]:
    """Rename a share, or allow or forbid external principals from now on."""
    sweep(call)
    share = active_share(call, call.params["resourceShareArn"])
    name, external = call.get("name"), call.get("allowExternalPrincipals")
    if name is None and external is None:
        raise AwsError("MissingRequiredParameterException", "Specify name or allowExternalPrincipals")
    share.name = share.name if name is None else check_name(name)
    share.allow_external = share.allow_external if external is None else external
    share.updated = call.now
    return {"resourceShare": describe(call, share)}


@operation("ram", "DeleteResourceShare")
def delete_resource_share(call: Call) -> dict[str, Any]:
    """Delete a share: access ends at once; it stays listed as DELETED for two hours."""
    sweep(call)
    share = active_share(call, call.params["resourceShareArn"])
    forget(call, share)
    share.permissions.clear()
    retire(call, share)
    return {"returnValue": True}


@operation("ram", "GetResourceShares")
def get_resource_shares(call: Call) -> dict[str, Any]:
    """List own shares, or those of other accounts that reach the caller; DELETED ones are among the own."""
    rows = [share for share in chosen(call, candidates(call)) if _asked(call, share)]
    found, token = page(call, rows, PAGE, lambda share: share.arn)
    return answer("resourceShares", [describe(call, share) for share in found], token, "nextToken")


def _asked(call: Call, share: Share) -> bool:
    status, name = call.get("resourceShareStatus"), call.get("name")
    if status not in (None, share.status) or name not in (None, share.name):
        return False
    arn, version = call.get("permissionArn"), call.get("permissionVersion")
    attached = share.permissions.values()
    if arn and not any(item.arn == arn and version in (None, item.version) for item in attached):
        return False
    return all(_tagged(share, row) for row in call.get("tagFilters", []))


def _tagged(share: Share, row: dict[str, Any]) -> bool:
    value = share.tags.get(row.get("tagKey", ""))
    values = row.get("tagValues") or []
    return value is not None and (not values or value in values)
