"""Shares that RAM makes from a resource's own policy, and their promotion to standard shares.

Sources: RAM API Reference, PromotePermissionCreatedFromPolicy and PromoteResourceShareCreatedFromPolicy; SageMaker
Developer Guide, "Promote the permission and resource share": a policy for a role, or for all actions, cannot be
promoted. Until promotion only the owner sees the share.
"""

import json
import re
from typing import Any
from uuid import uuid4

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import own_share
from cardops.sandbox.ram.attached_permissions import attach, named_permission
from cardops.sandbox.ram.permissions import summary
from cardops.sandbox.ram.resource_types import MODEL_PACKAGE_GROUP
from cardops.sandbox.state import Association, Permission, PermissionVersion, Share
from cardops.sandbox.transitions import retire

FROM_POLICY = "CREATED_FROM_POLICY"
STANDARD = "STANDARD"
_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")


def _rows(policy: str) -> list[dict[str, Any]]:
    statements = json.loads(policy)["Statement"]
    rows = statements if isinstance(statements, list) else [statements]
    return [row for row in rows if row["Effect"] == "Allow"]


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _principals(policy: str, own: str) -> list[str]:
    """Return the accounts and roles of other accounts that a policy names."""
    found = []
    for row in _rows(policy):
        given = row.get("Principal", {})
        for name in _list(given.get("AWS", [])) if isinstance(given, dict) else []:
            account = _ACCOUNT.fullmatch(name)
            found.append(account[1] if account else name)
    return [name for name in dict.fromkeys(found) if own not in name and name != "*"]


def replace_share(call: Call, resource: str, policy: str | None) -> None:
    """Make the share that stands for a resource's policy anew, or end it."""
    for share in list(call.home.shares.values()):
        if share.feature_set == FROM_POLICY and resource in share.resources and share.status == "ACTIVE":
            retire(call, share)
    principals = _principals(policy, call.caller.account) if policy is not None else []
    if policy is None or not principals:
        return
    permission = _permission(call, policy)
    arn = f"{call.arn_prefix('ram')}resource-share/{uuid4()}"
    name = f"{resource.rpartition('/')[2]}-policy"
    share = Share(arn, name, call.caller.account, True, call.now, call.now, {}, feature_set=FROM_POLICY)
    attach(call, share, permission, 1)
    share.resources[resource] = Association("RESOURCE", resource, "ASSOCIATED", call.now, call.now, False)
    for principal in principals:
        external = not call.in_organization(principal if principal.isdigit() else principal.split(":")[4])
        item = Association("PRINCIPAL", principal, "ASSOCIATED", call.now, call.now, external)
        share.principals[principal] = item
    call.home.shares[arn] = share


def _permission(call: Call, policy: str) -> Permission:
    actions = sorted({action for row in _rows(policy) for action in _list(row["Action"])})
    name = f"policy-{uuid4().hex[:12]}"
    arn = f"{call.arn_prefix('ram')}permission/{name}"
    versions = [PermissionVersion(1, json.dumps({"Effect": "Allow", "Action": actions}), call.now)]
    found = Permission(arn, name, MODEL_PACKAGE_GROUP, False, call.now, call.now, {}, versions)
    found.feature_set = FROM_POLICY
    call.home.permissions[arn] = found
    return found


@operation("ram", "PromotePermissionCreatedFromPolicy")
def promote_permission_created_from_policy(call: Call) -> dict[str, Any]:
    """Make a customer managed permission of one that was made from a policy, which stays."""
    source = named_permission(call, call.params["permissionArn"])
    if source.feature_set != FROM_POLICY:
        raise AwsError("InvalidParameterException", f"{source.arn} was not created from a policy.")
    actions = json.loads(source.versions[0].policy)["Action"]
    if any("*" in action for action in actions):
        raise AwsError("OperationNotPermittedException", "A policy with wildcards in its actions cannot be promoted.")
    arn = f"{call.arn_prefix('ram')}permission/{call.params['name']}"
    if arn in call.home.permissions:
        raise AwsError("InvalidParameterException", f"A permission named {call.params['name']} already exists.")
    versions = [PermissionVersion(1, source.versions[0].policy, call.now)]
    made = Permission(arn, call.params["name"], source.resource_type, False, call.now, call.now, {}, versions)
    call.home.permissions[arn] = made
    return {"permission": summary(made, 1)}


@operation("ram", "PromoteResourceShareCreatedFromPolicy")
def promote_resource_share_created_from_policy(call: Call) -> dict[str, Any]:
    """Make a standard share of one that was made from a policy, with a promoted permission of the same actions."""
    share = own_share(call, call.params["resourceShareArn"])
    if share.feature_set != FROM_POLICY:
        raise AwsError("InvalidParameterException", f"{share.arn} was not created from a policy.")
    if any(":iam::" in name for name in share.principals):
        raise AwsError("OperationNotPermittedException", "A policy that names a role or user cannot be promoted.")
    attached = share.permissions[MODEL_PACKAGE_GROUP]
    wanted = call.home.permissions[attached.arn].versions[0].policy
    fitting = (
        item
        for item in call.home.permissions.values()
        if item.feature_set == STANDARD and any(version.policy == wanted for version in item.versions)
    )
    permission = next(fitting, None)
    if permission is None:
        message = "No customer managed permission has the actions of the policy; promote the permission first."
        raise AwsError("UnmatchedPolicyPermissionException", message)
    attach(call, share, permission, permission.default_version)
    share.feature_set = STANDARD
    return {"returnValue": True}
