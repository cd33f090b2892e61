"""Report differences between declared, granted and observed access, each at its share or card."""

from collections.abc import Iterator

from cardops.access.cells import AccessAbility, Cell, Matrix, ObservedAccess, name_of
from cardops.model.desired import Config
from cardops.model.findings import Finding, Level

NOT_GRANTED = "access/not-granted"
"""The rule of what a held card waits for, among other things."""


def differences(matrix: Matrix) -> list[Finding]:
    """One finding for each difference.

    Of level warn where RAM is still at it, and where a principal is not the account as a whole.
    """
    return [finding for cell in matrix.rows() for finding in _of(cell, matrix.config)]


def is_late(cell: Cell) -> bool:
    """Return True if the account's ability does not match RAM's grants yet."""
    if cell.granted is None or cell.observed is None or cell.observed.unknown:
        return False
    return cell.observed.ability is not _comparable(cell.granted, cell.observed) and not cell.assumed


def _of(cell: Cell, config: Config) -> Iterator[Finding]:
    who = name_of(cell.pair.account, config)
    if cell.granted is None:
        return
    if cell.declared is not None and cell.declared is not cell.granted:
        yield _not_as_declared(cell, cell.declared, cell.granted, who)
    if cell.observed is not None and not cell.observed.unknown:
        yield from _not_as_granted(cell, cell.granted, cell.observed, who)


def _not_as_declared(cell: Cell, declared: AccessAbility, granted: AccessAbility, who: str) -> Finding:
    says = f"git declares {_word(declared)} for {who} and RAM grants {_word(granted)}"
    level: Level = "warn" if cell.becoming is declared else "deny"
    if granted.rank > declared.rank:
        hint = "`cardops plan` shows what would end it; a foreign share is ended by whoever made it"
        return _finding(cell, "access/more-than-declared", says, hint, level)
    hint = "`cardops plan` shows what is missing, and what holds it"
    return _finding(cell, NOT_GRANTED, says, hint, level)


def _not_as_granted(cell: Cell, granted: AccessAbility, seen: ObservedAccess, who: str) -> Iterator[Finding]:
    comparable = _comparable(granted, seen)
    level: Level = "warn" if cell.becoming is not granted else "deny"
    says = f"RAM grants {who} {_word(granted)}, and trying it gave {_word(seen.ability)}"
    if seen.ability.rank < comparable.rank and not (cell.assumed and cell.verified):
        hint = (
            "a policy of the role, of the account or of its organization may deny it, or the card's key is closed to it"
        )
        yield _finding(cell, "access/not-observed", says, hint, "warn" if cell.assumed else level)
    elif seen.ability.rank > comparable.rank:
        hint = "something other than RAM lets it, or a denial that is declared is not in force"
        yield _finding(cell, "access/more-than-granted", says, hint, level)
    elif seen.note:
        hint = "look at the actions of the permission that the share uses"
        yield _finding(cell, "access/not-observed", f"{who}: {seen.note}", hint, "warn")


def _comparable(granted: AccessAbility, seen: ObservedAccess) -> AccessAbility:
    """Return the ability to compare with: without a write attempt, writing is not compared."""
    return granted if seen.probed else min(granted, AccessAbility.READ, key=lambda one: one.rank)


def _finding(cell: Cell, rule: str, says: str, hint: str, level: Level = "deny") -> Finding:
    key, via = cell.pair.card, f" through {' and '.join(cell.via)}" if cell.via else ""
    notes = f" ({'; '.join(cell.notes)})" if cell.notes else ""
    return Finding(rule, cell.location, f"{key.name}: {says}{via}{notes}", hint, level, str(key))


def _word(ability: AccessAbility) -> str:
    return ability.value or "nothing"
