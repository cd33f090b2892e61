"""Hub copies as ordinary cards: the spoke's content and the status that the spoke allows, or why a copy waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cardops.desired.hub_copies import allowed, as_it_is, carried_content, odd_shape, origin_keys, source_digest
from cardops.model.canonical import MAX_CONTENT
from cardops.model.desired import APPROVED_BY, Card, CardKey, Desired, Status
from cardops.model.findings import Finding
from cardops.model.observed import OTHER_PARTITION, Observed, ObservedCard
from cardops.model.provenance import is_proven_equal
from cardops.plan.approvals import Approval
from cardops.plan.steps import Step

REPAIR = "have its owner write it anew; the copy stays as it is until then"


@dataclass(slots=True)
class ResolvedCopy:
    """`desired` with every copy's content; `held` copies and why; findings that say so."""

    desired: Desired
    held: dict[CardKey, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def resolve(desired: Desired, observed: Observed, bases: Mapping[CardKey, Card]) -> ResolvedCopy:
    """Every hub copy with the content that it shall have. A copy whose origin is not known stays as it is."""
    resolved = ResolvedCopy(desired)
    cards = dict(desired.cards)
    for key, origin_key in origin_keys(desired.cards, desired.config).items():
        card, live = desired.cards[key], observed.cards.get(key)
        if key.place in observed.unknown:
            continue
        if card.delivered and live is None and (card.delivered == "paused" or card.status is Status.ARCHIVED):
            del cards[key]  # nothing was delivered yet, and nothing is to be
            continue
        if card.delivered == "paused":
            cards[key] = as_it_is(card, live)
            continue
        if card.status is Status.ARCHIVED and live is not None:
            cards[key] = as_it_is(card, live)
        elif observed.unknown.get(origin_key.place, OTHER_PARTITION) != OTHER_PARTITION:
            resolved.held[key] = f"its origin {_name(card)} could not be read; the copy stays as it is"
            cards[key] = as_it_is(card, live)
        elif why := observed.unreadable.get(origin_key, ""):
            cards[key] = as_it_is(card, live)
            _hold(resolved, card, "hub/unreadable-origin", f"its origin {_name(card)} cannot be read: {why}", REPAIR)
        elif (origin := observed.origins.get(origin_key)) is None or origin.processing:
            cards[key] = as_it_is(card, live)
            _missing(resolved, card, origin, desired.cards.get(origin_key))
        else:
            cards[key] = _copy(resolved, card, live, origin, bases.get(key))
    resolved.desired = desired._replace(cards=cards)
    return resolved


def following(desired: Desired, steps: Iterable[Step], held: Mapping[CardKey, str]) -> dict[CardKey, Finding]:
    """Copies whose origin this very plan changes: they are one apply behind."""
    kinds: dict[CardKey, set[str]] = {}
    for step in steps:
        for key in step.cards:
            kinds.setdefault(key, set()).add(step.kind)
    found = {}
    for key, origin_key in origin_keys(desired.cards, desired.config).items():
        card = desired.cards[key]
        changed = kinds.get(origin_key, set()) & ({"create", "update", "promote"} if key in held else {"update"})
        if changed and card.status is not Status.ARCHIVED:
            message = f"{key.name}: this plan changes its origin {_name(card)}; the copy follows with the next apply"
            hint = "apply once more"
            found[key] = Finding("hub/follows", card.location, message, hint, level="warn", card=str(key))
    return found


def approvals(desired: Desired, observed: Observed, given: Mapping[CardKey, Approval]) -> dict[CardKey, Approval]:
    """The sign-offs of delivered copies: those of their originals, as given or as recorded on the live card."""
    found: dict[CardKey, Approval] = {}
    for key, origin_key in origin_keys(desired.cards, desired.config).items():
        if not desired.cards[key].delivered:
            continue
        original = observed.cards.get(origin_key)
        if origin_key in given:
            found[key] = given[origin_key]
        elif original is not None and APPROVED_BY in original.tags:
            found[key] = Approval.recorded(original.tags)
    return found


def _copy(
    resolved: ResolvedCopy, card: Card, live: ObservedCard | None, origin: ObservedCard, base: Card | None
) -> Card:
    spoke = resolved.desired.cards.get(origin.key)
    status = allowed(card, origin, spoke)
    if status is not card.status:
        _ahead(resolved, card, origin, spoke)
    copy = card._replace(status=status, digest=source_digest(origin))
    if live is not None and is_proven_equal(copy, live, resolved.desired.config.repository):
        return copy
    if why := odd_shape(origin):
        _hold(resolved, card, "hub/unreadable-origin", f"its origin {_name(card)} cannot be copied: {why}", REPAIR)
        return as_it_is(card, live)
    content = carried_content(origin, base.content if base else b"{}")
    copy = copy._replace(text=content)
    length = len(content.decode())
    if length > MAX_CONTENT:
        message = f"the copy would have {length:,} characters, provenance included; at most {MAX_CONTENT:,} are allowed"
        _hold(resolved, card, "hub/too-long", message, f"shorten {_name(card)}")
    if status is Status.APPROVED and card.delivered and (live is None or live.content != content):
        return copy._replace(status=Status.PENDING_REVIEW)  # its original is approved: the next apply follows
    if status is Status.APPROVED and (live is None or live.content != content):
        has = f"{_name(card)} is at version {origin.version}, and the copy does not have that content"
        way_out = "declare the copy PendingReview until it has it, have it reviewed there, then Approved"
        _hold(resolved, card, "hub/not-reviewed", f"{has}; nothing goes into an Approved copy unreviewed", way_out)
    return copy


def _ahead(resolved: ResolvedCopy, card: Card, origin: ObservedCard, spoke: Card | None) -> None:
    has = f"git declares {card.status} and {_name(card)} is {origin.status}"
    if spoke is not None and spoke.status.rank >= card.status.rank:
        resolved.held.setdefault(card.key, f"{has}; the copy follows when it is {card.status} there")
        return
    _hold(
        resolved,
        card,
        "hub/ahead",
        f"{has}; a copy is never ahead of its origin",
        f"have {_name(card)} moved on first, or declare at most {allowed(card, origin, spoke)}",
    )


def _missing(resolved: ResolvedCopy, card: Card, origin: ObservedCard | None, spoke: Card | None) -> None:
    if origin is None and spoke is not None:
        resolved.held[card.key] = f"its origin {_name(card)} does not exist yet"
        return
    why = "is being deleted" if origin else "does not exist"
    hint = f"correct aggregate_from, or have the card made in {card.key.region}; the copy stays as it is"
    _hold(resolved, card, "hub/missing-origin", f"its origin {_name(card)} {why}", hint)


def _hold(resolved: ResolvedCopy, card: Card, rule: str, message: str, hint: str) -> None:
    resolved.held.setdefault(card.key, message)
    text = f"{card.key.name}: {message}"
    resolved.findings.append(Finding(rule, card.location, text, hint, card=str(card.key)))


def _name(card: Card) -> str:
    return f"{card.origin.account}/{card.origin.card}" if card.origin else card.key.name
