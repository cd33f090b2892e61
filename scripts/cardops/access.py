"""Grants: which RAM shares the declared shares stand for, and which cards each may hold."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cardops.model import AccessLevel, Card, CardKey, Config, Desired, Place, Share, Status
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

    @property
    def name(self) -> str:
        """The RAM share's name, which is only for people: letters, digits, spaces, periods and dashes."""
        text = f"{self.share.name} {self.level.name} {self.to}"
        return re.sub(r"[^A-Za-z0-9 .-]+", "-", text)[:SHARE_NAME_LIMIT]

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.share.name}: {self.level.name} for {self.to}"


def grants(desired: Desired, today: str) -> list[DesiredGrant]:
    """Every declared grant, by owner account and region; equal (to, access) grants of a share are one."""
    return [
        _grant(desired, share, place, to, access, during, today)
        for share in desired.shares
        for (to, access), during in _merged(share).items()
        for place in sorted({Place(card.key.account, card.key.region) for card in cards_of(share, desired)})
    ]


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


def _grant(
    desired: Desired, share: Share, place: Place, to: str, access: str, during: frozenset[Status], today: str
) -> DesiredGrant:
    config = desired.config
    account = config.accounts.get(to)
    principal = account.id if account else to
    expired = bool(share.expires) and share.expires < today
    leaving = account is not None and account.leaving
    held: Iterable[Card] = () if expired or leaving else cards_of(share, desired)
    resources = {
        card.key.arn: card.key
        for card in held
        if Place(card.key.account, card.key.region) == place and card.status in during
    }
    level = config.access[access]
    return DesiredGrant(
        id=grant_id(share.name, principal, access),
        place=place,
        share=share,
        to=to,
        principal=principal,
        level=level,
        permission=permission_arn(config, level, place),
        during=during,
        resources=resources,
        expired=expired,
    )
