"""SageMaker model registry: resource policies of model package groups.

Source: SageMaker API Reference, PutModelPackageGroupPolicy (20,480 characters at most). RAM makes a share of such a
policy, which its principals see only when it has been promoted.
"""

from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.grammar import Kind, MalformedPolicy, check
from cardops.sandbox.ram.created_from_policy import replace_share
from cardops.sandbox.sagemaker.model_package_groups import find_group


@operation("sagemaker", "PutModelPackageGroupPolicy")
def put_model_package_group_policy(call: Call) -> dict[str, Any]:
    """Set a group's policy."""
    _, group = find_group(call, call.params["ModelPackageGroupName"])
    text = call.params["ResourcePolicy"]
    try:
        check(text, Kind.RESOURCE)
    except MalformedPolicy as error:
        raise AwsError("ValidationException", f"Invalid resource policy: {error}") from error
    group.policy = text
    replace_share(call, group.arn, text)
    return {"ModelPackageGroupArn": group.arn}


@operation("sagemaker", "GetModelPackageGroupPolicy")
def get_model_package_group_policy(call: Call) -> dict[str, Any]:
    """Return a group's policy."""
    _, group = find_group(call, call.params["ModelPackageGroupName"])
    if group.policy is None:
        raise AwsError("ValidationException", f"Cannot find resource policy for {group.arn}")
    return {"ResourcePolicy": group.policy}


@operation("sagemaker", "DeleteModelPackageGroupPolicy")
def delete_model_package_group_policy(call: Call) -> dict[str, Any]:
    """Delete a group's policy."""
    _, group = find_group(call, call.params["ModelPackageGroupName"])
    if group.policy is None:
        raise AwsError("ValidationException", f"Cannot find resource policy for {group.arn}")
    group.policy = None
    replace_share(call, group.arn, None)
    return {}
