"""SageMaker's model registry. Sources: botocore's model of `sagemaker` and the SageMaker API reference."""

from collections.abc import Mapping
from typing import Any

from cardops.aws.client import Calls
from cardops.aws.errors import Where
from cardops.aws.sagemaker_cards import PAGES
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.registry import Approval, ObservedPackage, PackageKey


class Boto3Registry:
    """Implements ports.Registry."""

    def __init__(self, client: Any, where: Where) -> None:
        self._calls = Calls(client, "sagemaker", PAGES, where)

    def approvals(self, group: str) -> dict[int, Approval]:
        """One page holds 100 versions; the summaries have neither description nor metadata."""
        operation, found = "ListModelPackages", {}
        try:
            for summary in self._calls.items(operation, "ModelPackageSummaryList", group, ModelPackageGroupName=group):
                with self._calls.reading(operation, group):
                    found[int(summary["ModelPackageVersion"])] = Approval(summary["ModelApprovalStatus"])
        except CloudError as problem:
            raise _absent(problem) from None
        return found

    def describe(self, group: str, version: int) -> ObservedPackage:
        """A versioned package is known by its ARN: its name is that of the group."""
        operation, resource = "DescribeModelPackage", f"{group}/{version}"
        try:
            answer = self._calls.call(operation, resource, ModelPackageName=self._arn(group, version))
        except CloudError as problem:
            raise _absent(problem) from None
        with self._calls.reading(operation, resource):
            key = PackageKey(*self._calls.where.place, group, version)
            marks = dict(answer.get("CustomerMetadataProperties") or {})
            return ObservedPackage(key, Approval(answer["ModelApprovalStatus"]), marks)

    def set_approval(
        self, group: str, version: int, approval: Approval, description: str, marks: Mapping[str, str]
    ) -> None:
        """CustomerMetadataProperties are merged into what is there; the description is replaced."""
        request: dict[str, Any] = {
            "ModelPackageArn": self._arn(group, version),
            "ModelApprovalStatus": approval.value,
            "ApprovalDescription": description,
            "CustomerMetadataProperties": dict(marks),
        }
        self._calls.call("UpdateModelPackage", f"{group}/{version}", **request)

    def _arn(self, group: str, version: int) -> str:
        account, region = self._calls.where.place
        return f"arn:aws:sagemaker:{region}:{account}:model-package/{group}/{version}"


def _absent(problem: CloudError) -> CloudError:
    """The registry's operations model no error for what is missing; they answer ValidationException."""
    if problem.code == "ValidationException" and "does not exist" in problem.message:
        return NotFoundError(problem.message, problem.hint, problem.code)
    return problem
