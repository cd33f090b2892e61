"""SageMaker model registry: BatchDescribeModelPackage."""

from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.applicable import applicable
from cardops.sandbox.iam.authorization import Target, denied, evaluate
from cardops.sandbox.iam.evaluator import Decision
from cardops.sandbox.sagemaker.model_packages import find_package, summary

_ACTION = "sagemaker:BatchDescribeModelPackage"


@operation("sagemaker", "BatchDescribeModelPackage")
def batch_describe_model_package(call: Call) -> dict[str, Any]:
    """Describe packages by their ARNs; those that are missing or refused are in an error map."""
    own = applicable(call.state, call.options, call.caller)
    found: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for arn in dict.fromkeys(call.params["ModelPackageArnList"]):
        try:
            target = Target(_ACTION, arn)
            verdict = evaluate(call, target, own)
            if verdict.decision is not Decision.ALLOWED:
                raise denied(call, target, verdict)
            found[arn] = _row(find_package(call, arn))
        except AwsError as error:
            errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
    return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}


def _row(package: Any) -> dict[str, Any]:
    specification = {"InferenceSpecification": package.given.get("InferenceSpecification", {"Containers": []})}
    row = {**summary(package), **specification}
    return {key: value for key, value in row.items() if key != "ModelLifeCycle"}
