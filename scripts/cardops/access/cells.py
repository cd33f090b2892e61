"""The matrix: one cell for a card and an account."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from cardops.model.desired import CardKey, Config
from cardops.model.findings import Location
from cardops.model.permissions import may_write


class AccessAbility(StrEnum):
    """An account's ability on a card, from least to most."""

    NONE = ""
    READ = "read"
    WRITE = "write"

    @property
    def rank(self) -> int:
        """0 for nothing to 2 for write."""
        return list(AccessAbility).index(self)


class CardAccount(NamedTuple):
    """A card, and an account that does not own it: its id, or the principal where no account is known behind it."""

    card: CardKey
    account: str


@dataclass(frozen=True, slots=True)
class ObservedAccess:
    """The result of an account's own attempt. `unknown` is why there is none; `probed` is True if writing was tried.

    `note` is about a part of reading that was refused.
    """

    ability: AccessAbility = AccessAbility.NONE
    probed: bool = False
    note: str = ""
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One card and one account. What is None was not asked.

    `becoming` is what will be granted once RAM has done what it was asked. `via` are the RAM shares that grant, for
    people. `assumed`: it is granted to a role or to an organization alone, so not surely to who tries it.
    `verified`: a simulation showed that whoever it is granted to can read and cannot write.
    `location` is where a difference belongs: the share that declares it, or the card.
    """

    pair: CardAccount
    location: Location
    declared: AccessAbility | None = None
    granted: AccessAbility | None = None
    becoming: AccessAbility | None = None
    observed: ObservedAccess | None = None
    via: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    assumed: bool = False
    verified: bool = False

    @property
    def says_something(self) -> bool:
        """Return True if access is declared, granted or observed, or could not be asked for."""
        tried = self.observed is not None and bool(self.observed.ability or self.observed.unknown)
        return bool(self.declared or self.granted or self.notes or tried)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Cells by pair. `unknown`: places (`account/region`) and accounts of which something is not known, and why."""

    config: Config
    cells: Mapping[CardAccount, Cell]
    unknown: Mapping[str, str] = field(default_factory=dict)

    def of(self, pairs: Collection[CardAccount]) -> "Matrix":
        """The same, of these pairs alone."""
        wanted = frozenset(pairs)
        return replace(self, cells={pair: cell for pair, cell in self.cells.items() if pair in wanted})

    def tried(self, seen: Mapping[CardAccount, ObservedAccess]) -> "Matrix":
        """The same, with what accounts found when they tried."""
        cells = {pair: replace(cell, observed=seen.get(pair, cell.observed)) for pair, cell in self.cells.items()}
        unknown = {pair.account: found.unknown for pair, found in seen.items() if found.unknown}
        return replace(self, cells=cells, unknown={**self.unknown, **unknown})

    def rows(self) -> list[Cell]:
        """The cells that say something, by card, then by account in the order of cardops.yaml."""
        order = {account.id: place for place, account in enumerate(self.config.accounts.values())}
        found = (cell for cell in self.cells.values() if cell.says_something)
        return sorted(found, key=lambda one: (one.pair.card, order.get(one.pair.account, len(order)), one.pair))


def ability_of(actions: Iterable[str]) -> AccessAbility:
    """Return the ability that a permission's actions give. An unknown action counts as a write."""
    allowed = set(actions)
    if not allowed:
        return AccessAbility.NONE
    return AccessAbility.WRITE if may_write(allowed) else AccessAbility.READ


def most(one: AccessAbility | None, other: AccessAbility) -> AccessAbility:
    """The greater of two; None is nothing."""
    return max(one or AccessAbility.NONE, other, key=lambda ability: ability.rank)


def name_of(account: str, config: Config) -> str:
    """`ml-prod (444444444444)`; an id or a principal that cardops.yaml does not name is itself."""
    known = next((one.alias for one in config.accounts.values() if one.id == account), "")
    return f"{known} ({account})" if known else account
