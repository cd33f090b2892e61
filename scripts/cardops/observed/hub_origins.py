"""Read the spoke cards behind hub copies: in bulk to prove copies equal, one by one otherwise."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from cardops.desired.hub_copies import origin_keys, resolve_quickly
from cardops.model.desired import AccountRegion, CardKey, Desired, Status
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.observed import ObservedCard
from cardops.model.ports import Cards, Cloud

CONCURRENCY = 8

Index = dict[CardKey, ObservedCard]


def index(port: Cards, contents: bool = True) -> Index:
    """A place's cards from the index, which may only prove *equal*; empty where Search is refused."""
    try:
        return {card.key: card for card in port.search(contents)}
    except NotFoundError:
        raise
    except CloudError:
        return {}


def indexes(cloud: Cloud, desired: Desired, told: Callable[[str], None]) -> dict[AccountRegion, Index]:
    """The index of every place that has an origin. One that cannot be reached is empty here, and `confirm` says why."""
    found: dict[AccountRegion, Index] = {}
    for place in sorted({key.place for key in origin_keys(desired.cards, desired.config).values()}):
        told(f"reading {place.account}/{place.region}, for hub copies")
        try:
            found[place] = index(cloud.cards(place))
        except CloudError:
            found[place] = {}
    return found


def quickly(desired: Desired, found: Mapping[AccountRegion, Index], live: Mapping[CardKey, ObservedCard]) -> Desired:
    """`desired` with its hub copies as the index knows them, to be compared with `live` cards of the index."""
    cards = dict(desired.cards)
    for key, origin_key in origin_keys(desired.cards, desired.config).items():
        if key in live:
            origin = found.get(origin_key.place, {}).get(origin_key)
            cards[key] = resolve_quickly(cards[key], live[key], origin, desired.cards.get(origin_key))
    return Desired(desired.config, cards, desired.shares, desired.commit)


def confirm(
    cloud: Cloud,
    desired: Desired,
    cards: Mapping[CardKey, ObservedCard],
    found: Mapping[AccountRegion, Index],
    unknown: dict[AccountRegion, str],
    unreadable: dict[CardKey, str],
) -> Index:
    """The origins of all copies: described anew but for copies that are proven equal (live without content).

    A place that cannot be reached goes into `unknown`, an origin that cannot be read into `unreadable`.
    """
    origins: Index = {}
    wanted: dict[AccountRegion, set[CardKey]] = {}
    for key, origin_key in origin_keys(desired.cards, desired.config).items():
        live = cards.get(key)
        proven = live is not None and live.content is None
        if proven and origin_key in found[origin_key.place]:
            origins[origin_key] = found[origin_key.place][origin_key]
        elif not (live is not None and desired.cards[key].status is Status.ARCHIVED):
            wanted.setdefault(origin_key.place, set()).add(origin_key)
    for place, keys in sorted(wanted.items()):
        if place in unknown:
            continue
        try:
            origins |= _described(cloud.cards(place), keys, unreadable)
        except CloudError as problem:
            unknown[place] = str(problem)
    return origins


def _described(port: Cards, keys: set[CardKey], unreadable: dict[CardKey, str]) -> Index:
    wanted = sorted(keys)
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        found = list(zip(wanted, pool.map(lambda key: _describe(port, key), wanted), strict=True))
    unreadable |= {key: one for key, one in found if isinstance(one, str)}
    return {key: one for key, one in found if isinstance(one, ObservedCard)}


def _describe(port: Cards, key: CardKey) -> ObservedCard | str | None:
    """Return the live card, None if there is none, or the reason why it cannot be read."""
    try:
        live = port.describe(key.name)
    except NotFoundError:
        return None
    except CloudError as problem:
        return str(problem)
    return live.flaw or live
