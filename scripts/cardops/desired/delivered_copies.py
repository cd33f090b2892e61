"""Copies for consumers whose means of read-only is `copy`: cards in their accounts that no file declares.

A copy is a hub copy of the shared card, under the same name, and never ahead of its original. While the grant does not
hold the card in its status, the copy follows the original's status and keeps its content; it is archived with its
original, and when the grant ends.
"""

from cardops.desired.grants import grants
from cardops.model import canonical
from cardops.model.desired import Card, CardKey, Desired, HubOrigin, Means
from cardops.model.findings import Finding

EMPTY = canonical.to_bytes({})
TAKEN = "read-only/copy-name-taken"


def with_copies(desired: Desired, today: str) -> tuple[Desired, list[Finding]]:
    """Return the desired state with the copies that its grants ask for, and what stands in the way of others."""
    if not any(Means.COPY in account.read_only for account in desired.config.accounts.values()):
        return desired, []
    names = {account.id: alias for alias, account in desired.config.accounts.items()}
    copies: dict[CardKey, Card] = {}
    findings: dict[CardKey, Finding] = {}
    for grant in grants(desired, {key.place for key in desired.cards}, today):
        for origin in sorted(grant.delivered):
            key = CardKey(grant.principal, origin.region, origin.name)
            original = desired.cards[origin]
            copy = _copy(original, key, names[origin.account], original.status in grant.during)
            known = desired.cards.get(key) or copies.get(key)
            if known is None or (known.delivered == "paused" and known.origin == copy.origin):
                copies[key] = copy
            elif known.origin != copy.origin:
                findings.setdefault(key, _taken(copy, grant.label))
    return desired._replace(cards={**copies, **desired.cards}), list(findings.values())


def _copy(original: Card, key: CardKey, alias: str, held: bool) -> Card:
    origin = HubOrigin(alias, original.key.name)
    made = Card(key, original.status, original.owner, EMPTY, canonical.digest(EMPTY), original.location, origin=origin)
    return made._replace(delivered="current" if held else "paused")


def _taken(copy: Card, label: str) -> Finding:
    message = (
        f"{label}: account {copy.key.account} has another card named {copy.key.name}, so it gets no copy of this one"
    )
    hint = "rename one of the cards, or declare another means than copy for the account"
    return Finding(TAKEN, copy.location, message, hint, card=str(copy.key))
