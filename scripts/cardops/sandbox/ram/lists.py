"""RAM: list shared resources and principals, own and received."""

from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import check_list
from cardops.sandbox.ram.resource_types import TYPES, type_of
from cardops.sandbox.ram.shares import candidates, chosen
from cardops.sandbox.state import Association, Share
from cardops.sandbox.transitions import is_live

PAGE = 100


def _check_type(call: Call) -> None:
    """``resourceType`` is not case sensitive; the sandbox knows two."""
    kind = call.get("resourceType")
    if kind is not None and kind.lower() not in {name.lower() for name in TYPES}:
        code = "InvalidResourceTypeException"
        if not call.models_error(code):
            code = "InvalidParameterException"
        raise AwsError(code, f"The specified resource type {kind} is not valid.")


def _visible(call: Call, item: Association) -> bool:
    return is_live(item) if call.params["resourceOwner"] == "SELF" else item.status == "ASSOCIATED"


@operation("ram", "ListResources")
def list_resources(call: Call) -> dict[str, Any]:
    """List the cards in own shares, or those that other accounts share with the caller, once for each share."""
    _check_type(call)
    arns, principal = check_list(call, "resourceArns"), call.get("principal")
    if call.get("resourceRegionScope") == "GLOBAL":
        return {"resources": []}
    wanted = call.get("resourceType", "").lower()
    rows = [
        _resource(call, share, item)
        for share in chosen(call, candidates(call))
        if principal is None or principal in share.principals
        for item in share.resources.values()
        if wanted in ("", str(type_of(item.entity)).lower())
        if _visible(call, item) and (not arns or item.entity in arns)
    ]
    return answer("resources", *page(call, rows, PAGE, _identity), "nextToken")


def _identity(row: dict[str, Any]) -> str:
    return f"{row.get('arn', row.get('id'))} {row['resourceShareArn']}"


def _resource(call: Call, share: Share, item: Association) -> dict[str, Any]:
    owner = call.state.region(share.owner, call.region)
    there = item.entity in owner.groups or item.entity.rpartition("/")[2] in owner.cards
    status = "PENDING" if item.status != "ASSOCIATED" else "AVAILABLE"
    return {
        "arn": item.entity,
        "type": type_of(item.entity),
        "resourceShareArn": share.arn,
        "status": status if there else "UNAVAILABLE",
        "creationTime": item.created,
        "lastUpdatedTime": item.updated,
        "resourceRegionScope": "REGIONAL",
    }


@operation("ram", "ListPrincipals")
def list_principals(call: Call) -> dict[str, Any]:
    """List the principals that the caller shares with, or (OTHER-ACCOUNTS) the accounts that share with the caller."""
    _check_type(call)
    own, arn = call.params["resourceOwner"] == "SELF", call.get("resourceArn")
    wanted = check_list(call, "principals")
    rows = []
    for share in chosen(call, candidates(call)):
        if arn is None or (arn in share.resources and _visible(call, share.resources[arn])):
            rows += _own_principals(call, share) if own else [_sharer(call, share)]
    rows = [row for row in rows if not wanted or row["id"] in wanted]
    return answer("principals", *page(call, rows, PAGE, _identity), "nextToken")


def _own_principals(call: Call, share: Share) -> list[dict[str, Any]]:
    visible = [item for item in share.principals.values() if _visible(call, item)]
    return [_principal(share, item.entity, item.created, item.updated, item.external) for item in visible]


def _sharer(call: Call, share: Share) -> dict[str, Any]:
    external = not (call.in_organization(share.owner) and call.in_organization(call.caller.account))
    return _principal(share, share.owner, share.created, share.updated, external)


def _principal(share: Share, name: str, created: float, updated: float, external: bool) -> dict[str, Any]:
    return {
        "id": name,
        "resourceShareArn": share.arn,
        "creationTime": created,
        "lastUpdatedTime": updated,
        "external": external,
    }


@operation("ram", "ListResourceTypes")
def list_resource_types(call: Call) -> dict[str, Any]:
    """List the types that the sandbox can share."""
    row = {"serviceName": "sagemaker", "resourceRegionScope": "REGIONAL"}
    rows = [] if call.get("resourceRegionScope") == "GLOBAL" else [{"resourceType": kind, **row} for kind in TYPES]
    return answer("resourceTypes", *page(call, rows, PAGE, lambda row: row["resourceType"]), "nextToken")
