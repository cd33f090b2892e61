"""RAM: associate permissions with shares."""

from typing import Any
from uuid import uuid4

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import active_share, own_share
from cardops.sandbox.ram.attached_permissions import attach, attachments, check_attachable, named_permission
from cardops.sandbox.ram.managed_permissions import described, find_permission
from cardops.sandbox.state import Attachment, Share, Work
from cardops.sandbox.transitions import is_live, sweep

PAGE = 100


@operation("ram", "AssociateResourceSharePermission")
def associate_resource_share_permission(call: Call) -> dict[str, Any]:
    """Attach a permission at its default version; one that is there for the type needs ``replace``.

    "You can specify only the version that is currently set as the default version" (botocore: permissionVersion).
    """
    share = active_share(call, call.params["resourceShareArn"])
    permission = named_permission(call, call.params["permissionArn"])
    check_attachable(permission)
    version = call.get("permissionVersion", permission.default_version)
    if version != permission.default_version:
        message = f"Version {version} is not the default version of {permission.arn}."
        raise AwsError("InvalidParameterException", message)
    if permission.resource_type in share.permissions and not call.get("replace", False):
        message = f"The share already has a permission for {permission.resource_type}; set replace to true."
        raise AwsError("InvalidParameterException", message)
    attach(call, share, permission, version)
    return {"returnValue": True}


@operation("ram", "DisassociateResourceSharePermission")
def disassociate_resource_share_permission(call: Call) -> dict[str, Any]:
    """Detach a permission, which is possible only while the share has no resource of its type (botocore)."""
    share = active_share(call, call.params["resourceShareArn"])
    permission = named_permission(call, call.params["permissionArn"])
    attached = share.permissions.get(permission.resource_type)
    if attached is None or attached.arn != permission.arn:
        raise AwsError("UnknownResourceException", f"{permission.arn} is not associated with {share.arn}.")
    if any(is_live(item) for item in share.resources.values()):
        message = f"The share still has resources of type {permission.resource_type}."
        raise AwsError("OperationNotPermittedException", message)
    del share.permissions[permission.resource_type]
    share.updated = call.now
    return {"returnValue": True}


@operation("ram", "ListResourceSharePermissions")
def list_resource_share_permissions(call: Call) -> dict[str, Any]:
    """List the permissions of an own share; the status is that of the association."""
    share = own_share(call, call.params["resourceShareArn"])
    rows = []
    for attached in share.permissions.values():
        permission = named_permission(call, attached.arn)
        row = {**described(permission, attached.version), "status": "ASSOCIATED"}
        rows.append({**row, "lastUpdatedTime": attached.updated})
    return answer("permissions", *page(call, rows, PAGE, _identity), "nextToken")


@operation("ram", "ListPermissionAssociations")
def list_permission_associations(call: Call) -> dict[str, Any]:
    """List the permission versions that own shares use."""
    sweep(call)
    asked = {
        "arn": call.get("permissionArn"),
        "permissionVersion": str(call.get("permissionVersion")) if call.get("permissionVersion") else None,
        "resourceType": call.get("resourceType"),
        "resourceShareArn": call.get("resourceShareArn"),
        "featureSet": call.get("featureSet"),
        "status": call.get("associationStatus"),
        "defaultVersion": True if call.get("defaultVersion") else None,
    }
    shares = call.home.shares.values() if call.get("resourceOwner", "SELF") == "SELF" else ()
    rows = [_row(call, share, item) for share in shares for item in share.permissions.values()]
    rows = [row for row in rows if all(value in (None, row[name]) for name, value in asked.items())]
    return answer("permissions", *page(call, rows, PAGE, _identity), "nextToken")


def _identity(row: dict[str, Any]) -> str:
    return f"{row['arn']} {row.get('resourceShareArn')}"


def _row(call: Call, share: Share, attached: Attachment) -> dict[str, Any]:
    permission = find_permission(call.home, attached.arn)
    return {
        "arn": attached.arn,
        "permissionVersion": str(attached.version),
        "defaultVersion": permission is not None and permission.default_version == attached.version,
        "resourceType": permission.resource_type if permission else "",
        "status": "ASSOCIATED",
        "featureSet": permission.feature_set if permission else "STANDARD",
        "lastUpdatedTime": attached.updated,
        "resourceShareArn": share.arn,
    }


@operation("ram", "ReplacePermissionAssociations")
def replace_permission_associations(call: Call) -> dict[str, Any]:
    """Put the default version of one permission in the place of another in all own shares, as a task."""
    before = named_permission(call, call.params["fromPermissionArn"])
    after = named_permission(call, call.params["toPermissionArn"])
    if before.resource_type != after.resource_type:
        raise AwsError("InvalidParameterException", "Both permissions must be for the same resource type.")
    version = call.get("fromPermissionVersion")
    for share, attached in attachments(call.home, before.arn):
        if version in (None, attached.version):
            attach(call, share, after, after.default_version)
    work = Work(str(uuid4()), before.arn, version, after.arn, after.default_version, call.now)
    call.home.works[work.id] = work
    return {"replacePermissionAssociationsWork": {**_task(work), "status": "IN_PROGRESS"}}


@operation("ram", "ListReplacePermissionAssociationsWork")
def list_replace_permission_associations_work(call: Call) -> dict[str, Any]:
    """List the tasks; all of them are COMPLETED."""
    ids, status = call.get("workIds"), call.get("status", "COMPLETED")
    works = [work for work in call.home.works.values() if not ids or work.id in ids]
    rows = [_task(work) for work in works if status == "COMPLETED"]
    return answer("replacePermissionAssociationsWorks", *page(call, rows, PAGE, lambda row: row["id"]), "nextToken")


def _task(work: Work) -> dict[str, Any]:
    row = {
        "id": work.id,
        "fromPermissionArn": work.from_arn,
        "toPermissionArn": work.to_arn,
        "toPermissionVersion": str(work.to_version),
        "status": "COMPLETED",
        "creationTime": work.created,
        "lastUpdatedTime": work.created,
    }
    return row if work.from_version is None else {**row, "fromPermissionVersion": str(work.from_version)}
