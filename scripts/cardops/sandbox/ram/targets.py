"""The actions, resources and condition keys of RAM operations.

Sources: Service Authorization Reference, "AWS Resource Access Manager"; RAM User Guide, "Example service control
policies" (each principal and each resource of a call is authorized separately); "Terms and concepts" (whoever shares
needs the resource's own policy actions), which names no action for model cards: hence a switch.
"""

from collections.abc import Sequence

from cardops.sandbox.core.operations import Call
from cardops.sandbox.iam.authorization import Target, targets
from cardops.sandbox.ram.resource_types import type_of
from cardops.sandbox.state import Share

Context = dict[str, str | Sequence[str]]
_ON_SHARE = ("UpdateResourceShare", "DeleteResourceShare", "ListResourceSharePermissions")
_ON_PERMISSION = (
    "GetPermission",
    "ListPermissionVersions",
    "CreatePermissionVersion",
    "SetDefaultPermissionVersion",
    "DeletePermission",
    "DeletePermissionVersion",
)


def _request_tags(call: Call) -> Context:
    given = {row.get("key", ""): row.get("value", "") for row in call.get("tags", [])}
    found: Context = {f"aws:RequestTag/{name}": value for name, value in given.items()}
    return found | ({"aws:TagKeys": list(given)} if given else {})


def _requested(call: Call) -> Context:
    external, retain = call.get("allowExternalPrincipals"), call.get("resourceShareConfiguration", {})
    found: Context = {}
    if external is not None or call.operation == "CreateResourceShare":
        found["ram:RequestedAllowsExternalPrincipals"] = str(external is not False).lower()
    kept = retain.get("retainSharingOnAccountLeaveOrganization")
    return found if kept is None else found | {"ram:RetainSharingOnAccountLeaveOrganization": str(kept).lower()}


def _share(call: Call, arn: str) -> Share | None:
    parts = arn.split(":")
    region = call.state.regions.get(f"{parts[4]}/{call.region}") if len(parts) > 5 else None
    return region.shares.get(arn) if region else None


def _share_keys(share: Share | None) -> Context:
    if share is None:
        return {}
    keys: Context = {f"aws:ResourceTag/{name}": value for name, value in share.tags.items()}
    external = str(share.allow_external).lower()
    return keys | {"ram:ResourceShareName": share.name, "ram:AllowsExternalPrincipals": external}


def _apart(call: Call, resource: str, context: Context) -> list[Target]:
    """Return one target a resource and principal of the call, or one for a call without any."""
    action = f"ram:{call.operation}"
    found = []
    for arn in call.get("resourceArns", []):
        keys: Context = {"ram:RequestedResourceType": type_of(arn) or "", "ram:ResourceArn": arn}
        found.append(Target(action, resource, context | keys))
    found += [Target(action, resource, context | {"ram:Principal": name}) for name in call.get("principals", [])]
    return found or [Target(action, resource, context)]


def _resource_policies(call: Call, *names: str) -> list[Target]:
    if not call.options.put_resource_policy_needed:
        return []
    return [Target(f"sagemaker:{name}ResourcePolicy") for name in names]


@targets("ram", "CreateResourceShare")
def _create(call: Call) -> list[Target]:
    tags = _request_tags(call)
    found = _apart(call, "*", tags | _requested(call))
    if tags:
        found.append(Target("ram:TagResource", f"{call.arn_prefix('ram')}resource-share/*", tags))
    return found + (_resource_policies(call, "Put", "Get") if call.get("resourceArns") else [])


@targets("ram", "AssociateResourceShare", "DisassociateResourceShare")
def _associate(call: Call) -> list[Target]:
    arn = call.params["resourceShareArn"]
    share = _share(call, arn)
    found = _apart(call, arn, _share_keys(share))
    if share is None or share.owner != call.caller.account:
        return [Target(target.action, target.resource, target.context, call.caller.account) for target in found]
    writes = "Put" if call.operation == "AssociateResourceShare" else "Delete"
    return found + (_resource_policies(call, writes, "Get") if share.resources or call.get("resourceArns") else [])


@targets("ram", *_ON_SHARE)
def _on_share(call: Call) -> list[Target]:
    arn = call.params["resourceShareArn"]
    share = _share(call, arn)
    found = [Target(f"ram:{call.operation}", arn, _share_keys(share) | _requested(call), call.caller.account)]
    ends = call.operation == "DeleteResourceShare" and share is not None and share.resources
    return found + (_resource_policies(call, "Delete", "Get") if ends else [])


@targets("ram", "AssociateResourceSharePermission", "DisassociateResourceSharePermission")
def _attach(call: Call) -> list[Target]:
    arn, permission = call.params["resourceShareArn"], call.params["permissionArn"]
    share = _share(call, arn)
    keys = _share_keys(share) | {"ram:PermissionArn": permission}
    action, own = f"ram:{call.operation}", call.caller.account
    found = [Target(action, arn, keys, own), Target(action, permission, {"ram:PermissionArn": permission}, own)]
    return found + (_resource_policies(call, "Put", "Get") if share and share.resources else [])


@targets("ram", *_ON_PERMISSION)
def _on_permission(call: Call) -> list[Target]:
    arn = call.params["permissionArn"]
    held = call.home.permissions.get(arn)
    keys: Context = {f"aws:ResourceTag/{name}": value for name, value in (held.tags if held else {}).items()}
    return [Target(f"ram:{call.operation}", arn, keys | {"ram:PermissionArn": arn}, call.caller.account)]


@targets("ram", "CreatePermission")
def _create_permission(call: Call) -> list[Target]:
    tags = _request_tags(call)
    keys = tags | {"ram:PermissionResourceType": call.params["resourceType"]}
    made = [Target("ram:TagResource", f"{call.arn_prefix('ram')}permission/*", tags)] if tags else []
    return [Target("ram:CreatePermission", "*", keys), *made]


@targets("ram", "TagResource", "UntagResource")
def _tag(call: Call) -> list[Target]:
    arn = call.get("resourceShareArn") or call.get("resourceArn") or "*"
    keys = _share_keys(_share(call, arn)) | _request_tags(call)
    if call.get("tagKeys"):
        keys["aws:TagKeys"] = list(call.params["tagKeys"])
    return [Target(f"ram:{call.operation}", arn, keys, call.caller.account)]


@targets("ram", "AcceptResourceShareInvitation", "RejectResourceShareInvitation", "ListPendingInvitationResources")
def _invitation(call: Call) -> list[Target]:
    arn = call.params["resourceShareInvitationArn"]
    held = call.home.invitations.get(arn)
    keys: Context = {"ram:ShareOwnerAccountId": held.sender} if held else {}
    return [Target(f"ram:{call.operation}", arn, keys, call.caller.account)]
