"""What a repository is to one account: what the account owns and what others share with it. Policies stand on it."""

from dataclasses import dataclass

from cardops.access import permission_arn
from cardops.actions import Duty
from cardops.copies import origin_keys
from cardops.model import Account, Card, Config, Desired, Place


@dataclass(frozen=True, slots=True)
class Ground:
    """`owned` are the places where its cards may live, `origins` those of its cards that hub copies are made from;
    `shared` the places of other owners. `cards` are its own, `encrypted` all that have a key; `roles` (ARNs) are
    those that may be taken from here.
    """

    account: Account
    config: Config
    owned: frozenset[Place] = frozenset()
    origins: frozenset[Place] = frozenset()
    shared: frozenset[Place] = frozenset()
    cards: tuple[Card, ...] = ()
    encrypted: tuple[Card, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def own_permissions(self) -> list[str]:
        """The customer managed permissions that cardops keeps in its places."""
        levels = [level for level in self.config.access.values() if not level.managed]
        return sorted(permission_arn(self.config, level, place) for place in self.owned for level in levels)


def ground(desired: Desired, alias: str) -> Ground:
    """What the repository is to a declared account."""
    config, account = desired.config, desired.config.accounts[alias]
    owners = desired.owners
    origins = {key.place for key in origin_keys(desired.cards, config).values() if key.account == account.id}
    mine = tuple(card for card in desired.cards.values() if card.key.account == account.id)
    return Ground(
        account,
        config,
        frozenset(place for place in owners if place.account == account.id),
        frozenset(origins),
        frozenset(place for place in owners if place.account != account.id),
        mine,
        tuple(card for card in desired.cards.values() if card.kms_key_id),
    )


def duties(ground: Ground, role: str, probe: bool = False) -> set[Duty]:
    """What a role (`plan`, `apply` or `consumer`) has to do in the account; nothing where it has none."""
    if role == "consumer":
        return _consumer(ground, probe)
    found: set[Duty] = set()
    if ground.origins:
        found.add(Duty.ORIGIN)
    if ground.owned:
        found |= {Duty.READ, Duty.TELL} if role == "plan" else {Duty.READ, Duty.WRITE}
        if role == "apply" and ground.config.retire == "delete":
            found.add(Duty.DELETE)
    if any(card.model_package for card in ground.cards):
        found |= {Duty.REGISTRY} if role == "plan" else {Duty.REGISTRY, Duty.APPROVE}
    return found


def _consumer(ground: Ground, probe: bool) -> set[Duty]:
    """Every account is tried with every card that it does not own: that it cannot see one has to be seen too."""
    if not ground.shared:
        return set()
    found = {Duty.CONSUME}
    if ground.account.external:
        found.add(Duty.ACCEPT)
    return found | ({Duty.PROBE} if probe else set())
