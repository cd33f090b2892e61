"""Derive what an account owns and consumes: the input of its policies."""

from dataclasses import dataclass

from cardops.desired.grants import permission_arn
from cardops.desired.hub_copies import origin_keys
from cardops.iam.operations import Capability
from cardops.model.desired import Account, AccountRegion, Card, Config, Desired, Means


@dataclass(frozen=True, slots=True)
class AccountScope:
    """`owned` are the places where its cards may live, `origins` those of its cards that hub copies are made from;
    `shared` the places of other owners. `cards` are its own, `encrypted` all that have a key; `roles` (ARNs) are
    those that may be taken from here.
    """

    account: Account
    config: Config
    owned: frozenset[AccountRegion] = frozenset()
    origins: frozenset[AccountRegion] = frozenset()
    shared: frozenset[AccountRegion] = frozenset()
    cards: tuple[Card, ...] = ()
    encrypted: tuple[Card, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def asked_about(self) -> list[str]:
        """The account's roles that the policy simulator is asked about, by ARN.

        With the means `scp` any role serves, since its own policies are set aside.
        """
        account = self.account
        names = set(account.readers) if Means.ROLE in account.read_only else set()
        if Means.SCP in account.read_only or self.config.lock:
            names |= {account.role or account.plan_role, *account.contributors} - {""}
        return sorted(map(account.role_arn, names))

    @property
    def own_permissions(self) -> list[str]:
        """The customer managed permissions that cardops keeps in its places."""
        levels = [level for level in self.config.access.values() if not level.managed]
        return sorted(permission_arn(self.config, level, place) for place in self.owned for level in levels)


def scope_of(desired: Desired, alias: str) -> AccountScope:
    """Return the scope of a declared account."""
    config, account = desired.config, desired.config.accounts[alias]
    owners = desired.owners
    origins = {key.place for key in origin_keys(desired.cards, config).values() if key.account == account.id}
    mine = tuple(card for card in desired.cards.values() if card.key.account == account.id)
    return AccountScope(
        account,
        config,
        frozenset(place for place in owners if place.account == account.id),
        frozenset(origins),
        frozenset(place for place in owners if place.account != account.id),
        mine,
        tuple(card for card in desired.cards.values() if card.kms_key_id),
    )


def capabilities(ground: AccountScope, role: str, probe: bool = False) -> set[Capability]:
    """Return the duties of a role (`plan`, `apply` or `consumer`) in the account; none if it has nothing to do."""
    if role == "consumer":
        return _consumer(ground, probe)
    found: set[Capability] = set()
    if ground.origins:
        found.add(Capability.ORIGIN)
    if ground.owned:
        found |= {Capability.READ, Capability.TELL} if role == "plan" else {Capability.READ, Capability.WRITE}
        if role == "apply" and ground.config.retire == "delete":
            found.add(Capability.DELETE)
    if ground.owned and any(Means.KEY in one.read_only for one in ground.config.accounts.values()):
        found.add(Capability.KEY_GRANTS)
    if any(card.model_package for card in ground.cards):
        found |= {Capability.REGISTRY} if role == "plan" else {Capability.REGISTRY, Capability.APPROVE}
    if role == "plan" and ground.shared and ground.asked_about:
        found.add(Capability.VERIFY)
    return found


def _consumer(ground: AccountScope, probe: bool) -> set[Capability]:
    """Every account is tried with every card that it does not own: that it cannot see one has to be seen too."""
    if not ground.shared:
        return set()
    found = {Capability.CONSUME}
    if ground.account.external:
        found.add(Capability.ACCEPT)
    if ground.asked_about:
        found.add(Capability.VERIFY)
    return found | ({Capability.PROBE} if probe else set())
