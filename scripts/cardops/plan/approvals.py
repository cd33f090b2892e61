"""Sign-offs as a plan sees them, the tags that record them, and what each one covers."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cardops.merge.diff import Change, diff
from cardops.model import canonical
from cardops.model.desired import APPROVED_BY, PULL_REQUEST, SIGNED, Card, CardKey, Status
from cardops.plan.steps import Step

LONGEST = 256
PUNCTUATION = frozenset("_.:/=+-@ ")
SIGNED_KINDS = frozenset({"create", "update", "promote"})
RECORDED = (APPROVED_BY, PULL_REQUEST, SIGNED)


class Approval(NamedTuple):
    """The people who signed a state off, and through which pull request (empty: none). Nobody: nobody had to."""

    by: tuple[str, ...] = ()
    pull_request: str = ""

    @classmethod
    def recorded(cls, tags: Mapping[str, str]) -> "Approval":
        """The sign-off that a card's tags record."""
        return cls(tuple(tags[APPROVED_BY].split()), tags.get(PULL_REQUEST, ""))

    @property
    def note(self) -> str:
        """The remark beside an approval that nobody gave; empty if somebody did."""
        return "" if self.by else "not reviewed: signoff is none"

    def tags(self, card: Card) -> Mapping[str, str]:
        """The tags that record the sign-off of a card, in the characters and lengths that AWS allows."""
        tags = {APPROVED_BY: _names(self.by) or self.note, SIGNED: card.declared}
        return tags | ({PULL_REQUEST: _plain(self.pull_request)} if self.pull_request else {})


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
    touched = {key for step in steps if step.kind in SIGNED_KINDS for key in step.cards}
    return [card for key, card in sorted(cards.items()) if key in touched and card.status is Status.APPROVED]


def _names(names: tuple[str, ...]) -> str:
    """Join names with spaces and count those that do not fit: `ada bob +3`."""
    plain = [_plain(name).replace(" ", "_") for name in names]
    for kept in range(len(plain), 0, -1):
        text = " ".join(plain[:kept]) + (f" +{len(plain) - kept}" if kept < len(plain) else "")
        if len(text) <= LONGEST:
            return text
    return ""


def _plain(text: str) -> str:
    allowed = (char if char in PUNCTUATION or unicodedata.category(char)[0] in "LN" else "_" for char in text)
    return "".join(allowed)[:LONGEST]
