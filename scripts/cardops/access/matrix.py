"""Build the matrix of declared and granted access."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from cardops.access.cells import AccessAbility, CardAccount, Cell, Matrix, ability_of, most
from cardops.desired.grants import DesiredGrant, accounts_behind, grants
from cardops.desired.read_only import IAM_PRINCIPAL, keepers
from cardops.model.desired import GRANT, CardKey, Config, Desired, Means
from cardops.model.findings import Location
from cardops.model.observed import ENDING_STATE, SUSPENDED, Observed, ObservedShare
from cardops.model.read_only import CheckResult, ReadOnlyChecks
from cardops.plan.sharing.associations import is_live, key_of, ours

GIVES, ACTIVE, DELETING = "ASSOCIATED", "ACTIVE", "DELETING"
LEAVING = frozenset({ENDING_STATE, SUSPENDED, "SUSPENDING"})
CONFIG = Location("cardops.yaml")


@dataclass(frozen=True, slots=True)
class GrantTable:
    """The access that one live share gives now, and that it will give once RAM has settled."""

    pair: CardAccount
    share: ObservedShare
    now: AccessAbility
    then: AccessAbility
    note: str = ""
    assumed: bool = False
    verified: bool = False
    foreign: bool = True


def make_matrix(
    desired: Desired | None,
    observed: Observed | None,
    config: Config,
    today: str,
    checks: ReadOnlyChecks | None = None,
) -> Matrix:
    """Build the cells of our cards and every account that they may reach. What is None was not asked.

    With `checks` access is read-only where that was verified, and written where a means fails.
    """
    declared = grants(desired, {key.place for key in desired.cards}, today) if desired else []
    cells = {pair: Cell(pair, location, AccessAbility.NONE) for pair, location in _pairs(desired)}
    for grant in declared:
        for key in grant.resources.values():
            _declare(cells, config, grant, key)
    if observed is None:
        return Matrix(config, cells)
    unread = observed.unknown
    cells = {pair: cell if pair.card.place in unread else _asked(cell) for pair, cell in cells.items()}
    files = {grant.id: grant.share.location for grant in declared}
    ours_to_tell = {**observed.cards, **(desired.cards if desired else {})}
    for one in _granted(observed, config, checks):
        if one.foreign and one.pair.card not in ours_to_tell:
            continue  # somebody else's share of somebody else's card
        unknown = Cell(one.pair, _place(one, desired), AccessAbility.NONE if desired else None)
        cells[one.pair] = _with(cells.get(one.pair) or _asked(unknown), one, files)
    return Matrix(config, cells, {str(place): why for place, why in unread.items()})


def _pairs(desired: Desired | None) -> Iterator[tuple[CardAccount, Location]]:
    for key, card in desired.cards.items() if desired else ():
        for account in desired.config.accounts.values() if desired else ():
            if account.id != key.account:
                yield CardAccount(key, account.id), card.location


def _declare(cells: dict[CardAccount, Cell], config: Config, grant: DesiredGrant, key: CardKey) -> None:
    level = ability_of(grant.level.actions)
    for account in reached(grant.principal, config):
        pair = CardAccount(key, account)
        known = cells.get(pair) or Cell(pair, grant.share.location, AccessAbility.NONE)
        if account != key.account and most(known.declared, level) is not known.declared:
            cells[pair] = replace(known, declared=level, location=grant.share.location)


def _asked(cell: Cell) -> Cell:
    return replace(cell, granted=AccessAbility.NONE, becoming=AccessAbility.NONE)


def _place(one: GrantTable, desired: Desired | None) -> Location:
    card = desired.cards.get(one.pair.card) if desired else None
    return card.location if card else CONFIG


def _with(cell: Cell, one: GrantTable, files: Mapping[str, Location]) -> Cell:
    """The cell with what one share more gives; what nobody declares belongs to the file that declares the share."""
    via = f"the {'foreign ' if one.foreign else ''}share {one.share.name!r}"
    file = None if one.foreign else files.get(one.share.tags[GRANT].partition(".")[0])
    return replace(
        cell,
        granted=most(cell.granted, one.now),
        becoming=most(cell.becoming, one.then),
        via=tuple(dict.fromkeys((*cell.via, via))),
        notes=tuple(dict.fromkeys((*cell.notes, one.note))) if one.note else cell.notes,
        assumed=one.assumed and (cell.assumed or not cell.granted) if one.now else cell.assumed,
        verified=one.verified and (cell.verified or not cell.granted) if one.now else cell.verified,
        location=file if file and not cell.declared else cell.location,
    )


def _granted(observed: Observed, config: Config, checks: ReadOnlyChecks | None) -> Iterator[GrantTable]:
    for share in observed.shares:
        held = [(key_of(arn), state) for arn, state in share.resources.items() if ":model-card/" in arn]
        for principal, who in share.principals.items():
            for account in reached(principal, config):
                for key, what in held:
                    if account != key.account and _is_there(who) and _is_there(what):
                        one = _granting(CardAccount(key, account), share, principal, {who, what})
                        one = _kept_to_reading(one, principal, keepers(principal, config), checks)
                        yield replace(one, foreign=not ours(share, config.repository))


def _granting(pair: CardAccount, share: ObservedShare, principal: str, states: set[str]) -> GrantTable:
    """Access that is ending is access until it has ended; what is still beginning is none."""
    level = ability_of(share.actions)
    if share.status == DELETING and not share.actions:  # RAM does not tell any more what it allowed
        level = AccessAbility.READ
    now = level if states <= {GIVES, ENDING_STATE} and share.status in (ACTIVE, DELETING) else AccessAbility.NONE
    then = AccessAbility.NONE if states & LEAVING or share.status == DELETING else level
    note = f"RAM says {', '.join(sorted(states - {GIVES}))}" if states != {GIVES} else ""
    if share.status == DELETING:
        note = "RAM is deleting it"
    elif principal in share.invited:
        note = "invited, and has not accepted"
    if share.retained:
        note = "; ".join(filter(None, (note, "kept even after the account leaves the organization")))
    return GrantTable(pair, share, now, then, note, principal.startswith("arn:"))


def _kept_to_reading(
    one: GrantTable, principal: str, means: Collection[Means], checks: ReadOnlyChecks | None
) -> GrantTable:
    """The same access, less the writing that a declared means keeps its principal from."""
    if AccessAbility.WRITE not in (one.now, one.then) or not means:
        return one
    result = checks.result(principal, one.pair.card.arn) if checks else CheckResult.UNKNOWN
    if checks and result is CheckResult.FAILS:
        return _noting(one, f"declared read-only, and not kept so ({checks.why(principal, one.pair.card.arn)})")
    now, then = (min(level, AccessAbility.READ, key=lambda ability: ability.rank) for level in (one.now, one.then))
    known = "verified" if result is CheckResult.HOLDS else "declared, not verified"
    if checks and result is CheckResult.UNKNOWN:
        known += f" ({checks.why(principal, one.pair.card.arn)})"
    kept = replace(one, now=now, then=then, verified=result is CheckResult.HOLDS)
    return _noting(kept, f"RAM would let it write; kept to reading by {' and '.join(means)}: {known}")


def _noting(one: GrantTable, note: str) -> GrantTable:
    return replace(one, note="; ".join(filter(None, (one.note, note))))


def _is_there(state: str) -> bool:
    """Return True if an association gives access, will, or still may: an ending one still does."""
    return is_live(state) or state == ENDING_STATE


def reached(who: str, config: Config) -> list[str]:
    """The accounts (by id) behind a principal or a declared name; an organization is every declared account."""
    known = config.accounts.get(who)
    accounts = [known] if known else accounts_behind(who, config)
    if accounts is not None:
        return [account.id for account in accounts]
    role = IAM_PRINCIPAL.match(who)
    return [role[1] if role else who]
