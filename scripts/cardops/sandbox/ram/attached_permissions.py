"""The permission attached to a share for a resource type: exactly one, at a version that stays until it is replaced."""

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import malformed
from cardops.sandbox.ram.managed_permissions import default_permission, find_permission
from cardops.sandbox.ram.resource_types import type_of
from cardops.sandbox.state import Attachment, Permission, Region, Share


def named_permission(call: Call, arn: str) -> Permission:
    """An AWS managed permission, or the caller's own one in this region."""
    if not arn.startswith("arn:aws") or ":permission/" not in arn:
        raise malformed(arn)
    permission = find_permission(call.home, arn)
    if permission is None:
        raise AwsError("UnknownResourceException", f"Permission {arn} could not be found.")
    return permission


def check_attachable(permission: Permission) -> None:
    """Refuse a permission that is deprecated or was made from a policy."""
    if permission.status != "ATTACHABLE" or permission.feature_set != "STANDARD":
        raise AwsError(
            "OperationNotPermittedException", f"{permission.arn} cannot be associated with a resource share."
        )


def pick_permissions(call: Call, arns: list[str]) -> list[Permission]:
    """Return the named permissions; two for one resource type are refused (botocore: permissionArns)."""
    permissions = [named_permission(call, arn) for arn in dict.fromkeys(arns)]
    if len({item.resource_type for item in permissions}) < len(permissions):
        message = "You can associate only one permission with each resource type in a resource share."
        raise AwsError("InvalidParameterException", message)
    for permission in permissions:
        check_attachable(permission)
    return permissions


def attach(call: Call, share: Share, permission: Permission, version: int) -> None:
    """Give the share this permission for its resource type, in place of the one it had."""
    share.permissions[permission.resource_type] = Attachment(permission.arn, version, call.now)
    share.updated = call.now


def attach_defaults(call: Call, share: Share, arns: list[str]) -> None:
    """Give the share AWS's default permission for each resource type that has none yet."""
    for kind in dict.fromkeys(type_of(arn) for arn in arns):
        if kind is not None and kind not in share.permissions:
            permission = default_permission(call.partition, kind)
            attach(call, share, permission, permission.default_version)


def attachments(home: Region, arn: str) -> list[tuple[Share, Attachment]]:
    """The shares of a region that have the permission, each with its attachment."""
    pairs = [(share, item) for share in home.shares.values() for item in share.permissions.values()]
    return [(share, item) for share, item in pairs if item.arn == arn]
