"""A card that is made from something else, before it is a file."""

import re
from dataclasses import dataclass, field
from typing import Any

from cardops.desired.checks import content as rules
from cardops.importers import schema_fit as fitting
from cardops.importers.unmapped import Unmapped
from cardops.model.desired import OWN_TAGS, Status

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}").fullmatch
MOST_NAME = 63
UNOWNED = "unassigned"
"""The owner of a card whose source names none: an owner is not guessed."""
MOST_TAG_KEY, MOST_TAG_VALUE, MOST_TAGS = 128, 256, 40


@dataclass(slots=True)
class CardDraft:
    """`content` is in AWS's snake_case form but may not fit the schema yet; `unmapped` is what it lacks already."""

    name: str
    content: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    kms_key_id: str = ""
    unmapped: list[Unmapped] = field(default_factory=list)

    @property
    def called(self) -> str:
        """The card's name by what the source calls it, or the model; empty where it names neither."""
        overview = self.content.get("model_overview")
        model = overview.get("model_name") if isinstance(overview, dict) else ""
        return make_name(self.name or (model if isinstance(model, str) else ""))


def declare_draft(draft: CardDraft, name: str, owner: str) -> tuple[dict[str, Any], list[Unmapped]]:
    """The value of the card's file, as Draft, and everything that did not get into it."""
    content, refused = fitting.fit(draft.content)
    tags, dropped = keep_tags(draft.tags)
    value: dict[str, Any] = {"name": name, "status": Status.DRAFT.value, "owner": owner}
    value |= {"kms_key_id": draft.kms_key_id} if draft.kms_key_id else {}
    value |= {"tags": tags} if tags else {}
    return value | {"content": content}, draft.unmapped + dropped + refused


def keep_tags(tags: dict[str, str]) -> tuple[dict[str, str], list[Unmapped]]:
    """The tags that a card may declare; AWS's own (`aws:`) go silently, others that are refused are named."""
    kept: dict[str, str] = {}
    left: list[Unmapped] = []
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            continue
        if key.startswith(OWN_TAGS):
            left.append(Unmapped(("tags", key), "cardops keeps tags of this kind itself"))
        elif any(rules.check_tags({key: value})) or not 0 < len(key) <= MOST_TAG_KEY or len(value) > MOST_TAG_VALUE:
            left.append(Unmapped(("tags", key), "AWS does not allow such a tag"))
        elif len(kept) >= MOST_TAGS:
            left.append(Unmapped(("tags", key), f"a card declares at most {MOST_TAGS} tags"))
        else:
            kept[key] = value
    return kept, left


def make_name(text: str) -> str:
    """A card's name from any text: what is no letter or digit becomes a dash; empty where nothing is left."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:MOST_NAME].strip("-")
