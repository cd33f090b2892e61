"""The actions and resources of SageMaker operations, and the KMS actions on the keys of encrypted cards.

Sources: Service Authorization Reference, "Amazon SageMaker" (resource types and condition keys); SageMaker Developer
Guide, "Set up cross-account support for model cards" (readers need kms:Decrypt, writers and exporters also
kms:GenerateDataKey).
"""

import re
from collections.abc import Sequence
from typing import Any

from cardops.sandbox.core.operations import Call
from cardops.sandbox.iam.authorization import Target, targets
from cardops.sandbox.iam.entities import Key
from cardops.sandbox.kms.keys import find_key, key_target
from cardops.sandbox.state import Card, PackageGroup

Context = dict[str, str | Sequence[str]]
_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:([a-z0-9-]*):(\d{12}):([a-z-]+)/(.+)")
_CARD_OPERATIONS = (
    "DescribeModelCard",
    "UpdateModelCard",
    "DeleteModelCard",
    "ListModelCardVersions",
    "ListModelCardExportJobs",
)
_GROUP_OPERATIONS = (
    "DescribeModelPackageGroup",
    "DeleteModelPackageGroup",
    "PutModelPackageGroupPolicy",
    "GetModelPackageGroupPolicy",
    "DeleteModelPackageGroupPolicy",
)


def _arn(call: Call, kind: str, reference: str) -> str:
    """Return the ARN of a reference by name or ARN; empty for the ARN of another Region, which fails otherwise."""
    if not reference.startswith("arn:"):
        return f"{call.arn_prefix('sagemaker')}{kind}/{reference}"
    found = _ARN.fullmatch(reference)
    return reference if found and found[1] == call.region else ""


def tag_keys(tags: dict[str, str], prefixes: tuple[str, ...] = ("aws",)) -> Context:
    """Return the condition keys about the tags of a resource."""
    return {f"{prefix}:ResourceTag/{name}": value for prefix in prefixes for name, value in tags.items()}


def request_tags(rows: list[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> Context:
    """Return the condition keys about the tags that a request sets."""
    given = {str(row.get(key, "")): str(row.get(value, "")) for row in rows or []}
    found: Context = {f"aws:RequestTag/{name}": text for name, text in given.items()}
    return found | ({"aws:TagKeys": list(given)} if given else {})


def _resource_keys(call: Call, arn: str) -> Context:
    found = _ARN.fullmatch(arn)
    if found is None:
        return {}
    region = call.state.regions.get(f"{found[2]}/{found[1]}")
    if region is None:
        return {}
    card = region.cards.get(found[4]) if found[3] == "model-card" else None
    other = region.exports.get(arn) or region.groups.get(arn) or region.packages.get(arn)
    holder = card or other
    return tag_keys(holder.tags, ("aws", "sagemaker")) if holder else {}


def _card(call: Call, arn: str) -> tuple[Card, Key] | None:
    """Return a card and its key, if it is encrypted under a key that the sandbox has."""
    found = _ARN.fullmatch(arn)
    region = call.state.regions.get(f"{found[2]}/{found[1]}") if found else None
    card = region.cards.get(found[4]) if found and region else None
    key = find_key(call, region, card.kms_key_id) if region and card and card.kms_key_id else None
    return (card, key) if card and key else None


def _encrypted(call: Call, arn: str, actions: Sequence[str]) -> list[Target]:
    found = _card(call, arn)
    return [key_target(call, action, found[1], found[0].arn) for action in actions] if found else []


@targets("sagemaker", "CreateModelCard")
def _create_card(call: Call) -> list[Target]:
    arn = _arn(call, "model-card", call.params["ModelCardName"])
    tags = request_tags(call.get("Tags"))
    found = [Target("sagemaker:CreateModelCard", arn, tags)]
    if tags:
        found.append(Target("sagemaker:AddTags", arn, tags))
    key = find_key(call, call.home, call.get("SecurityConfig", {}).get("KmsKeyId"))
    return [*found, key_target(call, "kms:GenerateDataKey", key, arn)] if key else found


@targets("sagemaker", *_CARD_OPERATIONS)
def _on_card(call: Call) -> list[Target]:
    arn = _arn(call, "model-card", call.params["ModelCardName"])
    if not arn:
        return []
    found = [Target(f"sagemaker:{call.operation}", arn, _resource_keys(call, arn))]
    return found + _encrypted(call, arn, _key_actions(call))


def _key_actions(call: Call) -> list[str]:
    if call.operation == "DescribeModelCard" and call.get("IncludedData") != "MetadataOnly":
        return ["kms:Decrypt"]
    writes = call.get("Content") is not None or call.options.status_write_needs_key
    return ["kms:GenerateDataKey"] if call.operation == "UpdateModelCard" and writes else []


@targets("sagemaker", "CreateModelCardExportJob")
def _export(call: Call) -> list[Target]:
    arn = _arn(call, "model-card", call.params["ModelCardName"])
    if not arn:
        return []
    found = [Target("sagemaker:CreateModelCardExportJob", arn, _resource_keys(call, arn))]
    return found + _encrypted(call, arn, ["kms:Decrypt", "kms:GenerateDataKey"])


@targets("sagemaker", "DescribeModelCardExportJob")
def _describe_export(call: Call) -> list[Target]:
    arn = call.params["ModelCardExportJobArn"]
    found = _ARN.fullmatch(arn)
    known = found is not None and found[1] == call.region
    return [Target("sagemaker:DescribeModelCardExportJob", arn, _resource_keys(call, arn))] if known else []


@targets("sagemaker", "AddTags", "DeleteTags", "ListTags")
def _tags(call: Call) -> list[Target]:
    arn = _arn(call, "", call.params["ResourceArn"])
    if not arn:
        return []
    context = _resource_keys(call, arn) | request_tags(call.get("Tags"))
    if call.get("TagKeys"):
        context["aws:TagKeys"] = list(call.params["TagKeys"])
    return [Target(f"sagemaker:{call.operation}", arn, context)]


@targets("sagemaker", "CreateModelPackageGroup", *_GROUP_OPERATIONS)
def _group(call: Call) -> list[Target]:
    arn = _arn(call, "model-package-group", call.params["ModelPackageGroupName"])
    context = _resource_keys(call, arn) | request_tags(call.get("Tags"))
    return [Target(f"sagemaker:{call.operation}", arn, context)] if arn else []


def group_arn_of(package: str) -> str:
    """Return the ARN of the group that a package version's ARN belongs to, or an empty text."""
    head, _, tail = package.partition(":model-package/")
    return f"{head}:model-package-group/{tail.partition('/')[0]}" if "/" in tail else ""


def find_group(call: Call, arn: str) -> PackageGroup | None:
    """Return a package group of any account by its ARN."""
    parts = arn.split(":")
    region = call.state.regions.get(f"{parts[4]}/{parts[3]}") if len(parts) > 5 else None
    return region.groups.get(arn) if region else None


@targets("sagemaker", "CreateModelPackage")
def _create_package(call: Call) -> list[Target]:
    group, name = call.get("ModelPackageGroupName"), call.get("ModelPackageName")
    tags = request_tags(call.get("Tags"))
    if group is None:
        arn = _arn(call, "model-package", name or "*")
        return [Target("sagemaker:CreateModelPackage", arn, _package_keys(call.params) | tags)]
    parent = _arn(call, "model-package-group", group)
    known = find_group(call, parent)
    number = known.last_version + 1 if known else 1
    arn = f"{parent.replace(':model-package-group/', ':model-package/')}/{number}"
    return [Target("sagemaker:CreateModelPackage", arn, _package_keys(call.params) | tags)] if parent else []


@targets("sagemaker", "ListModelPackages")
def _list_packages(call: Call) -> list[Target]:
    group = call.get("ModelPackageGroupName")
    if group is None:
        return [Target("sagemaker:ListModelPackages")]
    arn = _arn(call, "model-package-group", group)
    return [Target("sagemaker:ListModelPackages", arn if group.startswith("arn:") else "*")] if arn else []


@targets("sagemaker", "DescribeModelPackage", "DeleteModelPackage")
def _package(call: Call) -> list[Target]:
    return _on_package(call, call.params["ModelPackageName"], {})


@targets("sagemaker", "BatchDescribeModelPackage")
def _batch(_call: Call) -> list[Target]:
    return []  # each ARN is decided by itself, and refusals are rows of the answer


@targets("sagemaker", "UpdateModelPackage")
def _update_package(call: Call) -> list[Target]:
    arn = call.params["ModelPackageArn"]
    return _on_package(call, arn, _package_keys(call.params) | _current_keys(call, arn))


def _on_package(call: Call, reference: str, context: Context) -> list[Target]:
    arn = _arn(call, "model-package", reference)
    return [Target(f"sagemaker:{call.operation}", arn, _resource_keys(call, arn) | context)] if arn else []


def _package_keys(given: dict[str, Any], prefix: str = "") -> Context:
    """Return SageMaker's condition keys about a package; ``prefix`` is Current for its present values."""
    cycle, found = given.get("ModelLifeCycle") or {}, dict[str, str | Sequence[str]]()
    separator = "" if prefix else ":"
    for name in ("Stage", "StageStatus"):
        if cycle.get(name):
            found[f"sagemaker:{prefix}ModelLifeCycle{separator}{name}"] = cycle[name]
    if not prefix and given.get("ModelApprovalStatus"):
        found["sagemaker:ModelApprovalStatus"] = given["ModelApprovalStatus"]
    for key, value in (given.get("CustomerMetadataProperties") or {}).items():
        found[f"sagemaker:{prefix}CustomerMetadataProperties/{key}"] = value
    if given.get("CustomerMetadataPropertiesToRemove"):
        found["sagemaker:CustomerMetadataPropertiesToRemove"] = list(given["CustomerMetadataPropertiesToRemove"])
    return found


def _current_keys(call: Call, arn: str) -> Context:
    parts = arn.split(":")
    region = call.state.regions.get(f"{parts[4]}/{parts[3]}") if len(parts) > 5 else None
    package = region.packages.get(arn) if region else None
    return _package_keys(package.given, "Current") if package else {}
