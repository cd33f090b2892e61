"""The resource policies that RAM writes for shared resources.

Source: RAM User Guide, "Terms and concepts" (examples of resource-based policies): a role by its ARN, an account by
its root, an organization or unit by ``*`` with aws:PrincipalOrgID or aws:PrincipalOrgPaths.
"""

import json
import re
from functools import cache
from typing import Any

from cardops.sandbox.core.operations import Call
from cardops.sandbox.iam.organization import ORGANIZATION_ID, ROOT_ID
from cardops.sandbox.ram.managed_permissions import find_permission, version_of
from cardops.sandbox.ram.resource_types import type_of
from cardops.sandbox.state import Association, Region, Share
from cardops.sandbox.transitions import sweep

Document = dict[str, Any]
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.+/)?([^/]+)")


@cache
def _template(policy: str) -> Document:
    document: Document = json.loads(policy)
    return document


def written_policy(call: Call, owner: Region, arn: str) -> Document | None:
    """Return the policy of a resource that is shared at this moment, or None."""
    sweep(call)
    statements: list[Document] = []
    for share in owner.shares.values():
        resource = share.resources.get(arn)
        standing = share.status == "ACTIVE" and share.feature_set == "STANDARD"
        if standing and resource is not None and resource.status == "ASSOCIATED":
            statements += _statements(call, owner, share, arn)
    return {"Version": "2012-10-17", "Statement": statements} if statements else None


def _statements(call: Call, owner: Region, share: Share, arn: str) -> list[Document]:
    attached = share.permissions.get(type_of(arn) or "")
    permission = find_permission(owner, attached.arn) if attached else None
    if attached is None or permission is None:
        return []
    template = _template(version_of(permission, attached.version).policy)
    found = []
    for principal, condition in _principals(call, share):
        row = {"Sid": "RAM", "Effect": "Allow", "Principal": principal, "Action": template["Action"]}
        conditions = _merged(template.get("Condition") or {}, condition)
        row |= {"Resource": _resources(arn)} | ({"Condition": conditions} if conditions else {})
        found.append(row)
    return found


def _resources(arn: str) -> list[str]:
    """Return the resource and what lies below it: export jobs of a card, packages of a group."""
    if ":model-package-group/" in arn:
        return [arn, f"{arn.replace(':model-package-group/', ':model-package/')}/*"]
    return [arn, f"{arn}/*"]


def _merged(first: Document, second: Document) -> Document:
    return {key: {**first.get(key, {}), **second.get(key, {})} for key in {**first, **second}}


def _principals(call: Call, share: Share) -> list[tuple[Document | str, Document]]:
    """Return the Principal elements of a share's principals with their conditions."""
    names: list[str] = []
    found: list[tuple[Document | str, Document]] = []
    for item in share.principals.values():
        if item.status != "ASSOCIATED":
            continue
        if item.entity.isdigit():
            names.append(f"arn:{call.partition}:iam::{item.entity}:root")
        elif ":iam::" in item.entity:
            names.append(_entity(call, item))
        else:
            found.append(("*", _organizational(call, item.entity)))
    return [*([({"AWS": names}, {})] if names else []), *found]


def _entity(call: Call, item: Association) -> str:
    """Return a role's or user's ARN, or the unique id of a role that was made anew since."""
    found = _ROLE.fullmatch(item.entity)
    if found and item.role_id and call.options.role_recreated == "id":
        iam = call.state.iam.get(found[1])
        role = iam.roles.get(found[2]) if iam else None
        if role is None or role.id != item.role_id:
            return item.role_id
    return item.entity


def _organizational(call: Call, entity: str) -> Document:
    """Return the condition for an organization or unit. A unit that was never made stands for the organization."""
    unit = call.state.organization.units.get(entity.rpartition("/")[2])
    if unit is None:
        return {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
    return {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{unit_path(call, unit.id)}*"}}


def unit_path(call: Call, unit: str) -> str:
    """Return the organization path of a unit."""
    units, found = call.state.organization.units, [unit]
    while units[found[0]].parent != ROOT_ID:
        found.insert(0, units[found[0]].parent)
    return "".join(f"{item}/" for item in (ORGANIZATION_ID, ROOT_ID, *found))
