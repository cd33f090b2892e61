"""The access that shares give to one card, so that two declarations can be compared: which of them gives more?"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cardops.desired.grants import expires_on
from cardops.desired.selectors import selected
from cardops.model.desired import Card, CardKey, Config, Share, Status

FOREVER = "9999-12-31"
HIGH_RISK = "High"


class Access(NamedTuple):
    """One action that one principal (account id or ARN) may take on a card while the card has a status."""

    principal: str
    action: str
    status: Status


def is_sensitive(card: Card) -> bool:
    """Tell whether new access to a card needs a sign-off: it is Approved or of high risk."""
    return card.status is Status.APPROVED or card.risk_rating == HIGH_RISK


def access_to(key: CardKey, shares: Iterable[Share], config: Config) -> dict[Access, str]:
    """Return the access that shares give to a card, each with its last day (YYYY-MM-DD)."""
    found: dict[Access, str] = {}
    for share in shares:
        if not any(True for reference in share.cards for _ in selected(reference, (key,), config)):
            continue
        for grant in share.grants:
            account, level = config.accounts.get(grant.to), config.access.get(grant.access)
            until = expires_on(share, grant) or FOREVER
            for action in level.actions if level else ():
                for status in grant.during:
                    one = Access(account.id if account else grant.to, action, status)
                    found[one] = max(until, found.get(one, ""))
    return found


def widened(before: Mapping[Access, str], now: Mapping[Access, str]) -> list[Access]:
    """Return the access that is new, or lasts longer than before."""
    return sorted(one for one, until in now.items() if until > before.get(one, ""))
