"""SageMaker model cards: delete and list."""

from collections.abc import Iterable
from typing import Any, TypeVar

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.sagemaker.cards import deletion_state, live_card, not_found, refuse_deleting, resolve
from cardops.sandbox.state import Card, CardVersion
from cardops.sandbox.transitions import is_live, sweep

PAGE = 10
Row = TypeVar("Row")


def moment(value: Any) -> float:
    """A timestamp parameter as epoch seconds; clients of JSON 1.1 send numbers."""
    try:
        return float(value)
    except ValueError as error:
        raise AwsError("SerializationException", "A timestamp must be epoch seconds") from error


def within(call: Call, created: float) -> bool:
    """CreationTimeAfter and CreationTimeBefore."""
    after, before = call.get("CreationTimeAfter"), call.get("CreationTimeBefore")
    return (after is None or created > moment(after)) and (before is None or created < moment(before))


def is_descending(call: Call, default: str) -> bool:
    """Return True if SortOrder, or its default, is Descending."""
    return bool(call.get("SortOrder", default) == "Descending")


@operation("sagemaker", "DeleteModelCard")
def delete_model_card(call: Call) -> dict[str, Any]:
    """Start a deletion, which takes Options.delete_seconds; only the owner can, by name."""
    name, home = call.params["ModelCardName"], call.home
    card = live_card(call, home, name)
    if card is None:
        raise not_found(call, f"Model card {name}")
    refuse_deleting(call, card)
    if call.options.delete_refused_while_shared and _is_shared(call, card):
        raise AwsError("ConflictException", f"Model card {name} is shared through AWS RAM")
    card.deleting_since = call.now
    ends = call.now + call.options.delete_seconds
    call.indexes.of(home.account, home.name).put(name, None, ends + call.faults.search_lag)
    live_card(call, home, name)
    return {}


def _is_shared(call: Call, card: Card) -> bool:
    sweep(call)
    found = [share.resources[card.arn] for share in call.home.shares.values() if card.arn in share.resources]
    return any(is_live(item) for item in found)


def _kept(call: Call, cards: Iterable[Card]) -> list[Card]:
    part, status = call.get("NameContains"), call.get("ModelCardStatus")
    return [
        card
        for card in cards
        if (part is None or part in card.name)
        and (status is None or card.latest.status == status)
        and within(call, card.created)
        and deletion_state(call, card) != "DeleteCompleted"
    ]


@operation("sagemaker", "ListModelCards")
def list_model_cards(call: Call) -> dict[str, Any]:
    """List the caller's own cards: by creation time, newest first by default; ten a page."""
    cards = _kept(call, call.home.cards.values())
    if call.get("SortBy") == "Name":
        cards.sort(key=lambda card: card.name, reverse=is_descending(call, "Descending"))
    else:
        cards.sort(key=lambda card: (card.created, card.name), reverse=is_descending(call, "Descending"))
    rows, token = page(call, cards, PAGE, lambda card: card.name)
    summaries = [
        {
            "ModelCardName": card.name,
            "ModelCardArn": card.arn,
            "ModelCardStatus": card.latest.status,
            "CreationTime": card.created,
            "LastModifiedTime": card.latest.modified,
        }
        for card in rows
    ]
    return answer("ModelCardSummaries", summaries, token)


@operation("sagemaker", "ListModelCardVersions")
def list_model_card_versions(call: Call) -> dict[str, Any]:
    """List versions with the status of each, newest first by default."""
    _, card = resolve(call, call.params["ModelCardName"])
    refuse_deleting(call, card)
    status = call.get("ModelCardStatus")
    kept = [item for item in card.versions if (status is None or item.status == status) and within(call, item.created)]
    kept = kept[::-1] if is_descending(call, "Descending") else kept
    rows, token = page(call, kept, PAGE, lambda item: str(item.number))
    return answer("ModelCardVersionSummaryList", [_version_row(card, item) for item in rows], token)


def _version_row(card: Card, version: CardVersion) -> dict[str, Any]:
    return {
        "ModelCardName": card.name,
        "ModelCardArn": card.arn,
        "ModelCardStatus": version.status,
        "ModelCardVersion": version.number,
        "CreationTime": version.created,
        "LastModifiedTime": version.modified,
    }
