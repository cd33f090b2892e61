"""Interpret RAM's association states. Source: ResourceShareAssociationStatus in botocore's RAM model."""

from collections.abc import Iterable, Iterator

from cardops.desired.grants import DesiredGrant
from cardops.model.desired import GRANT, CardKey
from cardops.model.findings import Finding
from cardops.model.observed import ENDING_STATE, TERMINAL_STATES, ObservedShare
from cardops.model.provenance import is_managed

MOVING_STATES = {
    "ASSOCIATING": "RAM is still at it; plan again in a minute",
    "RESTORING": "RAM is bringing it back; plan again in a minute",
    "SUSPENDING": "RAM is suspending it; apply again when it is SUSPENDED, then it is shared anew",
}


def ours(share: ObservedShare, repository: str) -> bool:
    """A share that this repository manages."""
    return is_managed(share.tags, repository) and GRANT in share.tags


def is_live(state: str | None) -> bool:
    """Tell whether an association gives access or may do so again: it is not absent, ended or ending."""
    return state is not None and state not in TERMINAL_STATES and state != ENDING_STATE


def live_cards(share: ObservedShare) -> list[str]:
    """The cards (by ARN) that a share holds, suspended ones included."""
    return sorted(arn for arn, state in share.resources.items() if is_live(state))


def key_of(arn: str) -> CardKey:
    """The card of a model card's ARN."""
    return CardKey.from_arn(arn)


def keys_of(arns: Iterable[str]) -> frozenset[CardKey]:
    """Return the cards of these ARNs; other ARNs are left out."""
    return frozenset(key_of(arn) for arn in arns if ":model-card/" in arn)


def in_transit(grant: DesiredGrant, share: ObservedShare) -> Iterator[Finding]:
    """Report what RAM is still changing by itself: no step can hurry it."""
    for state, way_out in MOVING_STATES.items():
        cards = sum(found == state for arn, found in share.resources.items() if arn in grant.resources)
        if cards:
            yield _moving(grant, f"{cards} card(s) are {state}", way_out)
        if share.principals.get(grant.principal) == state and grant.principal not in share.invited:
            yield _moving(grant, f"{grant.to} is {state}", way_out)


def is_external(grant: DesiredGrant, share: ObservedShare) -> Finding | None:
    """Explain why a share of ours cannot be changed now; None if it can."""
    at, name = grant.share.location, f"the RAM share {share.name!r}"
    if share.feature_set != "STANDARD":
        message = f"{grant.label}: {name} has the feature set {share.feature_set}, so it stays as it is"
        return Finding("share/not-standard", at, message, "promote it to a STANDARD share in RAM, or remove its tags")
    if share.status == "PENDING":
        return _moving(grant, f"{name} is PENDING", "RAM is still making it; plan again in a minute")
    return None


def status_text(share: ObservedShare, entities: Iterable[str]) -> str:
    """RAM's words about what failed, to go behind a reason."""
    words = sorted({share.messages[entity] for entity in entities if share.messages.get(entity)})
    return f" (RAM said: {'; '.join(words)})" if words else ""


def _moving(grant: DesiredGrant, what: str, way_out: str) -> Finding:
    return Finding("share/in-transit", grant.share.location, f"{grant.label}: {what}", way_out, "warn")
