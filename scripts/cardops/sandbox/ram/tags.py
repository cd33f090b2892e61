"""RAM: tags of shares and customer managed permissions, and the organization switch."""

from typing import Any

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import active_share
from cardops.sandbox.ram.attached_permissions import named_permission


def _target(call: Call) -> dict[str, str]:
    """Return the tags of the share or permission; exactly one must be given (botocore)."""
    share, other = call.get("resourceShareArn"), call.get("resourceArn")
    if (share is None) == (other is None):
        raise AwsError("InvalidParameterException", "Specify either resourceShareArn or resourceArn, not both.")
    if share is not None:
        return active_share(call, share).tags
    permission = named_permission(call, other)
    if permission.managed:
        raise AwsError("InvalidParameterException", f"{permission.arn} is an AWS managed permission.")
    return permission.tags


@operation("ram", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    """Add or overwrite tags."""
    tagging.add(_target(call), tagging.from_ram(call.params["tags"]), "TagLimitExceededException")
    return {}


@operation("ram", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    """Remove tags; absent ones are ignored."""
    tags = _target(call)
    for key in call.params["tagKeys"]:
        tags.pop(key, None)
    return {}


@operation("ram", "EnableSharingWithAwsOrganization")
def enable_sharing_with_aws_organization(call: Call) -> dict[str, Any]:
    """Turn sharing within the organization on; an account outside of it cannot."""
    if not call.in_organization(call.caller.account):
        raise AwsError("OperationNotPermittedException", "The account is not in an organization.")
    call.state.organization_sharing = True
    return {"returnValue": True}
