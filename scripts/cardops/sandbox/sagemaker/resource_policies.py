"""Resource policies of SageMaker resources: what RAM writes, and the policy of a model package group."""

import json
from typing import Any

from cardops.sandbox.core.operations import Call
from cardops.sandbox.iam.authorization import Target, resource_policy
from cardops.sandbox.iam.evaluator import Document
from cardops.sandbox.ram.resource_policy import compiled_policy, written_policy
from cardops.sandbox.sagemaker.targets import find_group, group_arn_of


@resource_policy("sagemaker")
def _find(call: Call, target: Target) -> Document | None:
    parts = target.resource.split(":")
    region = call.state.regions.get(f"{parts[4]}/{parts[3]}") if len(parts) > 5 else None
    if region is None:
        return None
    if ":model-card/" in target.resource:
        return compiled_policy(call, region, target.resource.partition("/export-job/")[0])
    arn = group_arn_of(target.resource) if ":model-package/" in target.resource else target.resource
    group = find_group(call, arn)
    return _joined(group.policy, written_policy(call, region, arn)) if group else None


def _joined(own: str | None, written: dict[str, Any] | None) -> Document | None:
    if own is None or written is None:
        return own or written
    document = json.loads(own)
    rows = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    return {**document, "Statement": [*rows, *written["Statement"]]}
