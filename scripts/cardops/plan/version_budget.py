"""Count the card versions that a plan makes against SageMaker's quota, without any call.

Each content update makes a version, and versions cannot be deleted singly. Service Quotas L-EF24FBDB, "Maximum number
of model card versions allowed per account": 100 for each Region, adjustable. Whether AWS counts a card's versions or an
account's is not documented, so both are looked at: a Region whose cards have more versions than the quota already is
evidently counted card by card.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cardops.model.desired import AccountRegion, CardKey, Desired
from cardops.model.findings import Finding, Location, plural
from cardops.model.observed import Observed
from cardops.plan.steps import CreateCard, Step, WriteContent

DEFAULT_LIMIT = 100
NEARLY = 0.8
"""The part of the quota from which on a plan warns."""
NEAR_LIMIT = "versions/near-limit"


class NewVersion(NamedTuple):
    """A version that a plan makes: the card, and the version's number, which tells how many the card then has."""

    card: CardKey
    number: int


def new_versions(steps: Iterable[Step]) -> list[NewVersion]:
    """List the versions that these steps make, by card."""
    found = []
    for step in steps:
        for key in step.cards:
            match step.action:
                case CreateCard():
                    found.append(NewVersion(key, 1))
                case WriteContent(version=version):
                    found.append(NewVersion(key, version + 1))
    return sorted(found)


def describe(steps: Iterable[Step], limits: Mapping[AccountRegion, int]) -> str:
    """Say how many versions these steps make and what is left of the fullest card; empty if they make none."""
    made = new_versions(steps)
    if not made:
        return ""
    fullest = max(made, key=lambda one: (one.number, one.card))
    limit = limits.get(fullest.card.place, DEFAULT_LIMIT)
    left = max(limit - fullest.number, 0)
    return f"{plural(len(made), 'new version')}; {fullest.card.name} then has {left} of {limit} left"


def near_limit(desired: Desired, observed: Observed, steps: Iterable[Step]) -> Iterator[Finding]:
    """Warn about cards, and Regions, that a plan brings near the quota."""
    made = new_versions(steps)
    for card, number in made:
        limit = observed.version_limits.get(card.place, DEFAULT_LIMIT)
        if number >= NEARLY * limit:
            declared = desired.cards.get(card)
            at = declared.location if declared else Location("cardops.yaml")
            message = f"{card.name}: this makes version {number} of {limit} that AWS allows"
            hint = "write results less often or in one update, ask for a higher quota (L-EF24FBDB), or start a new card"
            yield Finding(NEAR_LIMIT, at, message, hint, "warn", str(card))
    for place in sorted({card.place for card, _ in made}):
        limit = observed.version_limits.get(place, DEFAULT_LIMIT)
        used = sum(live.version for key, live in observed.cards.items() if key.place == place)
        more = sum(card.place == place for card, _ in made)
        if used <= limit and used + more >= NEARLY * limit:
            message = (
                f"{place} has {plural(used, 'card version')} and gets {more} more; if AWS counts the quota of {limit} "
                "for the account and Region, and not for each card, it is nearly used up"
            )
            hint = "ask for a higher quota (Service Quotas, SageMaker, L-EF24FBDB) before it is reached"
            yield Finding(NEAR_LIMIT, Location("cardops.yaml"), message, hint, "warn")
