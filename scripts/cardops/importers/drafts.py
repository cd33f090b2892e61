"""CardDraft: an imported card before it is written."""

import re
from dataclasses import dataclass, field
from typing import Any

from cardops.desired.checks import content as content_checks
from cardops.importers import schema_fit
from cardops.importers.unmapped import Unmapped
from cardops.model.desired import OWN_TAGS, Status

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}").fullmatch
MOST_NAME = 63
UNOWNED = "unassigned"
"""The owner written when the source does not name one; cardops never guesses an owner."""
MOST_TAG_KEY, MOST_TAG_VALUE, MOST_TAGS = 128, 256, 40


@dataclass(slots=True)
class CardDraft:
    """A card to import: `content` in snake_case, possibly not valid yet, and what was left out in `unmapped`."""

    name: str
    content: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    kms_key_id: str = ""
    model_package: dict[str, Any] = field(default_factory=dict)
    unmapped: list[Unmapped] = field(default_factory=list)

    @property
    def called(self) -> str:
        """The card's name, from the source's name for it or for the model; empty if it has neither."""
        overview = self.content.get("model_overview")
        model = overview.get("model_name") if isinstance(overview, dict) else ""
        return make_name(self.name or (model if isinstance(model, str) else ""))


def declare_draft(draft: CardDraft, name: str, owner: str) -> tuple[dict[str, Any], list[Unmapped]]:
    """Return the value of the card's file, as a Draft, and everything left out of it."""
    content, refused = schema_fit.fit(draft.content)
    tags, dropped = keep_tags(draft.tags)
    value: dict[str, Any] = {"name": name, "status": Status.DRAFT.value, "owner": owner}
    value |= {"kms_key_id": draft.kms_key_id} if draft.kms_key_id else {}
    value |= {"tags": tags} if tags else {}
    value |= {"model_package": draft.model_package} if draft.model_package else {}
    return value | {"content": content}, draft.unmapped + dropped + refused


def keep_tags(tags: dict[str, str]) -> tuple[dict[str, str], list[Unmapped]]:
    """Split tags into those a card may declare and those left out. AWS's own (`aws:`) are dropped silently."""
    kept: dict[str, str] = {}
    left: list[Unmapped] = []
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            continue
        if key.lower().startswith(OWN_TAGS):
            left.append(Unmapped(("tags", key), "tags that begin with `cardops:` belong to cardops"))
        elif (
            any(content_checks.check_tags({key: value}))
            or not 0 < len(key) <= MOST_TAG_KEY
            or len(value) > MOST_TAG_VALUE
        ):
            left.append(Unmapped(("tags", key), "AWS does not allow this tag"))
        elif len(kept) >= MOST_TAGS:
            left.append(Unmapped(("tags", key), f"a card can declare at most {MOST_TAGS} tags"))
        else:
            kept[key] = value
    return kept, left


def make_name(text: str) -> str:
    """Turn any text into a card name; everything but letters and digits becomes a dash. May return ""."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:MOST_NAME].strip("-")
