"""The shareable resource types and AWS managed permissions.

Source: AWS RAM User Guide, "Shareable AWS resources" (Amazon SageMaker AI, model cards): names and actions of both
managed permissions. No AWS managed permission for model cards is read-only.
"""

import json
from collections.abc import Iterable
from typing import Any

from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.resource_types import MODEL_CARD, MODEL_PACKAGE_GROUP
from cardops.sandbox.state import Permission, PermissionVersion, Region

DEFAULT_PERMISSION = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"
EXPORT_PERMISSION = f"{DEFAULT_PERMISSION}AllowExport"
_ACTIONS = ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions", "sagemaker:UpdateModelCard"]
_EXPORT_ACTIONS = [*_ACTIONS, "sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob"]
DEPLOY_PERMISSION = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelPackageGroupAllowDeploy"
REGISTER_PERMISSION = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelPackageGroupAllowRegister"
_DEPLOY_ACTIONS = [
    "sagemaker:BatchDescribeModelPackage",
    "sagemaker:CreateModel",
    "sagemaker:DescribeModelPackage",
    "sagemaker:DescribeModelPackageGroup",
    "sagemaker:ListModelPackages",
]
_REGISTER_ACTIONS = [*_DEPLOY_ACTIONS, "sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]
SUPPORTED_ACTIONS = {
    MODEL_CARD: frozenset(_EXPORT_ACTIONS),
    MODEL_PACKAGE_GROUP: frozenset(_REGISTER_ACTIONS) | {"sagemaker:DeleteModelPackage"},
}
_INTRODUCED = 1690848000.0


def _managed(arn: str, kind: str, actions: Iterable[str], type_default: bool) -> Permission:
    policy = json.dumps({"Effect": "Allow", "Action": list(actions)}, separators=(",", ":"))
    versions = [PermissionVersion(1, policy, _INTRODUCED)]
    name = arn.rpartition("/")[2]
    return Permission(arn, name, kind, True, _INTRODUCED, _INTRODUCED, {}, versions, type_default=type_default)


PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_KINDS = (
    (DEFAULT_PERMISSION, MODEL_CARD, _ACTIONS, True),
    (EXPORT_PERMISSION, MODEL_CARD, _EXPORT_ACTIONS, False),
    (DEPLOY_PERMISSION, MODEL_PACKAGE_GROUP, _DEPLOY_ACTIONS, True),
    (REGISTER_PERMISSION, MODEL_PACKAGE_GROUP, _REGISTER_ACTIONS, False),
)
_ALL = [
    _managed(arn.replace("arn:aws:", f"arn:{partition}:"), kind, actions, default)
    for partition in PARTITIONS
    for arn, kind, actions, default in _KINDS
]
MANAGED = {permission.arn: permission for permission in _ALL}
"""AWS managed permissions by ARN, in every partition."""


def default_permission(partition: str, resource_type: str) -> Permission:
    """Return the permission that RAM attaches for a resource type when none is named."""
    found = (item for item in MANAGED.values() if item.arn.startswith(f"arn:{partition}:"))
    return next(item for item in found if item.type_default and item.resource_type == resource_type)


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
        "featureSet": permission.feature_set,
    }
