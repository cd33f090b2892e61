"""Classify the actions on a model card as reading or writing.

Source: the actions that AWS lists for the managed permissions of `sagemaker:ModelCard` (RAM, "Shareable AWS
resources"). Access is computed from actions, never from a permission's name: `export` writes too.
"""

from collections.abc import Iterable

RESOURCE_TYPE = "sagemaker:ModelCard"
READ_ACTIONS = frozenset({"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"})
EXPORT_ACTIONS = frozenset({"sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob"})
WRITE_ACTIONS = frozenset({"sagemaker:UpdateModelCard"})
MANAGED = {
    "AWSRAMPermissionSageMakerModelCards": READ_ACTIONS | WRITE_ACTIONS,
    "AWSRAMPermissionSageMakerModelCardsAllowExport": READ_ACTIONS | WRITE_ACTIONS | EXPORT_ACTIONS,
}


def may_write(actions: Iterable[str]) -> bool:
    """True unless every action is known to leave the card as it is: an unknown action counts as a write."""
    return not set(actions) <= READ_ACTIONS | EXPORT_ACTIONS


def managed_arn(name: str) -> str:
    """The ARN of an AWS managed permission."""
    return f"arn:aws:ram::aws:permission/{name}"
