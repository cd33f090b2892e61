"""RAM: associate and disassociate resources and principals."""

from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.ram.arns import active_share, check_list
from cardops.sandbox.ram.associate import add_principals, add_resources, checked_principals, checked_resources
from cardops.sandbox.ram.invite import forget
from cardops.sandbox.ram.shares import chosen
from cardops.sandbox.state import Association, Share
from cardops.sandbox.transitions import end, is_live, sweep

PAGE = 100


def describe(share: Share, item: Association) -> dict[str, Any]:
    """An association as ResourceShareAssociation of botocore's model; a message only for a failure."""
    row = {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": item.entity,
        "associationType": item.kind,
        "status": item.status,
        "creationTime": item.created,
        "lastUpdatedTime": item.updated,
        "external": item.external,
    }
    shown = item.message is not None and item.status in ("FAILED", "DISASSOCIATED")
    return {**row, "statusMessage": item.message} if shown else row


def _entities(call: Call) -> tuple[list[str], list[str]]:
    resources, principals = check_list(call, "resourceArns"), check_list(call, "principals")
    if not resources and not principals:
        raise AwsError("InvalidParameterException", "Specify resourceArns or principals.")
    return resources, principals


@operation("ram", "AssociateResourceShare")
def associate_resource_share(call: Call) -> dict[str, Any]:
    """Add resources and principals to a share; the answer says ASSOCIATING, the state comes later."""
    share = active_share(call, call.params["resourceShareArn"])
    resources, principals = _entities(call)
    checked_resources(call, resources)
    checked_principals(call, principals, share.allow_external)
    added = add_resources(call, share, resources) + add_principals(call, share, principals)
    return {"resourceShareAssociations": [describe(share, item) for item in added]}


@operation("ram", "DisassociateResourceShare")
def disassociate_resource_share(call: Call) -> dict[str, Any]:
    """Remove resources and principals from a share; access ends at once. A consumer leaves by naming its account."""
    resources, principals = _entities(call)
    share = _left_share(call, resources, principals) or active_share(call, call.params["resourceShareArn"])
    items = [_present(share, share.resources, entity) for entity in resources]
    items += [_present(share, share.principals, entity) for entity in principals]
    for item in items:
        end(call, share, item)
        forget(call, share, item.entity)
    share.updated = call.now
    return {"resourceShareAssociations": [describe(share, item) for item in items]}


def _left_share(call: Call, resources: list[str], principals: list[str]) -> Share | None:
    """Return another account's share that the caller leaves (RAM User Guide, "Leaving a resource share"), or None."""
    if resources or principals != [call.caller.account]:
        return None
    sweep(call)
    shares = (share for region in call.state.everywhere(call.region) for share in region.shares.values())
    found = next((share for share in shares if share.arn == call.params["resourceShareArn"]), None)
    if found is None or found.owner == call.caller.account or call.caller.account not in found.principals:
        return None
    return found


def _present(share: Share, associations: dict[str, Association], entity: str) -> Association:
    item = associations.get(entity)
    if item is None or not (is_live(item) or item.status == "FAILED"):
        raise AwsError("UnknownResourceException", f"{entity} is not associated with {share.arn}.")
    return item


def _identity(row: dict[str, Any]) -> str:
    return f"{row['resourceShareArn']} {row['associatedEntity']}"


@operation("ram", "GetResourceShareAssociations")
def get_resource_share_associations(call: Call) -> dict[str, Any]:
    """List the associations of own shares; DISASSOCIATED ones are listed for a while."""
    kind = call.params["associationType"]
    wrong = {"PRINCIPAL": "resourceArn", "RESOURCE": "principal"}.get(kind)
    if wrong and call.get(wrong) is not None:
        raise AwsError("InvalidParameterException", f"You cannot specify {wrong} with associationType {kind}.")
    sweep(call)
    entity, status = call.get("resourceArn", call.get("principal")), call.get("associationStatus")
    rows = []
    for share in chosen(call, list(call.home.shares.values())):
        associations = {"PRINCIPAL": share.principals, "RESOURCE": share.resources}.get(kind, {})
        for item in associations.values():
            if entity in (None, item.entity) and status in (None, item.status):
                rows.append(describe(share, item))
    return answer("resourceShareAssociations", *page(call, rows, PAGE, _identity), "nextToken")
