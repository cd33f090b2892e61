"""What a signature covers: the cards that a change of git makes Approved, or changes while they are. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cardops.merge.diff import Change, diff
from cardops.model import canonical
from cardops.model.desired import Card, CardKey, Status
from cardops.plan.steps import Step

SIGNED = frozenset({"create", "update", "promote"})


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """`before` is the card as git last had it Approved, None when it never was; `commit` says where."""

    card: Card
    before: Card | None
    commit: str = ""

    def changes(self) -> list[Change]:
        """All content that differs from the last Approved one; for a first approval all there is."""
        before = canonical.from_bytes(self.before.content) if self.before else {}
        return diff(before, canonical.from_bytes(self.card.content), "content")


def signature_requests(steps: Iterable[Step], cards: Mapping[CardKey, Card]) -> list[Card]:
    """The Approved cards whose content or status these steps set."""
    touched = {key for step in steps if step.kind in SIGNED for key in step.cards}
    return [card for key, card in sorted(cards.items()) if key in touched and card.status is Status.APPROVED]
