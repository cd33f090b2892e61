"""Merge one card three ways: last applied, declared and live."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cardops.merge.diff import ABSENT
from cardops.merge.three_way import Conflict, Merged, merge, overlay_fields
from cardops.model import canonical
from cardops.model.desired import Card, Status
from cardops.model.findings import Finding, Location
from cardops.model.observed import ObservedCard
from cardops.plan.approvals import Approval

SHOWN = 200
"""The most characters of each value that a conflict shows."""

Locate = Callable[[Card, str], Location]
"""Where a field (`content.intended_uses.risk_rating`) stands in its card's file."""


def at_card_file(card: Card, field: str) -> Location:
    """The start of the card's file, for who has no text to look into."""
    del field
    return card.location


@dataclass(frozen=True, slots=True)
class MergeInputs:
    """A declared card, the live one with content and tags, and the card that git last declared (or None).

    `today` (YYYY-MM-DD) is what the `ignore` entries' last days are held against. `approval` is the sign-off of
    the declared state, where it is Approved and was judged. `unmerged` is the live content with what an
    interrupted write did not get to merge back.
    """

    card: Card
    live: ObservedCard
    base: Card | None
    repository: str
    commit: str
    today: str
    locate: Locate = at_card_file
    approval: Approval | None = None
    unmerged: bytes | None = None


def merge_card(sides: MergeInputs) -> Merged:
    """Merge the three sides and name conflicts and contributions."""
    card, live = sides.card, sides.live
    base = canonical.from_bytes(sides.base.content) if sides.base else {}
    declared = canonical.from_bytes(card.content)
    found = canonical.from_bytes(sides.unmerged or live.content or b"{}")
    return merge(base, declared, found, live_fields(card, sides.today))


def content_to_pull(sides: MergeInputs, merged: Merged) -> Any:
    """Return the content that git would declare with every contribution; ignored fields stay as git has them."""
    declared = canonical.from_bytes(sides.card.content)
    return overlay_fields(merged.content, declared, ignored_fields(sides.card, sides.today))


def live_fields(card: Card, today: str) -> tuple[str, ...]:
    """The fields that git leaves alone until approval."""
    return (*card.live_sections, *ignored_fields(card, today)) if _is_open(card) else ()


def ignored_fields(card: Card, today: str) -> tuple[str, ...]:
    """The fields of `ignore`, each to the end of its last day, and none once git says Approved."""
    return tuple(entry.path for entry in card.ignore if entry.expires >= today) if _is_open(card) else ()


def _is_open(card: Card) -> bool:
    return card.status in (Status.DRAFT, Status.PENDING_REVIEW)


def conflict_finding(sides: MergeInputs, conflict: Conflict) -> Finding:
    """Report one field that git and the live card changed differently, at git's line."""
    card = sides.card
    return Finding(
        "content/conflict",
        sides.locate(card, conflict.path),
        f"{card.key.name}: git and the live card changed one field: {conflict.path}",
        "declare the live value in git; once that is applied, git may change it again",
        card=str(card.key),
        detail=conflict_values(conflict),
    )


def conflict_values(conflict: Conflict) -> str:
    """The base's, git's and the live value of a conflict's field, each cut to what fits a line."""
    return ", ".join(
        f"{side} {_short(value)}"
        for side, value in (("base", conflict.base), ("git", conflict.git), ("live", conflict.live))
    )


def _short(value: object) -> str:
    if value is ABSENT or isinstance(value, dict | list):
        return "absent" if value is ABSENT else f"a {'list' if isinstance(value, list) else 'group of fields'}"
    text = canonical.to_bytes(value).decode()
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
