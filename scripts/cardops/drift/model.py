"""Difference and Drift: the results of a drift check."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cardops.merge.diff import Change
from cardops.model.desired import AccountRegion, Card, CardKey
from cardops.model.findings import Location
from cardops.model.observed import ObservedCard


class Kind(StrEnum):
    """The kind of a difference."""

    CONTRIBUTED = "contributed"
    CONFLICTING = "conflicting"
    TAMPERED = "tampered"
    MISSING = "missing"
    UNMANAGED = "unmanaged"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `what` is content, status, tags, lock, access, registry, card or share.

    `when` is ISO 8601 in UTC, or empty; `who` an IAM ARN where CloudTrail's events were given; `card` is the
    card it is about, where it is about one; `arn` the resource that was changed, where it is not that card.
    """

    kind: Kind
    what: str
    place: AccountRegion
    resource: str
    message: str
    location: Location
    changes: tuple[Change, ...] = ()
    when: str = ""
    who: str = ""
    card: CardKey | None = None
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """All differences, and the places that could not be read."""

    commit: str
    differences: tuple[Difference, ...]
    unknown: Mapping[AccountRegion, str]

    @property
    def differs(self) -> bool:
        """True if AWS differs from what git declared. Resources that git never declared do not count."""
        return any(found.kind is not Kind.UNMANAGED for found in self.differences)


def of(card: Card, kind: Kind, what: str, message: str) -> Difference:
    """A difference of a declared card, at its file."""
    return Difference(kind, what, card.key.place, card.key.name, message, card.location, card=card.key)


def seen(
    card: Card, live: ObservedCard, kind: Kind, what: str, message: str, changes: Iterable[Change] = ()
) -> Difference:
    """A difference that was seen on the live card, with when that last changed."""
    return replace(of(card, kind, what, message), changes=tuple(changes), when=live.modified)
