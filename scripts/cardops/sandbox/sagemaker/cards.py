"""SageMaker model cards: create, describe, update."""

import json
import re
from typing import Any

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.sagemaker.content_schema import first_problem
from cardops.sandbox.search_index import make_record
from cardops.sandbox.state import Card, CardVersion, Region

_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:([a-z0-9-]*):(\d{12}):model-card/([^/]+)")
_DELETE_STATES = ("DeletePending", "DeleteInProgress", "ContentDeleted", "ExportJobsDeleted")
_METADATA = (
    ("model_overview", "model_id"),
    ("model_overview", "model_name"),
    ("intended_uses", "risk_rating"),
    ("model_package_details", "model_package_group_name"),
    ("model_package_details", "model_package_arn"),
)


def not_found(call: Call, what: str) -> AwsError:
    """ResourceNotFound where botocore's model lists it for the operation, else ValidationException."""
    code = "ResourceNotFound" if call.models_error("ResourceNotFound") else "ValidationException"
    return AwsError(code, f"{what} does not exist")


def deletion_state(call: Call, card: Card) -> str | None:
    """Return the ModelCardProcessingStatus of a card that is being deleted, or None."""
    if card.deleting_since is None:
        return None
    part = (call.now - card.deleting_since) / max(call.options.delete_seconds, 1e-9)
    return _DELETE_STATES[int(part * 4)] if part < 1 else "DeleteCompleted"


def live_card(call: Call, region: Region, name: str) -> Card | None:
    """Return a card unless its deletion has ended; then it is forgotten here."""
    card = region.cards.get(name)
    if card is not None and deletion_state(call, card) == "DeleteCompleted":
        del region.cards[name]
        for arn in [job.arn for job in region.exports.values() if job.card == name]:
            del region.exports[arn]
        return None
    return card


def resolve(call: Call, reference: str) -> tuple[Region, Card]:
    """Find a card by name or ARN and check access; a card of another account is named by its ARN only."""
    found = _ARN.fullmatch(reference)
    region, name = call.home, reference
    if found:
        if found[1] != call.region:
            raise AwsError("ValidationException", f"The region of {reference} is not {call.region}")
        region, name = call.state.region(found[2], call.region), found[3]
    card = live_card(call, region, name)
    if card is None:
        raise not_found(call, f"Model card {reference}")
    return region, card


def refuse_deleting(call: Call, card: Card) -> None:
    """While a card is being deleted, calls answer ValidationException (SageMaker Developer Guide, model cards)."""
    if deletion_state(call, card):
        raise AwsError("ValidationException", "Model card is being deleted")


def reindex(call: Call, region: Region, card: Card) -> None:
    """Index a changed card for Search; it shows after ``search_lag_seconds``."""
    record = make_record(card, call.options.encrypted_search_content)
    call.indexes.of(region.account, region.name).put(card.name, record, call.now + call.faults.search_lag)


def _check_content(call: Call, content: str) -> None:
    """Check that the content is JSON and, with Options.checked_content, a model card; the shape checks its length."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise AwsError("ValidationException", "Content is not valid JSON") from error
    problem = first_problem(document) if call.options.checked_content else None
    if problem:
        raise AwsError("ValidationException", f"Content does not match the model card JSON schema: {problem}")


@operation("sagemaker", "CreateModelCard")
def create_model_card(call: Call) -> dict[str, Any]:
    """Create version 1. A second card of the same name is ConflictException."""
    name, home = call.params["ModelCardName"], call.home
    _check_content(call, call.params["Content"])
    tags = tagging.from_aws(call.get("Tags"))
    if live_card(call, home, name):
        raise AwsError("ConflictException", f"Model card {name} already exists")
    if len(home.cards) >= call.options.cards_per_region:
        raise AwsError("ResourceLimitExceeded", f"At most {call.options.cards_per_region} model cards in a region")
    arn = f"{call.arn_prefix('sagemaker')}model-card/{name}"
    version = CardVersion(1, call.params["Content"], call.params["ModelCardStatus"], call.now, call.now)
    key = call.get("SecurityConfig", {}).get("KmsKeyId")
    card = home.cards[name] = Card(arn, name, call.now, key, tags, [version])
    reindex(call, home, card)
    return {"ModelCardArn": arn}


@operation("sagemaker", "DescribeModelCard")
def describe_model_card(call: Call) -> dict[str, Any]:
    """Describe one version (default: the latest). The answer has no tags, and LastModifiedBy is empty."""
    _, card = resolve(call, call.params["ModelCardName"])
    if not call.options.describe_while_deleting:
        refuse_deleting(call, card)
    version = pick_version(call, card)
    metadata_only = call.get("IncludedData") == "MetadataOnly"
    answer: dict[str, Any] = {
        "ModelCardArn": card.arn,
        "ModelCardName": card.name,
        "ModelCardVersion": version.number,
        "Content": _metadata(version.content) if metadata_only else version.content,
        "ModelCardStatus": version.status,
        "CreationTime": card.created,
        "CreatedBy": {},
        "LastModifiedTime": version.modified,
        "LastModifiedBy": {},
    }
    if card.kms_key_id:
        answer["SecurityConfig"] = {"KmsKeyId": card.kms_key_id}
    state = deletion_state(call, card)
    return {**answer, "ModelCardProcessingStatus": state} if state else answer


def pick_version(call: Call, card: Card) -> CardVersion:
    """The version that ModelCardVersion names, or the latest."""
    number = call.get("ModelCardVersion", card.latest.number)
    for version in card.versions:
        if version.number == number:
            return version
    raise not_found(call, f"Version {number} of model card {card.name}")


def _metadata(content: str) -> str:
    """The five fields that IncludedData=MetadataOnly keeps (botocore: DescribeModelCardResponse$Content)."""
    document, kept = json.loads(content), dict[str, Any]()
    for section, field in _METADATA:
        values = document.get(section) if isinstance(document, dict) else None
        if isinstance(values, dict) and field in values:
            kept.setdefault(section, {})[field] = values[field]
    return json.dumps(kept)


@operation("sagemaker", "UpdateModelCard")
def update_model_card(call: Call) -> dict[str, Any]:
    """Update content (a new version) or status (of the latest version), not both in one call (botocore)."""
    region, card = resolve(call, call.params["ModelCardName"])
    refuse_deleting(call, card)
    content, status = call.get("Content"), call.get("ModelCardStatus")
    if content is not None and status is not None and call.options.one_field_updates:
        raise AwsError("ValidationException", "Model card content and status cannot be updated in a single call")
    if content is None and status is None:
        raise AwsError("ValidationException", "Either Content or ModelCardStatus is required")
    only_status = content is None
    if (
        card.latest.status == "Archived"
        and call.options.archived_frozen
        and not (only_status and call.options.unarchive)
    ):
        raise AwsError(call.options.archived_error, "Model Card is in Archived state")
    if content is not None:
        _check_content(call, content)
        kept = card.latest.status if call.options.edited_status == "keep" else call.options.edited_status
        card.versions.append(CardVersion(card.latest.number + 1, content, kept, call.now, call.now))
    if status is not None:
        card.latest.status = status
        card.latest.modified = call.now
    reindex(call, region, card)
    return {"ModelCardArn": card.arn}
