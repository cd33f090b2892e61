"""RAM permissions: reading AWS managed and customer managed ones."""

from typing import Any

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.ram.attached_permissions import named_permission
from cardops.sandbox.ram.managed_permissions import MANAGED, described, version_of
from cardops.sandbox.state import Permission

PAGE = 100


def summary(permission: Permission, number: int) -> dict[str, Any]:
    """ResourceSharePermissionSummary: everything but the policy."""
    return described(permission, number) | _tags(permission)


def detail(permission: Permission, number: int) -> dict[str, Any]:
    """ResourceSharePermissionDetail: ``permission`` is the policy, a JSON text with Effect and Action."""
    policy = {"permission": version_of(permission, number).policy}
    return described(permission, number) | policy | _tags(permission)


def _tags(permission: Permission) -> dict[str, Any]:
    return {"tags": tagging.to_ram(permission.tags)} if permission.tags else {}


def _managed(call: Call) -> list[Permission]:
    return [item for item in MANAGED.values() if item.arn.startswith(f"arn:{call.partition}:")]


def _identity(row: dict[str, Any]) -> str:
    return f"{row['arn']} {row['version']}"


@operation("ram", "GetPermission")
def get_permission(call: Call) -> dict[str, Any]:
    """Describe a version with its policy (default: the default version)."""
    permission = named_permission(call, call.params["permissionArn"])
    return {"permission": detail(permission, call.get("permissionVersion", permission.default_version))}


@operation("ram", "ListPermissions")
def list_permissions(call: Call) -> dict[str, Any]:
    """List the default versions of AWS managed and own customer managed permissions.

    ``resourceType`` is not case sensitive (botocore). SELF narrows to the account's own ones.
    """
    kind, status = call.get("permissionType", "ALL"), call.get("permissionStatus")
    managed = [] if call.get("resourceOwner") == "SELF" else _managed(call)
    own = [] if call.get("resourceOwner") == "OTHER-ACCOUNTS" else list(call.home.permissions.values())
    by_kind = {"AWS_MANAGED": managed, "CUSTOMER_MANAGED": own}
    wanted = str(call.get("resourceType", "")).lower()
    rows = [
        summary(permission, permission.default_version)
        for permission in by_kind.get(kind, managed + own)
        if wanted in ("", permission.resource_type.lower()) and status in (None, permission.status)
    ]
    return answer("permissions", *page(call, rows, PAGE, _identity), "nextToken")


@operation("ram", "ListPermissionVersions")
def list_permission_versions(call: Call) -> dict[str, Any]:
    """List all versions of a permission."""
    permission = named_permission(call, call.params["permissionArn"])
    rows = [summary(permission, version.number) for version in permission.versions]
    return answer("permissions", *page(call, rows, PAGE, _identity), "nextToken")
