"""SageMaker model registry: model packages, as far as ModelApprovalStatus needs them."""

import re
from typing import Any

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.sagemaker.card_lists import PAGE, is_descending, within
from cardops.sandbox.sagemaker.model_package_groups import find_group, prefix
from cardops.sandbox.state import Package, PackageGroup, Region

_REFERENCE = re.compile(r"(?:arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:(\d{12}):model-package/)?([^/]+)(?:/(\d+))?")
_NOT_KEPT = {"Tags", "ClientToken", "ModelPackageName", "ModelPackageGroupName"}
_SUMMARY = ("ModelPackageDescription", "ModelApprovalStatus", "ModelLifeCycle", "ModelPackageRegistrationType")


@operation("sagemaker", "CreateModelPackage")
def create_model_package(call: Call) -> dict[str, Any]:
    """Register the next version of a group (PendingManualApproval unless given), or a package without a group."""
    group, name = call.get("ModelPackageGroupName"), call.get("ModelPackageName")
    if (group is None) == (name is None):
        raise AwsError("ValidationException", "Specify either ModelPackageName or ModelPackageGroupName")
    tags = tagging.from_aws(call.get("Tags"))
    given = {key: value for key, value in call.params.items() if key not in _NOT_KEPT and value is not None}
    if group is None:
        return _add(call, call.home, Package("", name, None, None, call.now, call.now, tags, given))
    region, owner = find_group(call, group)
    given.setdefault("ModelApprovalStatus", "PendingManualApproval")
    owner.last_version += 1
    number = owner.last_version
    package = Package("", owner.name, owner.name, number, call.now, call.now, tags, given)
    return _add(call, region, package, owner)


def _add(call: Call, region: Region, package: Package, group: PackageGroup | None = None) -> dict[str, Any]:
    tail = f"/{package.version}" if group else ""
    package.arn = f"{prefix(call, region)}model-package/{package.name}{tail}"
    if package.arn in region.packages:
        raise AwsError("ConflictException", f"Model package {package.name} already exists")
    region.packages[package.arn] = package
    return {"ModelPackageArn": package.arn}


def find_package(call: Call, reference: str) -> Package:
    """Return a package by name, group/version or ARN; the caller is authorized already."""
    return _find(call, reference)[1]


def summary(package: Package) -> dict[str, Any]:
    """Return ModelPackageSummary of botocore's model."""
    return {**_row(package), **{key: package.given[key] for key in _SUMMARY if key in package.given}}


def _find(call: Call, reference: str) -> tuple[Region, Package]:
    """By name, group/version or ARN; the caller is authorized already. What is missing is a ValidationException."""
    found = _REFERENCE.fullmatch(reference)
    region = call.home
    if found and found[1]:
        region = call.state.region(found[1], call.region)
    tail = f"{found[2]}/{found[3]}" if found and found[3] else found[2] if found else ""
    package = region.packages.get(f"{prefix(call, region)}model-package/{tail}")
    if package is None:
        raise AwsError("ValidationException", f"ModelPackage {reference} does not exist.")
    return region, package


def _row(package: Package) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ModelPackageArn": package.arn,
        "CreationTime": package.created,
        "ModelPackageStatus": "Completed",
    }
    if package.group is None:
        return {**row, "ModelPackageName": package.name}
    return {**row, "ModelPackageGroupName": package.group, "ModelPackageVersion": package.version}


@operation("sagemaker", "DescribeModelPackage")
def describe_model_package(call: Call) -> dict[str, Any]:
    """Describe a package with everything it was given."""
    _, package = _find(call, call.params["ModelPackageName"])
    details: dict[str, Any] = {"ValidationStatuses": [], "ImageScanStatuses": []}
    return {**_described(package), "ModelPackageStatusDetails": details}


def _described(package: Package) -> dict[str, Any]:
    given = {key: value for key, value in package.given.items() if key != "SkipModelValidation"}
    times = {"LastModifiedTime": package.modified, "CreatedBy": {}, "LastModifiedBy": {}}
    return {**given, **_row(package), **times}


def package_records(region: Region) -> list[dict[str, Any]]:
    """Return the packages of a region as SearchRecord.ModelPackage of botocore's model."""
    return [{**_described(item), "Tags": tagging.to_aws(item.tags)} for item in region.packages.values()]


@operation("sagemaker", "UpdateModelPackage")
def update_model_package(call: Call) -> dict[str, Any]:
    """Change the approval status and other fields; nothing happens to any model card."""
    _, package = _find(call, call.params["ModelPackageArn"])
    card, changes = package.given.get("ModelCard") or {}, dict(call.params)
    if changes.get("ModelCard") and card.get("ModelCardStatus") == "Archived" and call.options.archived_frozen:
        raise AwsError(call.options.archived_error, "Model Card is in Archived state")
    del changes["ModelPackageArn"]
    removed = changes.pop("CustomerMetadataPropertiesToRemove", None) or []
    added = changes.pop("AdditionalInferenceSpecificationsToAdd", None) or []
    changes.pop("ClientToken", None)
    kept = package.given.get("CustomerMetadataProperties", {})
    metadata = {key: value for key, value in kept.items() if key not in removed}
    metadata |= changes.pop("CustomerMetadataProperties", None) or {}
    if kept or metadata:
        package.given["CustomerMetadataProperties"] = metadata
    if added:
        present = package.given.get("AdditionalInferenceSpecifications", [])
        package.given["AdditionalInferenceSpecifications"] = [*present, *added]
    if changes.get("ModelCard"):
        changes["ModelCard"] = {**card, **changes["ModelCard"]}
    package.given.update({key: value for key, value in changes.items() if value is not None})
    package.modified = call.now
    return {"ModelPackageArn": package.arn}


@operation("sagemaker", "DeleteModelPackage")
def delete_model_package(call: Call) -> dict[str, Any]:
    """Delete a package; its version number is not used again."""
    region, package = _find(call, call.params["ModelPackageName"])
    del region.packages[package.arn]
    return {}


def _listed(call: Call, package: Package) -> bool:
    group, kind = call.get("ModelPackageGroupName"), call.get("ModelPackageType")
    if group is not None:
        fits = package.group == group.rpartition("/")[2]
    else:
        fits = kind == "Both" or (package.group is not None) == (kind == "Versioned")
    status = call.get("ModelApprovalStatus")
    return (
        fits
        and status in (None, package.given.get("ModelApprovalStatus"))
        and call.get("NameContains", "") in package.name
        and within(call, package.created)
    )


@operation("sagemaker", "ListModelPackages")
def list_model_packages(call: Call) -> dict[str, Any]:
    """List a group's versions, or packages without a group unless ModelPackageType says otherwise."""
    region = call.home
    if call.get("ModelPackageGroupName") is not None:
        region, _ = find_group(call, call.params["ModelPackageGroupName"])
    kept = [package for package in region.packages.values() if _listed(call, package)]
    by_name = call.get("SortBy") == "Name"
    kept.sort(
        key=lambda item: (item.name if by_name else item.created, item.version or 0),
        reverse=is_descending(call, "Ascending"),
    )
    rows, token = page(call, kept, PAGE, lambda item: item.arn)
    return answer("ModelPackageSummaryList", [summary(item) for item in rows], token)
