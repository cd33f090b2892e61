"""Plan the end of cards whose file or account is gone. Access ends first; cards are archived unless told to delete."""

from collections.abc import Iterator

from cardops.desired.hub_copies import is_copy
from cardops.merge.diff import Change
from cardops.model.desired import APPROVED_BY, LOCKED, Card, CardKey, Config, Means, Status
from cardops.model.findings import Finding, Location
from cardops.model.observed import ObservedCard
from cardops.model.provenance import is_managed
from cardops.plan.cards import lock, unsigned
from cardops.plan.inputs import PlanInputs
from cardops.plan.steps import DeleteCard, Phase, SetStatus, Step

RETIRING = (Status.DRAFT, Status.ARCHIVED)
"""Only from these a card is retired; an approval is ended by a change of status that somebody reviews."""


def retiring_cards(key: CardKey, config: Config) -> bool:
    """Tell whether the card's account is leaving."""
    return any(account.id == key.account and account.leaving for account in config.accounts.values())


def not_created(card: Card) -> Finding:
    """A card that nobody can have any more where git declares it."""
    hint = "declare it in another account, or remove its file"
    message = f"{card.key.name}: its account is leaving, so it is not made"
    return Finding("card/leaving", card.location, message, hint, card=str(card.key))


def retire(inputs: PlanInputs, held: dict[CardKey, str]) -> Iterator[Step | Finding]:
    """A step for each live card of ours that is to go, or the finding that says why it cannot; that card is held."""
    config = inputs.desired.config
    for key, live in inputs.observed.cards.items():
        if not is_managed(live.tags, config.repository) or live.processing:
            continue
        card = inputs.desired.cards.get(key)
        moves_out = retiring_cards(key, config) and not (card and card.status is Status.ARCHIVED)
        declared = key in inputs.desired.cards or key in inputs.broken or key in inputs.renamed
        if declared and not moves_out:
            continue
        if live.status is Status.ARCHIVED and config.retire != "delete":
            if LOCKED not in live.tags:  # an apply ended between the status and the tag
                yield lock(live, f"version {live.version} {live.status}")
            continue
        reason = "its account is leaving" if moves_out else "git no longer declares it"
        if why := inputs.observed.unreadable.get(key, ""):
            held[key] = f"it cannot be read: {why}"
        elif live.status is Status.APPROVED and APPROVED_BY not in live.tags:
            yield from unsigned(live)
            held[key] = "it was set to Approved by somebody else than cardops, and git does not declare it"
        elif refusal := _refusal(inputs, live, declared, reason):
            held[key] = refusal
            yield _refused(inputs, key, refusal, moves_out)
        else:
            yield _step(key, live, reason, delete=config.retire == "delete")


def _step(key: CardKey, live: ObservedCard, reason: str, delete: bool) -> Step:
    return Step(
        Phase.DEMOTE,
        "delete" if delete else "retire",
        key.place,
        key.name,
        str(key),
        reason,
        DeleteCard(live.version, live.status) if delete else SetStatus(Status.ARCHIVED, live.status),
        (Change("status", live.status.value, "deleted" if delete else Status.ARCHIVED.value),),
        f"version {live.version} {live.status}",
        frozenset({key}),
    )


def _refused(inputs: PlanInputs, key: CardKey, refusal: str, moves_out: bool) -> Finding:
    card = inputs.desired.cards.get(key)
    location = card.location if card else Location("cardops.yaml")
    hint = "declare it Archived, and apply that first" if moves_out else "restore its file"
    return Finding("card/retire", location, f"{key.name}: {refusal}", hint, card=str(key))


def _refusal(inputs: PlanInputs, live: ObservedCard, declared: bool, reason: str) -> str:
    if inputs.unreadable and not declared:
        return "a file under cards/ cannot be read, so cardops cannot tell whether this card was removed"
    what = reason if declared else "its file was removed"
    if inputs.desired.config.retire == "forbid":
        return f"{what}, and `retire: forbid` keeps every card"
    if live.status not in RETIRING and not _was_delivered(inputs, live):
        return f"{what} while it is {live.status}; archive it first by its status"
    return ""


def _was_delivered(inputs: PlanInputs, live: ObservedCard) -> bool:
    """Tell whether a card is a copy for a consumer, which ends with its grant and has no file to be archived by."""
    accounts = inputs.desired.config.accounts.values()
    copied = any(one.id == live.key.account and Means.COPY in one.read_only for one in accounts)
    return copied and is_copy(live.content or b"{}")
