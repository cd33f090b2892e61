"""Grants: which RAM shares the declared shares stand for, and which cards each may hold."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cardops.model import AccessLevel, Card, CardKey, Config, Desired, Grant, Place, Share, Status
from cardops.permissions import managed_arn

SHARE_NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class DesiredGrant:
    """One declared grant in one owner account and region: exactly one RAM resource share.

    `resources` are the cards that it holds, by ARN; `during` says in which statuses it holds a card at all.
    """

    id: str
    place: Place
    share: Share
    to: str
    principal: str
    level: AccessLevel
    permission: str
    during: frozenset[Status]
    resources: Mapping[str, CardKey]
    expired: bool
    outside: bool

    @property
    def name(self) -> str:
        """The RAM share's name, which is only for people: letters, digits, spaces, periods and dashes."""
        text = f"{self.share.name} {self.level.name} {self.to}"
        return re.sub(r"[^A-Za-z0-9 .-]+", "-", text)[:SHARE_NAME_LIMIT]

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.share.name}: {self.level.name} for {self.to}"


def grants(desired: Desired, places: Collection[Place], today: str) -> list[DesiredGrant]:
    """Every declared grant in each of `places`, with or without cards; equal (to, access) grants are one."""
    found = []
    for share in desired.shares:
        by_place: dict[Place, list[Card]] = {place: [] for place in sorted(places)}
        for card in cards_of(share, desired):
            by_place.setdefault(card.key.place, []).append(card)
        for (to, access), during in _merged(share).items():
            for place, cards in by_place.items():
                found.append(_grant(desired.config, share, place, cards, Grant(to, access, during), today))
    return found


def cards_of(share: Share, desired: Desired) -> Iterator[Card]:
    """The cards that a share names."""
    aliases = {account.id: account.alias for account in desired.config.accounts.values()}
    for key, card in desired.cards.items():
        if any(matches(pattern, key, aliases) for pattern in share.cards):
            yield card


def matches(pattern: str, key: CardKey, aliases: Mapping[str, str]) -> bool:
    """A pattern is a name or glob, or `account/` and a name or glob."""
    if "/" not in pattern:
        return fnmatchcase(key.name, pattern)
    account, name = pattern.split("/", 1)
    return aliases.get(key.account) == account and fnmatchcase(key.name, name)


def grant_id(share: str, principal: str, access: str) -> str:
    """The value of the tag `cardops:grant`: what a RAM share is known by."""
    return hashlib.sha256("\n".join((share, principal, access)).encode()).hexdigest()[:24]


def permission_name(config: Config, level: str) -> str:
    """The customer managed permission that cardops keeps for an access level (RAM allows 36 characters)."""
    return f"{config.repository}.{level}"[:36]


def permission_arn(config: Config, level: AccessLevel, place: Place) -> str:
    """The ARN of the permission for an access level at a place."""
    if level.managed:
        return managed_arn(level.managed)
    return f"arn:aws:ram:{place.region}:{place.account}:permission/{permission_name(config, level.name)}"


def _merged(share: Share) -> dict[tuple[str, str], frozenset[Status]]:
    merged: dict[tuple[str, str], frozenset[Status]] = {}
    for grant in share.grants:
        key = (grant.to, grant.access)
        merged[key] = merged.get(key, frozenset()) | grant.during
    return merged


def _grant(config: Config, share: Share, place: Place, cards: Iterable[Card], grant: Grant, today: str) -> DesiredGrant:
    account = config.accounts.get(grant.to)
    principal = account.id if account else grant.to
    expired = bool(share.expires) and share.expires < today
    ends = expired or (account is not None and account.leaving)
    level = config.access[grant.access]
    return DesiredGrant(
        id=grant_id(share.name, principal, grant.access),
        place=place,
        share=share,
        to=grant.to,
        principal=principal,
        level=level,
        permission=permission_arn(config, level, place),
        during=grant.during,
        resources={card.key.arn: card.key for card in cards if card.status in grant.during and not ends},
        expired=expired,
        outside=account is not None and account.external,
    )
