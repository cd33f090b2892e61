"""The resource policies that RAM writes for shared resources.

Source: RAM User Guide, "Terms and concepts" (examples of resource-based policies): a role by its ARN, an account by
its root, an organization or unit by ``*`` with aws:PrincipalOrgID or aws:PrincipalOrgPaths.
"""

import json
import re
from functools import lru_cache
from typing import Any

from cardops.sandbox.core.operations import Call
from cardops.sandbox.iam.grammar import Policy, Statement, policy
from cardops.sandbox.iam.organization import ORGANIZATION_ID, ROOT_ID
from cardops.sandbox.ram.managed_permissions import find_permission, version_of
from cardops.sandbox.ram.resource_types import type_of
from cardops.sandbox.state import Association, Region, Share
from cardops.sandbox.transitions import sweep

Document = dict[str, Any]
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.+/)?([^/]+)")


def written_policy(call: Call, owner: Region, arn: str) -> Document | None:
    """Return the policy of a resource that is shared at this moment, or None."""
    statements = [json.loads(text) for text in _statements(call, owner, arn)]
    return {"Version": "2012-10-17", "Statement": statements} if statements else None


def compiled_policy(call: Call, owner: Region, arn: str) -> Policy | None:
    """Return the same policy, parsed."""
    statements = [statement for text in _statements(call, owner, arn) for statement in _parsed(text)]
    return Policy(tuple(statements)) if statements else None


@lru_cache(8192)
def _parsed(text: str) -> tuple[Statement, ...]:
    return policy(f'{{"Version":"2012-10-17","Statement":{text}}}').statements


def _statements(call: Call, owner: Region, arn: str) -> list[str]:
    """Return the statements, as JSON, of the shares that hold a resource."""
    sweep(call)
    found: list[str] = []
    for share in owner.shares.values():
        resource = share.resources.get(arn)
        standing = share.status == "ACTIVE" and share.feature_set == "STANDARD"
        if standing and resource is not None and resource.status == "ASSOCIATED":
            attached = share.permissions.get(type_of(arn) or "")
            permission = find_permission(owner, attached.arn) if attached else None
            if attached and permission:
                template = version_of(permission, attached.version).policy
                found += [_statement(template, *who, arn) for who in _principals(call, share)]
    return found


@lru_cache(8192)
def _statement(template: str, names: tuple[str, ...], condition: str, arn: str) -> str:
    given = json.loads(template)
    conditions = _merged(given.get("Condition") or {}, json.loads(condition))
    row = {"Sid": "RAM", "Effect": "Allow", "Principal": "*" if names == ("*",) else {"AWS": list(names)}}
    row |= {"Action": given["Action"], "Resource": _resources(arn)} | ({"Condition": conditions} if conditions else {})
    return json.dumps(row)


def _resources(arn: str) -> list[str]:
    """Return the resource and what lies below it: export jobs of a card, packages of a group."""
    if ":model-package-group/" in arn:
        return [arn, f"{arn.replace(':model-package-group/', ':model-package/')}/*"]
    return [arn, f"{arn}/*"]


def _merged(first: Document, second: Document) -> Document:
    return {key: {**first.get(key, {}), **second.get(key, {})} for key in {**first, **second}}


def _principals(call: Call, share: Share) -> list[tuple[tuple[str, ...], str]]:
    """Return the principals' names with their condition as JSON, once for names and once an organization or unit."""
    names: list[str] = []
    found: list[tuple[tuple[str, ...], str]] = []
    for item in share.principals.values():
        if item.status != "ASSOCIATED":
            continue
        if item.entity.isdigit():
            names.append(f"arn:{call.partition}:iam::{item.entity}:root")
        elif ":iam::" in item.entity:
            names.append(_entity(call, item))
        else:
            found.append((("*",), _organizational(call, item.entity)))
    return [*([(tuple(names), "{}")] if names else []), *found]


def _entity(call: Call, item: Association) -> str:
    """Return a role's or user's ARN, or the unique id of a role that was made anew since."""
    found = _ROLE.fullmatch(item.entity)
    if found and item.role_id and call.options.role_recreated == "id":
        iam = call.state.iam.get(found[1])
        role = iam.roles.get(found[2]) if iam else None
        if role is None or role.id != item.role_id:
            return item.role_id
    return item.entity


def _organizational(call: Call, entity: str) -> str:
    """Return the condition for an organization or unit. A unit that was never made stands for the organization."""
    unit = call.state.organization.units.get(entity.rpartition("/")[2])
    if unit is None:
        return json.dumps({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}})
    return json.dumps({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{unit_path(call, unit.id)}*"}})


def unit_path(call: Call, unit: str) -> str:
    """Return the organization path of a unit."""
    units, found = call.state.organization.units, [unit]
    while units[found[0]].parent != ROOT_ID:
        found.insert(0, units[found[0]].parent)
    return "".join(f"{item}/" for item in (ORGANIZATION_ID, ROOT_ID, *found))
