"""Organizations: the organization, its root, units and accounts."""

from typing import Any
from uuid import uuid4

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.entities import Unit
from cardops.sandbox.iam.organization import ORGANIZATION_ID, ROOT_ID, SCP
from cardops.sandbox.organizations.access import accounts, arn, check_parent, not_found, organization

PAGE = 20
_TYPES = [{"Type": SCP, "Status": "ENABLED"}]


@operation("organizations", "DescribeOrganization")
def describe_organization(call: Call) -> dict[str, Any]:
    """Describe the organization that the caller's account belongs to."""
    organization(call)
    management = call.options.management_account
    start = f"arn:{call.partition}:organizations::{management}:"
    row = {
        "Id": ORGANIZATION_ID,
        "Arn": f"{start}organization/{ORGANIZATION_ID}",
        "FeatureSet": "ALL",
        "MasterAccountArn": f"{start}account/{ORGANIZATION_ID}/{management}",
        "MasterAccountId": management,
        "MasterAccountEmail": f"{management}@example.com",
        "AvailablePolicyTypes": _TYPES,
    }
    return {"Organization": row}


def _account(call: Call, number: str) -> dict[str, Any]:
    return {
        "Id": number,
        "Arn": arn(call, "account", number),
        "Email": f"{number}@example.com",
        "Name": f"account-{number}",
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": "INVITED",
        "JoinedTimestamp": 0.0,
    }


@operation("organizations", "ListAccounts")
def list_accounts(call: Call) -> dict[str, Any]:
    """List the accounts that the sandbox has seen."""
    organization(call)
    rows, token = page(call, accounts(call), PAGE, str)
    return answer("Accounts", [_account(call, number) for number in rows], token)


@operation("organizations", "DescribeAccount")
def describe_account(call: Call) -> dict[str, Any]:
    """Describe an account of the organization."""
    organization(call)
    number = call.params["AccountId"]
    if not call.in_organization(number):
        raise not_found("AccountNotFoundException", f"account {number}")
    return {"Account": _account(call, number)}


@operation("organizations", "ListRoots")
def list_roots(call: Call) -> dict[str, Any]:
    """List the one root."""
    organization(call)
    return {"Roots": [{"Id": ROOT_ID, "Arn": arn(call, "root", ROOT_ID), "Name": "Root", "PolicyTypes": _TYPES}]}


@operation("organizations", "EnablePolicyType")
def enable_policy_type(call: Call) -> dict[str, Any]:
    """Refuse: service control policies are enabled from the start."""
    organization(call)
    raise AwsError("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")


def _unit(call: Call, unit: Unit) -> dict[str, Any]:
    return {"Id": unit.id, "Arn": arn(call, "ou", unit.id), "Name": unit.name}


@operation("organizations", "CreateOrganizationalUnit")
def create_organizational_unit(call: Call) -> dict[str, Any]:
    """Create a unit below the root or another unit."""
    held = organization(call).units
    parent, name = check_parent(call, call.params["ParentId"]), call.params["Name"]
    if any(unit.parent == parent and unit.name == name for unit in held.values()):
        raise AwsError("DuplicateOrganizationalUnitException", f"A unit named {name} already exists.")
    unit = Unit(f"ou-{ROOT_ID.removeprefix('r-')}-{uuid4().hex[:8]}", name, parent)
    held[unit.id] = unit
    return {"OrganizationalUnit": _unit(call, unit)}


@operation("organizations", "DescribeOrganizationalUnit")
def describe_organizational_unit(call: Call) -> dict[str, Any]:
    """Describe a unit."""
    unit = organization(call).units.get(call.params["OrganizationalUnitId"])
    if unit is None:
        raise not_found("OrganizationalUnitNotFoundException", call.params["OrganizationalUnitId"])
    return {"OrganizationalUnit": _unit(call, unit)}


@operation("organizations", "ListOrganizationalUnitsForParent")
def list_organizational_units_for_parent(call: Call) -> dict[str, Any]:
    """List the units directly below a parent."""
    parent = check_parent(call, call.params["ParentId"])
    units = [unit for unit in organization(call).units.values() if unit.parent == parent]
    rows, token = page(call, units, PAGE, lambda unit: unit.id)
    return answer("OrganizationalUnits", [_unit(call, unit) for unit in rows], token)


def _below(call: Call, parent: str) -> list[str]:
    parents = call.state.organization.parents
    return [number for number in accounts(call) if parents.get(number, ROOT_ID) == parent]


@operation("organizations", "ListAccountsForParent")
def list_accounts_for_parent(call: Call) -> dict[str, Any]:
    """List the accounts directly below a parent."""
    organization(call)
    rows, token = page(call, _below(call, check_parent(call, call.params["ParentId"])), PAGE, str)
    return answer("Accounts", [_account(call, number) for number in rows], token)


@operation("organizations", "ListChildren")
def list_children(call: Call) -> dict[str, Any]:
    """List the units or accounts directly below a parent."""
    held, kind = organization(call), call.params["ChildType"]
    parent = check_parent(call, call.params["ParentId"])
    units = [unit.id for unit in held.units.values() if unit.parent == parent]
    rows, token = page(call, units if kind == "ORGANIZATIONAL_UNIT" else _below(call, parent), PAGE, str)
    return answer("Children", [{"Id": item, "Type": kind} for item in rows], token)


@operation("organizations", "ListParents")
def list_parents(call: Call) -> dict[str, Any]:
    """Return the one parent of an account or unit."""
    held, child = organization(call), call.params["ChildId"]
    if child in held.units:
        parent = held.units[child].parent
    elif call.in_organization(child):
        parent = held.parents.get(child, ROOT_ID)
    else:
        raise not_found("ChildNotFoundException", child)
    return {"Parents": [{"Id": parent, "Type": "ROOT" if parent == ROOT_ID else "ORGANIZATIONAL_UNIT"}]}


@operation("organizations", "MoveAccount")
def move_account(call: Call) -> dict[str, Any]:
    """Move an account from one parent to another."""
    held, number = organization(call), call.params["AccountId"]
    if not call.in_organization(number):
        raise not_found("AccountNotFoundException", f"account {number}")
    target = check_parent(call, call.params["DestinationParentId"], "DestinationParentNotFoundException")
    if held.parents.get(number, ROOT_ID) != call.params["SourceParentId"]:
        raise not_found("SourceParentNotFoundException", f"parent {call.params['SourceParentId']}")
    held.parents[number] = target
    return {}


@operation("organizations", "RegisterDelegatedAdministrator")
def register_delegated_administrator(call: Call) -> dict[str, Any]:
    """Let an account read the organization."""
    held, number = organization(call), call.params["AccountId"]
    if not call.in_organization(number):
        raise not_found("AccountNotFoundException", f"account {number}")
    services = held.delegated.setdefault(number, [])
    if call.params["ServicePrincipal"] in services:
        raise AwsError("AccountAlreadyRegisteredException", f"{number} is registered already.")
    services.append(call.params["ServicePrincipal"])
    return {}


@operation("organizations", "ListDelegatedAdministrators")
def list_delegated_administrators(call: Call) -> dict[str, Any]:
    """List the delegated administrators, all or those of one service."""
    held, service = organization(call), call.get("ServicePrincipal")
    found = [number for number, services in held.delegated.items() if service is None or service in services]
    rows, token = page(call, found, PAGE, str)
    return answer("DelegatedAdministrators", [_account(call, number) for number in rows], token)
