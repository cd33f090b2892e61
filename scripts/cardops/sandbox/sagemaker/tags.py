"""SageMaker tags of cards, export jobs, model package groups and model packages, by ARN and in the owner's account."""

import re
from typing import Any

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.sagemaker.cards import live_card, not_found, refuse_deleting, reindex
from cardops.sandbox.state import Card, Region

PAGE = 50
_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:([a-z0-9-]*):(\d{12}):(.+)")


def _find(call: Call) -> tuple[Region, Card | None, dict[str, str]]:
    """The region, the card if it is one, and the tags."""
    arn = call.params["ResourceArn"]
    found = _ARN.fullmatch(arn)
    if not found or found[1] != call.region:
        raise AwsError("ValidationException", f"{arn} is not an ARN of region {call.region}")
    region = call.state.region(found[2], call.region)
    kind, _, name = found[3].partition("/")
    card = live_card(call, region, name) if kind == "model-card" else None
    if card is not None:
        return region, card, card.tags
    other = region.exports.get(arn) or region.groups.get(arn) or region.packages.get(arn)
    if other is None:
        raise not_found(call, f"Resource {arn}")
    return region, None, other.tags


def _changed(call: Call, region: Region, card: Card | None) -> None:
    if card is not None:
        reindex(call, region, card)


@operation("sagemaker", "AddTags")
def add_tags(call: Call) -> dict[str, Any]:
    """Add or overwrite tags; more than 50 in all are refused and change nothing."""
    region, card, tags = _find(call)
    if card is not None:
        refuse_deleting(call, card)
    tagging.add(tags, tagging.from_aws(call.params["Tags"]), "ValidationException")
    _changed(call, region, card)
    return {"Tags": tagging.to_aws(tags)}


@operation("sagemaker", "DeleteTags")
def delete_tags(call: Call) -> dict[str, Any]:
    """Remove tags; absent ones are ignored."""
    region, card, tags = _find(call)
    if card is not None:
        refuse_deleting(call, card)
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    _changed(call, region, card)
    return {}


@operation("sagemaker", "ListTags")
def list_tags(call: Call) -> dict[str, Any]:
    """List tags, in the order in which they were set."""
    _, _, tags = _find(call)
    return answer("Tags", *page(call, tagging.to_aws(tags), PAGE, lambda row: row["Key"]))
