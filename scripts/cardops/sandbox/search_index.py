"""The search index, which may lag: records as Search returns them, each visible from a given time."""

import json
from collections.abc import Callable
from typing import Any

from cardops.sandbox.state import Card, State

Record = dict[str, Any]


class SearchIndex:
    """The records of one account and region. Answers are cached until a record changes."""

    def __init__(self) -> None:
        self._visible: dict[str, Record] = {}
        self._pending: list[tuple[float, str, Record | None]] = []
        self._answers: dict[str, list[Record]] = {}

    def put(self, name: str, record: Record | None, visible_at: float) -> None:
        """Set (or with None remove) a card's record from ``visible_at`` (epoch seconds) on."""
        self._pending.append((visible_at, name, record))

    def answer(self, key: str, now: float, find: Callable[[list[Record]], list[Record]]) -> list[Record]:
        """Return ``find`` of the visible records, cached under ``key``."""
        due = [item for item in self._pending if item[0] <= now]
        if due:
            self._pending = [item for item in self._pending if item[0] > now]
            self._answers.clear()
            for _, name, record in due:
                if record is None:
                    self._visible.pop(name, None)
                else:
                    self._visible[name] = record
        if key not in self._answers:
            self._answers[key] = find(list(self._visible.values()))
        return self._answers[key]


class SearchIndexes:
    """The indexes of all accounts and regions."""

    def __init__(self) -> None:
        self._indexes: dict[str, SearchIndex] = {}

    def of(self, account: str, region: str) -> SearchIndex:
        """Return the index of one account and region."""
        return self._indexes.setdefault(f"{account}/{region}", SearchIndex())

    def rebuild(self, state: State, with_encrypted: bool) -> None:
        """Index every card of a state, visible at once."""
        self._indexes.clear()
        for region in state.regions.values():
            for card in region.cards.values():
                self.of(region.account, region.name).put(card.name, make_record(card, with_encrypted), 0.0)


def make_record(card: Card, with_encrypted: bool) -> Record:
    """Return a card as SearchRecord.ModelCard of botocore's model: no processing status, tags included.

    The content of a card with a KMS key is left out unless ``with_encrypted`` (undocumented, hence a switch).
    """
    latest = card.latest
    record: Record = {
        "ModelCardArn": card.arn,
        "ModelCardName": card.name,
        "ModelCardVersion": latest.number,
        "ModelCardStatus": latest.status,
        "CreationTime": card.created,
        "CreatedBy": {},
        "LastModifiedTime": latest.modified,
        "LastModifiedBy": {},
        "Tags": [{"Key": key, "Value": value} for key, value in card.tags.items()],
        **_summary(latest.content),
    }
    if card.kms_key_id:
        record["SecurityConfig"] = {"KmsKeyId": card.kms_key_id}
    if not card.kms_key_id or with_encrypted:
        record["Content"] = latest.content
    return record


def _summary(content: str) -> dict[str, str]:
    """The three fields that the index takes out of the content."""
    document = json.loads(content)
    paths = {
        "ModelId": ("model_overview", "model_id"),
        "RiskRating": ("intended_uses", "risk_rating"),
        "ModelPackageGroupName": ("model_package_details", "model_package_group_name"),
    }
    found = {}
    for name, (section, field) in paths.items():
        value = document.get(section) if isinstance(document, dict) else None
        if isinstance(value, dict) and isinstance(value.get(field), str):
            found[name] = value[field]
    return found
