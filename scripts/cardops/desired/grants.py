"""Grants: which RAM shares the declared shares stand for, and which cards each may hold."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cardops.desired.read_only import IAM_PRINCIPAL, Recipient, recipients
from cardops.desired.selectors import CardIndex, is_glob, selected
from cardops.model.desired import (
    AccessLevel,
    Account,
    AccountRegion,
    Card,
    CardKey,
    Config,
    Desired,
    Grant,
    Means,
    Share,
    Status,
)
from cardops.model.permissions import managed_arn

SHARE_NAME_LIMIT = 100
PERMISSION_NAME_LIMIT = 36


@dataclass(frozen=True, slots=True)
class DesiredGrant:
    """One declared grant in one owner account and region: one RAM resource share, or several where one is full.

    `resources` are the cards that it holds, by ARN; `during` says in which statuses it holds a card at all, and
    `lapsed` on which last day (YYYY-MM-DD) it ended for others. `ended` is why nothing is granted at all any more,
    or empty. `outside`: to an account outside the organization. `level` is what is declared, `ram_level` what RAM
    allows, `means` are those that keep RAM's level to reading where it allows more. `refused` is why nothing may be
    granted (then `ended` says the same), with `hint`, and `withheld` are the cards that it would otherwise hold.
    `delivered` are cards, in whatever status, of which the principal's account gets a copy instead.
    `unproven` are resources that are not added while it is not verified that its principal cannot write them.
    """

    id: str
    place: AccountRegion
    share: Share
    to: str
    principal: str
    level: AccessLevel
    permission: str
    during: frozenset[Status]
    resources: Mapping[str, CardKey]
    lapsed: Mapping[Status, str] = field(default_factory=dict)
    ended: str = ""
    outside: bool = False
    means: tuple[Means, ...] = ()
    refused: str = ""
    hint: str = ""
    withheld: frozenset[CardKey] = frozenset()
    delivered: frozenset[CardKey] = frozenset()
    unproven: frozenset[str] = frozenset()
    granted: AccessLevel | None = None

    @property
    def ram_level(self) -> AccessLevel:
        """The access level that RAM's permission gives; wider than `level` where a means keeps it to reading."""
        return self.granted or self.level

    @property
    def name(self) -> str:
        """The RAM share's name, which is only for people: letters, digits, spaces, periods and dashes."""
        text = f"{self.share.name} {self.level.name} {self.to}"
        return re.sub(r"[^A-Za-z0-9 .-]+", "-", text)[:SHARE_NAME_LIMIT]

    @property
    def adopts(self) -> frozenset[str]:
        """The RAM shares that it takes over where nobody manages them, by ARN."""
        same = (one for one in self.share.grants if (one.to, one.access) == (self.to, self.level.name))
        return frozenset(one.adopt for one in same if one.adopt)

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.share.name}: {self.level.name} for {self.to}"


@dataclass(frozen=True, slots=True)
class GrantTerm:
    """The term of all grants of one (to, access) of a share on one day."""

    during: frozenset[Status]
    lapsed: Mapping[Status, str]
    ended: str = ""


def grants(desired: Desired, places: Collection[AccountRegion], today: str) -> list[DesiredGrant]:
    """Every declared grant in each of `places`, with or without cards; equal (to, access) grants are one.

    None in the grant's own account: an owner needs no share, and RAM refuses to make one.
    """
    found = []
    by_name: dict[str, list[Card]] = {}
    for card in desired.cards.values():
        if not card.delivered:
            by_name.setdefault(card.key.name, []).append(card)
    keys = CardIndex(key for key, card in desired.cards.items() if not card.delivered)
    for share in desired.shares:
        by_place: dict[AccountRegion, list[Card]] = {place: [] for place in sorted(places)}
        for card in cards_of(share, desired, by_name, keys):
            by_place.setdefault(card.key.place, []).append(card)
        for (to, access), term in _terms(share, today).items():
            own = desired.config.accounts.get(to)
            reached = recipients(desired.config, to, desired.config.access[access])
            for place, cards in by_place.items():
                for recipient in reached:
                    grant = _grant(desired.config, share, place, cards, to, access, term, recipient)
                    if not own or own.id != place.account:
                        found.append(grant)
    return found


def cards_of(
    share: Share, desired: Desired, by_name: Mapping[str, Iterable[Card]], catalogue: CardIndex
) -> Iterator[Card]:
    """The cards that a share names; `by_name` are all of `desired`, so that a plain name costs one look, and
    `catalogue` their keys, so that a glob looks only at those that begin as it does.
    """
    keys: dict[CardKey, None] = {}
    for pattern in share.cards:
        name = pattern.rpartition("/")[2]
        among = catalogue if is_glob(name) else [card.key for card in by_name.get(name, ())]
        keys |= dict.fromkeys(selected(pattern, among, desired.config))
    return (desired.cards[key] for key in keys)


def grant_id(share: str, principal: str, access: str) -> str:
    """The value of the tag `cardops:grant`: what a RAM share is known by."""
    return hashlib.sha256("\n".join((share, principal, access)).encode()).hexdigest()[:24]


def permission_name(config: Config, level: str) -> str:
    """The customer managed permission that cardops keeps for an access level; a long name ends in a hash."""
    name = f"{config.repository}.{level}"
    if len(name) <= PERMISSION_NAME_LIMIT:
        return name
    return f"{name[: PERMISSION_NAME_LIMIT - 9]}.{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def permission_arn(config: Config, level: AccessLevel, place: AccountRegion) -> str:
    """The ARN of the permission for an access level at a place."""
    if level.managed:
        return managed_arn(level.managed)
    return f"arn:aws:ram:{place.region}:{place.account}:permission/{permission_name(config, level.name)}"


def accounts_behind(principal: str, config: Config) -> list[Account] | None:
    """The declared accounts that a principal may reach; None where an account that nobody declared is among them.

    An organization or a unit of it counts as every declared account that is not `external`: which accounts are in it
    is not declared, but external ones are outside the organization.
    """
    found = IAM_PRINCIPAL.match(principal)
    if principal.startswith("arn:") and not found:
        return [account for account in config.accounts.values() if not account.external]
    wanted = found[1] if found else principal
    return [account for account in config.accounts.values() if account.id == wanted] or None


def account_of(principal: str) -> str:
    """Return the account id of an account or an IAM principal; any other principal is returned as it is."""
    found = IAM_PRINCIPAL.match(principal)
    return found[1] if found else principal


def expires_on(share: Share, grant: Grant) -> str:
    """The last day (YYYY-MM-DD, UTC, inclusive) on which a grant holds; empty: no end is planned."""
    return min((day for day in (share.expires, grant.expires) if day), default="")


def _terms(share: Share, today: str) -> dict[tuple[str, str], GrantTerm]:
    merged: dict[tuple[str, str], dict[Status, str]] = {}
    for grant in share.grants:
        until = merged.setdefault((grant.to, grant.access), {})
        end = expires_on(share, grant)
        for status in grant.during:
            longest = not end or not until.get(status, end)
            until[status] = "" if longest else max(end, until.get(status, end))
    return {key: _term(share, until, today) for key, until in merged.items()}


def _term(share: Share, until: Mapping[Status, str], today: str) -> GrantTerm:
    lapsed = {status: end for status, end in until.items() if end and end < today}
    during = frozenset(until) - frozenset(lapsed)
    if during:
        return GrantTerm(during, lapsed)
    end = max(lapsed.values())
    return GrantTerm(during, lapsed, f"the {'share' if end == share.expires else 'grant'} expired on {end}")


def _grant(
    config: Config,
    share: Share,
    place: AccountRegion,
    cards: Sequence[Card],
    to: str,
    access: str,
    term: GrantTerm,
    recipient: Recipient,
) -> DesiredGrant:
    principal = recipient.principal
    known = to in config.accounts or IAM_PRINCIPAL.match(to)
    reached = (accounts_behind(principal, config) or []) if known else []
    ended = _leaving(config, place, reached) or term.ended or recipient.refused
    copied = Means.COPY in recipient.means
    wanted = [card.key for card in cards if card.status in term.during]
    return DesiredGrant(
        id=grant_id(share.name, principal, access),
        place=place,
        share=share,
        to=to,
        principal=principal,
        level=config.access[access],
        permission=permission_arn(config, recipient.level, place),
        during=term.during,
        resources={} if ended or copied else {key.arn: key for key in wanted},
        lapsed=term.lapsed,
        ended=ended or ("the account gets a copy instead" if copied else ""),
        outside=any(one.external for one in reached),
        means=recipient.means,
        refused=recipient.refused,
        hint=recipient.hint,
        withheld=frozenset(wanted) if recipient.refused else frozenset(),
        delivered=frozenset(card.key for card in cards) if copied and not ended else frozenset(),
        granted=recipient.level,
    )


def _leaving(config: Config, place: AccountRegion, reached: Iterable[Account]) -> str:
    owners = (account for account in config.accounts.values() if account.id == place.account)
    gone = next((account.alias for account in (*reached, *owners) if account.leaving), "")
    return f"the account {gone} is leaving" if gone else ""
