"""Access to Organizations, and the errors that its operations share.

Source: Organizations API Reference: members may ask DescribeOrganization; everything else is for the management
account, and reading for delegated administrators too.
"""

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.entities import Organization
from cardops.sandbox.iam.organization import ORGANIZATION_ID, ROOT_ID, is_member
from cardops.sandbox.state import State

_READS = ("Describe", "List")


def organization(call: Call) -> Organization:
    """Return the organization for a caller that may call the operation; raises AwsError."""
    account = call.caller.account
    if not is_member(call.options, account):
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    found = call.state.organization
    delegated = account in found.delegated and call.operation.startswith(_READS)
    if account != call.options.management_account and not delegated and call.operation != "DescribeOrganization":
        raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
    return found


def arn(call: Call, kind: str, tail: str) -> str:
    """Return the ARN of a part of the organization."""
    return f"arn:{call.partition}:organizations::{call.options.management_account}:{kind}/{ORGANIZATION_ID}/{tail}"


def accounts(call: Call) -> list[str]:
    """Return the known members: the management account and every account that has been used or moved."""
    state: State = call.state
    used = {region.account for region in state.regions.values()} | state.iam.keys() | state.organization.parents.keys()
    attached = {target for target in state.organization.attached if target.isdigit()}
    found = {call.options.management_account, call.caller.account} | used | attached
    return sorted(account for account in found if is_member(call.options, account))


def not_found(code: str, name: str) -> AwsError:
    """Return a not-found error."""
    return AwsError(code, f"You specified {name}, which doesn't exist.")


def check_parent(call: Call, parent: str, code: str = "ParentNotFoundException") -> str:
    """Return the id of the root or of a unit; raises AwsError."""
    if parent != ROOT_ID and parent not in call.state.organization.units:
        raise not_found(code, f"parent {parent}")
    return parent
