"""Observe real access: RAM as the owners see it, and attempts as the consumers. Only `probe` makes mutating calls."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from cardops.access.cells import AccessAbility, CardAccount, Cell, Matrix, ObservedAccess
from cardops.access.differences import is_late
from cardops.access.matrix import make_matrix, reached
from cardops.model.desired import AccountRegion, CardKey, Desired, Status
from cardops.model.errors import (
    AccessDeniedError,
    CloudError,
    MissingPermissionError,
    NotFoundError,
    RoleNotAssumableError,
)
from cardops.model.observed import Observed, ObservedShare
from cardops.model.ports import Cards, Cloud
from cardops.observed.read_only import ReadOnlyVerifier
from cardops.plan.sharing.grant_steps import ACCESS
from cardops.plan.sharing.read_only import to_verify
from cardops.plan.steps import Phase, Step

CONCURRENCY = 8
ACCESS_PHASES = frozenset({Phase.REVOKE, Phase.NARROW, Phase.WIDEN, Phase.SHARE, Phase.ACCEPT})
Until = Callable[[Callable[[], str]], str]
"""Looks again and again until nothing is left to wait for, or for as long as it likes."""
MOST = 300
"""How many pairs are tried after an apply; `cardops access --verify` tries all."""


def granted(cloud: Cloud, places: Iterable[AccountRegion], told: Callable[[str], None] = lambda _: None) -> Observed:
    """The shares of these owners, from RAM's lists alone. A place that cannot be read is in `unknown`."""
    shares: list[ObservedShare] = []
    unknown: dict[AccountRegion, str] = {}
    for place in sorted(places):
        told(f"reading the shares of {place}")
        try:
            shares += cloud.sharing(place).shares(leaving=True)
        except CloudError as problem:
            unknown[place] = str(problem)
    return Observed({}, tuple(shares), {}, unknown)


def key_arns(cloud: Cloud, desired: Desired) -> dict[CardKey, str]:
    """Resolve the keys of encrypted cards to ARNs; a key that cannot be read is left out."""
    found: dict[CardKey, str] = {}
    known: dict[tuple[AccountRegion, str], str] = {}
    for key, card in desired.cards.items():
        if not card.kms_key_id:
            continue
        called = (key.place, card.kms_key_id)
        if called not in known:
            try:
                known[called] = cloud.keys(key.place).arn(card.kms_key_id)
            except CloudError:
                known[called] = ""
        if known[called]:
            found[key] = known[called]
    return found


def probe(cloud: Cloud, matrix: Matrix, pairs: Collection[CardAccount], probe: bool = False) -> Matrix:
    """The matrix with what the declared accounts find when they describe each card by its ARN and list its versions.

    With `probe` they also set the status that they have just seen: a mutating call that changes nothing, unless
    somebody else sets another one at the same moment.
    """
    declared = {account.id for account in matrix.config.accounts.values()}
    asked = sorted(pair for pair in pairs if pair.account in declared)
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        return matrix.tried(dict(zip(asked, pool.map(partial(_try, cloud, probe=probe), asked), strict=True)))


def verify_plan(cloud: Cloud, desired: Desired, steps: Sequence[Step], today: str, until: Until) -> tuple[Matrix, int]:
    """The matrix of the access that these steps changed, tried; and how many pairs were left untried.

    What RAM has done may take a moment to reach a consumer, so what is not yet so is tried again.
    """
    changing = [step for step in steps if step.phase in ACCESS_PHASES and step.cards]
    cards = {key for step in changing for key in step.cards}
    found = _of_cards(granted(cloud, {key.place for key in cards}), {key.arn for key in cards})
    few = desired._replace(cards={key: card for key, card in desired.cards.items() if key in cards})
    checks = ReadOnlyVerifier(cloud, desired.config).verify(to_verify(few, found, today), key_arns(cloud, few))
    matrix = make_matrix(few, found, desired.config, today, checks)
    touched = sorted(_touched(matrix, changing))
    matrix, late = matrix.of(touched), touched[:MOST]

    def look() -> str:
        nonlocal matrix, late
        matrix = probe(cloud, matrix, late)
        late = [pair for pair in late if is_late(matrix.cells[pair])]
        return f"what RAM did to reach {len(late)} account(s) and card(s)" if late else ""

    until(look)
    return matrix, max(len(touched) - MOST, 0)


def _of_cards(found: Observed, arns: Collection[str]) -> Observed:
    """The same shares with these cards alone, so that a change of one costs nothing for ten thousand others."""
    held = ({arn: state for arn, state in share.resources.items() if arn in arns} for share in found.shares)
    shares = tuple(replace(share, resources=few) for share, few in zip(found.shares, held, strict=True) if few)
    return replace(found, shares=shares)


def _touched(matrix: Matrix, steps: Iterable[Step]) -> set[CardAccount]:
    """Cards with the accounts that a step names, or with all that have to do with them where it names none."""
    cells: dict[CardKey, list[Cell]] = {}
    for cell in matrix.cells.values():
        cells.setdefault(cell.pair.card, []).append(cell)
    found: set[CardAccount] = set()
    for step in steps:
        named = {who[1] for change in step.changes if (who := ACCESS.fullmatch(change.path))}
        accounts = {account for who in named for account in reached(who, matrix.config)}
        for cell in (cell for key in step.cards for cell in cells.get(key, ())):
            if cell.pair.account in accounts or (not named and cell.says_something):
                found.add(cell.pair)
    return found


def _try(cloud: Cloud, pair: CardAccount, probe: bool) -> ObservedAccess:
    try:
        port = cloud.cards(AccountRegion(pair.account, pair.card.region))
        live = port.describe(pair.card.arn)
    except (RoleNotAssumableError, MissingPermissionError) as problem:
        return ObservedAccess(unknown=str(problem))
    except (AccessDeniedError, NotFoundError):
        return ObservedAccess()
    except CloudError as problem:
        return ObservedAccess(unknown=str(problem))
    try:
        note = _versions(port, pair)
        if not probe or live.status is Status.ARCHIVED:
            return ObservedAccess(AccessAbility.READ, note=note)
        return ObservedAccess(_write(port, pair, live.status), True, note)
    except CloudError as problem:
        return ObservedAccess(AccessAbility.READ, unknown=str(problem))


def _versions(port: Cards, pair: CardAccount) -> str:
    try:
        port.versions(pair.card.arn)
    except MissingPermissionError:
        raise
    except AccessDeniedError:
        return "it can describe the card, and may not list its versions"
    return ""


def _write(port: Cards, pair: CardAccount, status: Status) -> AccessAbility:
    try:
        port.set_status(pair.card.arn, status)
    except MissingPermissionError:
        raise
    except AccessDeniedError:
        return AccessAbility.READ
    return AccessAbility.WRITE
