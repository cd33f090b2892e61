"""Summarize every card: status, owner, risk, last sign-off, readers, and why it is held."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cardops.access.cells import AccessAbility, Matrix
from cardops.access.matrix import make_matrix
from cardops.audit.explain import explain
from cardops.commands.history import signed_by
from cardops.commands.plan import PlanResult
from cardops.commands.workspace import Workspace
from cardops.model.canonical import from_bytes
from cardops.model.desired import APPROVED_BY, LOCKED_STATUSES, Card, CardKey, Status
from cardops.model.findings import Finding


@dataclass(frozen=True, slots=True)
class CardStatus:
    """One card at a glance.

    `live` is the status in AWS, "missing" if there is no such card, or None if AWS was not asked or did not answer.
    `readers` maps accounts to `read` or `write`: what RAM grants now, or what git declares if AWS was not asked.
    `held` is why the card waits, and `who` acts next; both are empty if it does not wait. `denied` counts its deny
    findings.
    """

    card: Card
    risk: str
    live: str | None
    signed_by: tuple[str, ...]
    readers: Mapping[str, str]
    held: str
    who: str
    denied: int


@dataclass(frozen=True, slots=True)
class StatusFilter:
    """A filter for cards; an empty one lets all through. `reader` is an account's name or id."""

    statuses: frozenset[Status] = frozenset()
    owner: str = ""
    risk: str = ""
    reader: str = ""
    held: bool = False
    cards: frozenset[CardKey] | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def lets_through(self, one: CardStatus) -> bool:
        """Return True if the card meets every condition."""
        return (
            (self.cards is None or one.card.key in self.cards)
            and (not self.statuses or one.card.status in self.statuses)
            and self.owner in ("", one.card.owner)
            and self.risk.lower() in ("", one.risk.lower())
            and (not self.reader or self.names.get(self.reader, self.reader) in one.readers)
            and (not self.held or bool(one.held))
        )


def card_statuses(
    workspace: Workspace,
    planned: PlanResult | None,
    records: Sequence[Mapping[str, Any]],
    today: str,
    wanted: StatusFilter,
    progress: Callable[[int], None] = lambda _: None,
) -> list[CardStatus]:
    """Return the status of each card that passes the filter, sorted by name.

    Without a plan nothing is asked of AWS: readers are those that git declares, sign-offs come from `records` alone.
    """
    observed = planned.given.observed if planned else None
    matrix = make_matrix(workspace.desired, observed, workspace.config, today)
    readers = _readers(matrix, granted=planned is not None)
    found = [*workspace.findings, *(planned.checked if planned else ())]
    statuses = []
    for at, card in enumerate(sorted(workspace.desired.cards.values(), key=lambda card: (card.key.name, card.key))):
        one = _status(card, planned, found, records, readers.get(card.key, {}))
        if wanted.lets_through(one):
            statuses.append(one)
        progress(at + 1)
    return statuses


def _status(
    card: Card,
    planned: PlanResult | None,
    found: Sequence[Finding],
    records: Sequence[Mapping[str, Any]],
    readers: Mapping[str, str],
) -> CardStatus:
    own = [one for one in found if one.location.path == card.location.path or one.card == str(card.key)]
    denied = sum(one.level == "deny" and not one.suppressed for one in own)
    if planned is None:
        why = next((one.message for one in own if one.level == "deny" and not one.suppressed), "")
        return CardStatus(card, _risk(card), None, _signed(card, {}, records), readers, why, "", denied)
    live = planned.given.observed.cards.get(card.key)
    unread = str(card.key.place) in planned.unknown
    explanation = explain(card, live.status.value if live else "", planned.plan, found, list(records))
    state = live.status.value if live else None if unread else "missing"
    signed = _signed(card, live.tags if live else {}, records)
    return CardStatus(card, _risk(card), state, signed, readers, explanation.held, explanation.who, denied)


def _risk(card: Card) -> str:
    rating = (from_bytes(card.content).get("intended_uses") or {}).get("risk_rating")
    return rating if isinstance(rating, str) else ""


def _signed(card: Card, tags: Mapping[str, str], records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return who signed off the card as it is declared, from the live card's tags or from the records of runs."""
    if card.status not in LOCKED_STATUSES:
        return ()
    tagged = tags.get(APPROVED_BY, "")
    return (tagged,) if tagged else signed_by(card, [dict(record) for record in records])


def _readers(matrix: Matrix, granted: bool) -> dict[CardKey, dict[str, str]]:
    """Map each card to the accounts that may use it."""
    aliases = {account.id: account.alias for account in matrix.config.accounts.values()}
    found: dict[CardKey, dict[str, str]] = {}
    for pair, cell in sorted(matrix.cells.items()):
        ability = cell.granted if granted else cell.declared
        if ability not in (None, AccessAbility.NONE):
            found.setdefault(pair.card, {})[aliases.get(pair.account, pair.account)] = str(ability)
    return found
