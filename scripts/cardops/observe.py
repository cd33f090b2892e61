"""Read the observed state through the ports: in bulk where nothing moved, one by one where something did."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from cardops.errors import CloudError, NotFound
from cardops.model import (
    REPOSITORY,
    Card,
    CardKey,
    Desired,
    Observed,
    ObservedCard,
    ObservedPermission,
    ObservedShare,
    Place,
    Status,
)
from cardops.plan.cards import proven_equal
from cardops.ports import Cards, Cloud

CONCURRENCY = 8

Told = Callable[[str], None]


def places(desired: Desired) -> list[Place]:
    """Where cards may live: home, every account that owns a declared card, and accounts that are leaving."""
    config = desired.config
    owners = {card.key.place for card in desired.cards.values()}
    owners.add(Place(config.accounts[config.home].id, config.region))
    owners |= {Place(account.id, config.region) for account in config.accounts.values() if account.leaving}
    return sorted(owners)


def observe(cloud: Cloud, desired: Desired, told: Told = lambda _: None) -> Observed:
    """Everything that a plan needs. A place that cannot be read is in `unknown`, and the others go on."""
    cards: dict[CardKey, ObservedCard] = {}
    shares: list[ObservedShare] = []
    permissions: dict[Place, dict[str, ObservedPermission]] = {}
    unknown: dict[Place, str] = {}
    for place in places(desired):
        told(f"reading {place.account}/{place.region}")
        try:
            found = observe_cards(cloud.cards(place), place, desired)
            sharing = cloud.sharing(place)
            shared, permitted = sharing.shares(), sharing.permissions()
        except CloudError as problem:
            unknown[place] = str(problem)
            continue
        cards |= found
        shares += shared
        permissions[place] = permitted
    return Observed(cards, tuple(shares), permissions, unknown)


def observe_cards(port: Cards, place: Place, desired: Desired) -> dict[CardKey, ObservedCard]:
    """The cards of one place. The index may only prove *equal*; all else is described before it counts."""
    repository = desired.config.repository
    wanted = {key: card for key, card in desired.cards.items() if key.place == place}
    try:
        indexed = {card.key: card for card in port.search()}
    except NotFound:
        raise
    except CloudError:
        indexed = {}
    settled = {
        key: replace(live, content=None)
        for key, live in indexed.items()
        if _needs_no_look(wanted.get(key), live, repository)
    }
    missing = wanted.keys() - indexed.keys()
    listed = set(port.names()) if missing or not indexed else set()
    unsure = [key for key in wanted.keys() | indexed.keys() if key not in settled and key not in missing]
    unsure += [CardKey(*place, name) for name in listed if CardKey(*place, name) not in indexed]
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        confirmed = pool.map(lambda key: _confirm(port, key), sorted(set(unsure)))
        return settled | {card.key: card for card in confirmed if card is not None}


def _needs_no_look(card: Card | None, live: ObservedCard, repository: str) -> bool:
    if card is not None:
        return proven_equal(card, live, repository)
    return live.tags.get(REPOSITORY) != repository or live.status is Status.ARCHIVED


def _confirm(port: Cards, key: CardKey) -> ObservedCard | None:
    try:
        live = port.describe(key.name)
        return replace(live, tags=port.tags(live.arn))
    except NotFound:
        return None


def commits(observed: Observed, repository: str) -> Iterator[tuple[str, Iterable[ObservedCard]]]:
    """Every commit that our live cards carry, with the cards that carry it."""
    carried: dict[str, list[ObservedCard]] = {}
    for card in observed.cards.values():
        if card.tags.get(REPOSITORY) == repository:
            carried.setdefault(card.tags.get("cardops:commit", ""), []).append(card)
    yield from sorted(carried.items())
