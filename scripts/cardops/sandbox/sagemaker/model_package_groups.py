"""SageMaker model registry: model package groups."""

import re
from typing import Any

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.sagemaker.card_lists import PAGE, is_descending, within
from cardops.sandbox.state import PackageGroup, Region

_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:(\d{12}):model-package-group/([^/]+)")


def prefix(call: Call, region: Region) -> str:
    """Return the start of the ARNs in the region."""
    return f"arn:{call.partition}:sagemaker:{call.region}:{region.account}:"


def find_group(call: Call, reference: str) -> tuple[Region, PackageGroup]:
    """Return a group by name or ARN; a missing one is a ValidationException. The caller is authorized already."""
    found = _ARN.fullmatch(reference)
    region = call.state.region(found[1], call.region) if found else call.home
    arn = f"{prefix(call, region)}model-package-group/{found[2] if found else reference}"
    group = region.groups.get(arn)
    if group is None:
        raise AwsError("ValidationException", f"ModelPackageGroup {reference} does not exist.")
    return region, group


@operation("sagemaker", "CreateModelPackageGroup")
def create_model_package_group(call: Call) -> dict[str, Any]:
    """Create a group; a second one of the name is refused."""
    name, home = call.params["ModelPackageGroupName"], call.home
    tags = tagging.from_aws(call.get("Tags"))
    arn = f"{prefix(call, home)}model-package-group/{name}"
    if arn in home.groups:
        raise AwsError("ValidationException", f"Model Package Group already exists: {arn}")
    kept = ("ModelPackageGroupDescription", "ManagedConfiguration")
    given = {key: call.params[key] for key in kept if call.get(key) is not None}
    home.groups[arn] = PackageGroup(arn, name, call.now, tags, given)
    return {"ModelPackageGroupArn": arn}


def _row(group: PackageGroup) -> dict[str, Any]:
    return {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        "CreationTime": group.created,
        "ModelPackageGroupStatus": "Completed",
        **group.given,
    }


def group_records(region: Region) -> list[dict[str, Any]]:
    """Return the groups of a region as SearchRecord.ModelPackageGroup of botocore's model."""
    members = ("ModelPackageGroupName", "ModelPackageGroupArn", "CreationTime", "ModelPackageGroupStatus")
    return [
        {name: _row(item)[name] for name in members} | {"CreatedBy": {}, "Tags": tagging.to_aws(item.tags)}
        for item in region.groups.values()
    ]


@operation("sagemaker", "DescribeModelPackageGroup")
def describe_model_package_group(call: Call) -> dict[str, Any]:
    """Describe a group."""
    _, group = find_group(call, call.params["ModelPackageGroupName"])
    return {**_row(group), "CreatedBy": {}}


@operation("sagemaker", "DeleteModelPackageGroup")
def delete_model_package_group(call: Call) -> dict[str, Any]:
    """Delete a group that has no versions left."""
    region, group = find_group(call, call.params["ModelPackageGroupName"])
    if any(package.group == group.name for package in region.packages.values()):
        raise AwsError("ConflictException", f"Model package group {group.name} still has model packages")
    del region.groups[group.arn]
    return {}


@operation("sagemaker", "ListModelPackageGroups")
def list_model_package_groups(call: Call) -> dict[str, Any]:
    """List the caller's own groups."""
    part = call.get("NameContains", "")
    kept = [item for item in call.home.groups.values() if part in item.name and within(call, item.created)]
    if call.get("CrossAccountFilterOption") == "CrossAccount":
        kept = []
    if call.get("SortBy") == "Name":
        kept.sort(key=lambda item: item.name, reverse=is_descending(call, "Ascending"))
    else:
        kept.sort(key=lambda item: (item.created, item.name), reverse=is_descending(call, "Ascending"))
    rows, token = page(call, kept, PAGE, lambda item: item.arn)
    return answer("ModelPackageGroupSummaryList", [_row(item) for item in rows], token)
