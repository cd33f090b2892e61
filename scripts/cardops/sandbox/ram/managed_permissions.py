"""The shareable resource types and AWS managed permissions.

Source: AWS RAM User Guide, "Shareable AWS resources" (Amazon SageMaker AI, model cards): names and actions of both
managed permissions. No AWS managed permission for model cards is read-only.
"""

import json
from collections.abc import Iterable
from typing import Any

from cardops.sandbox.errors import AwsError
from cardops.sandbox.state import Permission, PermissionVersion, Region

MODEL_CARD = "sagemaker:ModelCard"
DEFAULT_PERMISSION = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"
EXPORT_PERMISSION = f"{DEFAULT_PERMISSION}AllowExport"
_ACTIONS = ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions", "sagemaker:UpdateModelCard"]
_EXPORT_ACTIONS = [*_ACTIONS, "sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob"]
SUPPORTED_ACTIONS = frozenset(_EXPORT_ACTIONS)
_INTRODUCED = 1690848000.0


def _managed(arn: str, actions: Iterable[str], type_default: bool) -> Permission:
    policy = json.dumps({"Effect": "Allow", "Action": list(actions)}, separators=(",", ":"))
    versions = [PermissionVersion(1, policy, _INTRODUCED)]
    name = arn.rpartition("/")[2]
    return Permission(arn, name, MODEL_CARD, True, _INTRODUCED, _INTRODUCED, {}, versions, type_default=type_default)


MANAGED = {
    DEFAULT_PERMISSION: _managed(DEFAULT_PERMISSION, _ACTIONS, True),
    EXPORT_PERMISSION: _managed(EXPORT_PERMISSION, _EXPORT_ACTIONS, False),
}


def find_permission(owner: Region, arn: str) -> Permission | None:
    """An AWS managed permission, or a customer managed one of this account and region."""
    return MANAGED.get(arn) or owner.permissions.get(arn)


def has_version(permission: Permission, number: int) -> bool:
    """Return True if the permission has this version."""
    return any(version.number == number for version in permission.versions)


def version_of(permission: Permission, number: int) -> PermissionVersion:
    """Return a version of a permission; raises UnknownResourceException."""
    for version in permission.versions:
        if version.number == number:
            return version
    raise AwsError("UnknownResourceException", f"Version {number} of {permission.arn} could not be found.")


def described(permission: Permission, number: int) -> dict[str, Any]:
    """Return the fields common to all descriptions of a version (ResourceSharePermissionSummary)."""
    version = version_of(permission, number)
    return {
        "arn": permission.arn,
        "version": str(number),
        "defaultVersion": number == permission.default_version,
        "name": permission.name,
        "resourceType": permission.resource_type,
        "status": permission.status,
        "creationTime": version.created,
        "lastUpdatedTime": max(permission.updated, version.created),
        "isResourceTypeDefault": permission.type_default,
        "permissionType": "AWS_MANAGED" if permission.managed else "CUSTOMER_MANAGED",
        "featureSet": "STANDARD",
    }
