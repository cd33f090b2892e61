"""Organizations: service control policies and their attachments.

Source: Organizations User Guide, "Quotas": an SCP has at most 10,240 characters, ten are attached to an entity at
most and one at least.
"""

from typing import Any
from uuid import uuid4

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.entities import OrganizationPolicy
from cardops.sandbox.iam.grammar import Kind, MalformedPolicy, check
from cardops.sandbox.iam.managed import ALLOW_ALL
from cardops.sandbox.iam.organization import FULL_ACCESS, ROOT_ID, SCP, attached
from cardops.sandbox.organizations.access import arn, not_found, organization

PAGE = 20
MAX_SIZE = 10_240
MAX_ATTACHED = 10
_FULL = OrganizationPolicy(FULL_ACCESS, "FullAWSAccess", "Allows access to every operation", SCP, ALLOW_ALL)


def _find(call: Call) -> OrganizationPolicy:
    number = call.params["PolicyId"]
    found = organization(call).policies.get(number) or (_FULL if number == FULL_ACCESS else None)
    if found is None:
        raise not_found("PolicyNotFoundException", f"policy {number}")
    return found


def _own(call: Call) -> OrganizationPolicy:
    found = _find(call)
    if found is _FULL:
        raise AwsError("InvalidInputException", "You can't change an AWS managed policy.")
    return found


def _summary(call: Call, item: OrganizationPolicy) -> dict[str, Any]:
    managed = item is _FULL
    kind = SCP.lower()
    name = f"arn:{call.partition}:organizations::aws:policy/{kind}/{item.id}" if managed else ""
    return {
        "Id": item.id,
        "Arn": name or arn(call, "policy", f"{kind}/{item.id}"),
        "Name": item.name,
        "Description": item.description,
        "Type": item.type,
        "AwsManaged": managed,
    }


def _described(call: Call, item: OrganizationPolicy) -> dict[str, Any]:
    return {"Policy": {"PolicySummary": _summary(call, item), "Content": item.content}}


def _checked(text: str) -> str:
    if len(text) > MAX_SIZE:
        raise AwsError("ConstraintViolationException", f"A policy has at most {MAX_SIZE} characters.")
    try:
        check(text, Kind.SCP)
    except MalformedPolicy as error:
        raise AwsError("MalformedPolicyDocumentException", str(error)) from error
    return text


@operation("organizations", "CreatePolicy")
def create_policy(call: Call) -> dict[str, Any]:
    """Create a service control policy; other types are not available."""
    held, name, kind = organization(call).policies, call.params["Name"], call.params["Type"]
    if kind != SCP:
        raise AwsError("PolicyTypeNotAvailableForOrganizationException", f"The sandbox has no policies of type {kind}.")
    text = _checked(call.params["Content"])
    if any(item.name == name for item in [*held.values(), _FULL]):
        raise AwsError("DuplicatePolicyException", f"A policy named {name} already exists.")
    number = f"p-{uuid4().hex[:12]}"
    held[number] = OrganizationPolicy(number, name, call.params["Description"], kind, text)
    return _described(call, held[number])


@operation("organizations", "UpdatePolicy")
def update_policy(call: Call) -> dict[str, Any]:
    """Change a policy's name, description or content."""
    item = _own(call)
    item.content = _checked(call.get("Content", item.content))
    item.name, item.description = call.get("Name", item.name), call.get("Description", item.description)
    return _described(call, item)


@operation("organizations", "DeletePolicy")
def delete_policy(call: Call) -> dict[str, Any]:
    """Delete a policy that is attached nowhere."""
    item, held = _own(call), call.state.organization
    if any(item.id in numbers for numbers in held.attached.values()):
        raise AwsError("PolicyInUseException", "The policy is attached to one or more entities.")
    del held.policies[item.id]
    return {}


@operation("organizations", "DescribePolicy")
def describe_policy(call: Call) -> dict[str, Any]:
    """Describe a policy with its content."""
    return _described(call, _find(call))


def _target(call: Call, target: str) -> str:
    known = target == ROOT_ID or target in call.state.organization.units or call.in_organization(target)
    if not known or (target.startswith("r-") and target != ROOT_ID):
        raise not_found("TargetNotFoundException", f"target {target}")
    if target.startswith("ou-") and target not in call.state.organization.units:
        raise not_found("TargetNotFoundException", f"target {target}")
    return target


@operation("organizations", "AttachPolicy")
def attach_policy(call: Call) -> dict[str, Any]:
    """Attach a policy to the root, a unit or an account."""
    item, target = _find(call), _target(call, call.params["TargetId"])
    numbers = list(attached(call.state.organization, target))
    if item.id in numbers:
        raise AwsError("DuplicatePolicyAttachmentException", "The policy is attached to the target already.")
    if len(numbers) >= MAX_ATTACHED:
        raise AwsError("ConstraintViolationException", f"An entity has at most {MAX_ATTACHED} policies.")
    call.state.organization.attached[target] = [*numbers, item.id]
    return {}


@operation("organizations", "DetachPolicy")
def detach_policy(call: Call) -> dict[str, Any]:
    """Detach a policy; the last one of an entity stays."""
    item, target = _find(call), _target(call, call.params["TargetId"])
    numbers = list(attached(call.state.organization, target))
    if item.id not in numbers:
        raise AwsError("PolicyNotAttachedException", "The policy isn't attached to the specified target.")
    if len(numbers) == 1:
        raise AwsError("ConstraintViolationException", "An entity needs at least one service control policy.")
    numbers.remove(item.id)
    call.state.organization.attached[target] = numbers
    return {}


def _listed(call: Call, items: list[OrganizationPolicy]) -> dict[str, Any]:
    rows, token = page(call, items, PAGE, lambda item: item.id)
    return answer("Policies", [_summary(call, item) for item in rows], token)


@operation("organizations", "ListPolicies")
def list_policies(call: Call) -> dict[str, Any]:
    """List the policies of a type."""
    held = [_FULL, *organization(call).policies.values()]
    return _listed(call, [item for item in held if item.type == call.params["Filter"]])


@operation("organizations", "ListPoliciesForTarget")
def list_policies_for_target(call: Call) -> dict[str, Any]:
    """List the policies attached to a target directly, without inherited ones."""
    held, target = organization(call), _target(call, call.params["TargetId"])
    found = [_FULL if number == FULL_ACCESS else held.policies[number] for number in attached(held, target)]
    return _listed(call, [item for item in found if item.type == call.params["Filter"]])


@operation("organizations", "ListTargetsForPolicy")
def list_targets_for_policy(call: Call) -> dict[str, Any]:
    """List the targets to which a policy was attached."""
    item, held = _find(call), call.state.organization
    rows, token = page(call, [name for name, numbers in held.attached.items() if item.id in numbers], PAGE, str)
    return answer("Targets", [_target_row(call, name) for name in rows], token)


def _target_row(call: Call, target: str) -> dict[str, str]:
    if target.isdigit():
        kind, path, name = "ACCOUNT", "account", f"account-{target}"
    elif target == ROOT_ID:
        kind, path, name = "ROOT", "root", "Root"
    else:
        kind, path, name = "ORGANIZATIONAL_UNIT", "ou", call.state.organization.units[target].name
    return {"TargetId": target, "Arn": arn(call, path, target), "Name": name, "Type": kind}
