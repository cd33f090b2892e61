"""RAM: the resource policies that RAM wrote, and sources of shares, which the sandbox never has."""

import json
from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import check_list, malformed
from cardops.sandbox.ram.attached_permissions import named_permission
from cardops.sandbox.ram.resource_policy import written_policy
from cardops.sandbox.ram.resource_types import RESOURCE

PAGE = 100


@operation("ram", "GetResourcePolicies")
def get_resource_policies(call: Call) -> dict[str, Any]:
    """Return the policies of own resources that are shared, all or those that name a principal."""
    principal, policies = call.get("principal", ""), []
    for arn in check_list(call, "resourceArns"):
        if not RESOURCE.fullmatch(arn):
            raise malformed(arn)
        if arn.split(":")[4] != call.caller.account:
            raise AwsError("ResourceArnNotFoundException", f"The resource {arn} could not be found.")
        found = written_policy(call, call.home, arn)
        text = json.dumps(found) if found else ""
        if text and principal in text:
            policies.append(text)
    return answer("policies", *page(call, policies, PAGE, str), "nextToken")


@operation("ram", "ListSourceAssociations")
def list_source_associations(call: Call) -> dict[str, Any]:
    """List nothing: a source restricts service principals, which the sandbox's resource types do not take."""
    return {"sourceAssociations": []}


@operation("ram", "UpdatePermission")
def update_permission(call: Call) -> dict[str, Any]:
    """Deprecate a customer managed permission, which no share can get then, or restore it."""
    permission = named_permission(call, call.params["permissionArn"])
    if permission.managed:
        raise AwsError("OperationNotPermittedException", f"{permission.arn} is an AWS managed permission.")
    permission.status, permission.updated = call.params["status"], call.now
    return {"permissionStatus": permission.status}
