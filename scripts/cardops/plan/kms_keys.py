"""Check the KMS keys of encrypted cards. They yield findings only: AWS cannot change a card's key."""

from collections.abc import Iterator

from cardops.desired.key_consumers import consumers, missing_statements
from cardops.model.desired import AccountRegion, Card, Desired
from cardops.model.findings import Finding
from cardops.model.observed import Observed, ObservedCard
from cardops.plan.blocked import held


def require_same_key(card: Card, live: ObservedCard, observed: Observed) -> Iterator[Finding]:
    """Warn if it is unknown whether the live key is the declared one. Raises Blocked if it is another key."""
    if card.kms_key_id == live.kms_key_id:
        return
    declared, found = (_arn(card.key.place, key, observed) for key in (card.kms_key_id, live.kms_key_id))
    if not card.kms_key_id or not live.kms_key_id or (declared and found and declared != found):
        has = f"the live card has {'another KMS key' if live.kms_key_id else 'no KMS key'}"
        raise held(card, "card/other-key", f"{has}, and AWS cannot change it", "declare its key, or declare a new card")
    if declared != found or not declared:
        key = observed.keys.get((card.key.place, card.kms_key_id if not declared else live.kms_key_id))
        why = key.why if key else "it was not read"
        yield Finding(
            "kms/unresolved",
            card.location,
            f"{card.key.name}: whether its live key is the declared one cannot be told: {why}",
            "allow kms:DescribeKey, or declare the key by its ARN",
            level="warn",
            card=str(card.key),
        )


def missing_key_access(desired: Desired, observed: Observed) -> Iterator[Finding]:
    """Declared consumers of encrypted cards whom the key's policy does not let read them."""
    names = {account.id: account.alias for account in desired.config.accounts.values()}
    cards = {card.key.arn: card for card in desired.cards.values()}
    for (place, key_id), used in sorted(consumers(desired).items()):
        if place in observed.unknown:
            continue
        key = observed.keys.get((place, key_id))
        if key is None or not key.policy:
            first = cards[min(arn for arns in used.values() for arn in arns)]
            why = key.why if key else "it was not read"
            hint = "check the key's name, and allow kms:DescribeKey and kms:GetKeyPolicy"
            message = f"whether the key {key_id} is open to the consumers of {first.key.name} cannot be told: {why}"
            yield Finding("kms/policy-unknown", first.location, message, hint, level="warn")
            continue
        for user, arns in sorted(missing_statements(key.policy, place, used).items()):
            card = cards[min(arns)]
            more = f" and {len(arns) - 1} more" if len(arns) > 1 else ""
            who = names.get(user.principal, user.principal)
            yield Finding(
                "kms/consumer-lacks-key",
                card.location,
                f"{who} may read {card.key.name}{more}, and the key {key_id} is closed to it",
                "add to the key's policy what `cardops iam key-policy` prints",
                level="warn",
                card=str(card.key),
            )


def _arn(place: AccountRegion, key_id: str, observed: Observed) -> str:
    key = observed.keys.get((place, key_id))
    return key.arn if key else ""
