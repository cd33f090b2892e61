"""RAM customer managed permissions: create, version, delete.

Source of the limits: RAM User Guide, "Creating and using customer managed permissions", and AWS General Reference,
RAM quotas: 10 permissions a resource type, 5 versions each.
"""

import json
from typing import Any

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.attached_permissions import attachments, named_permission
from cardops.sandbox.ram.managed_permissions import SUPPORTED_ACTIONS, version_of
from cardops.sandbox.ram.permissions import detail, summary
from cardops.sandbox.ram.resource_types import MODEL_CARD, TYPES
from cardops.sandbox.state import Permission, PermissionVersion

PER_TYPE = 10
VERSIONS = 5
_ELEMENTS = {"Effect", "Action", "Condition"}


def _checked_policy(text: str, kind: str) -> str:
    """Return a policy template that has Effect Allow and supported actions, and no Resource or Principal."""
    try:
        policy = json.loads(text)
    except ValueError as error:
        raise AwsError("MalformedPolicyTemplateException", "The policy template is not valid JSON.") from error
    if not isinstance(policy, dict) or not policy.keys() <= _ELEMENTS or "Action" not in policy:
        message = "A policy template has Effect, Action and optionally Condition, and nothing else."
        raise AwsError("MalformedPolicyTemplateException", message)
    if str(policy.get("Effect")).lower() != "allow":
        raise AwsError("InvalidPolicyException", "The Effect of a policy template must be Allow.")
    given = [policy["Action"]] if isinstance(policy["Action"], str) else policy["Action"]
    actions = given if isinstance(given, list) else []
    unsupported = sorted(str(action) for action in actions if action not in SUPPORTED_ACTIONS[kind])
    if unsupported or not actions:
        message = f"{kind} does not support the actions: {', '.join(unsupported) or 'none given'}."
        raise AwsError("InvalidPolicyException", message)
    return text


def _own(call: Call) -> Permission:
    permission = named_permission(call, call.params["permissionArn"])
    if permission.managed:
        code = "OperationNotPermittedException"
        if not call.models_error(code):
            code = "InvalidParameterException"
        raise AwsError(code, f"{permission.arn} is an AWS managed permission.")
    return permission


@operation("ram", "CreatePermission")
def create_permission(call: Call) -> dict[str, Any]:
    """Create version 1, the default; names are unique in the region."""
    home, name, kind = call.home, call.params["name"], call.params["resourceType"]
    if kind not in TYPES or (kind == MODEL_CARD and not call.options.customer_permissions):
        message = f"The resource type {kind} does not support customer managed permissions."
        raise AwsError("InvalidParameterException", message)
    policy = _checked_policy(call.params["policyTemplate"], kind)
    tags = tagging.from_ram(call.get("tags"))
    arn = f"{call.arn_prefix('ram')}permission/{name}"
    if arn in home.permissions:
        raise AwsError("PermissionAlreadyExistsException", f"A permission named {name} already exists.")
    if sum(item.resource_type == kind for item in home.permissions.values()) >= PER_TYPE:
        message = f"At most {PER_TYPE} customer managed permissions for {kind}."
        raise AwsError("PermissionLimitExceededException", message)
    versions = [PermissionVersion(1, policy, call.now)]
    permission = Permission(arn, name, kind, False, call.now, call.now, tags, versions)
    home.permissions[arn] = permission
    return {"permission": summary(permission, 1)}


@operation("ram", "CreatePermissionVersion")
def create_permission_version(call: Call) -> dict[str, Any]:
    """Add a version, which becomes the default; shares stay on theirs. A sixth one is refused."""
    permission = _own(call)
    policy = _checked_policy(call.params["policyTemplate"], permission.resource_type)
    if len(permission.versions) >= VERSIONS:
        message = f"A permission has at most {VERSIONS} versions; delete one first."
        raise AwsError("PermissionVersionsLimitExceededException", message)
    permission.last_version += 1
    permission.versions.append(PermissionVersion(permission.last_version, policy, call.now))
    permission.default_version, permission.updated = permission.last_version, call.now
    return {"permission": detail(permission, permission.last_version)}


@operation("ram", "SetDefaultPermissionVersion")
def set_default_permission_version(call: Call) -> dict[str, Any]:
    """Change the version that shares get from now on."""
    permission = _own(call)
    permission.default_version = version_of(permission, call.params["permissionVersion"]).number
    permission.updated = call.now
    return {"returnValue": True}


@operation("ram", "DeletePermission")
def delete_permission(call: Call) -> dict[str, Any]:
    """Delete a permission with all versions, unless a share uses it."""
    permission = _own(call)
    if attachments(call.home, permission.arn):
        raise AwsError("OperationNotPermittedException", f"{permission.arn} is associated with resource shares.")
    del call.home.permissions[permission.arn]
    return {"returnValue": True, "permissionStatus": "DELETING"}


@operation("ram", "DeletePermissionVersion")
def delete_permission_version(call: Call) -> dict[str, Any]:
    """Delete a version that is not the default one and that no share uses."""
    permission = _own(call)
    version = version_of(permission, call.params["permissionVersion"])
    used = any(item.version == version.number for _, item in attachments(call.home, permission.arn))
    if used or version.number == permission.default_version:
        why = "associated with resource shares" if used else "the default version"
        raise AwsError("OperationNotPermittedException", f"Version {version.number} is {why}.")
    permission.versions.remove(version)
    return {"returnValue": True, "permissionStatus": "DELETING"}
