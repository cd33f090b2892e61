"""Read the observed state through the ports: in bulk where nothing moved, one by one where something did."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from cardops.desired.key_consumers import consumers
from cardops.model import canonical
from cardops.model.desired import COMMIT, AccountRegion, Card, CardKey, Desired, Status
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.observed import (
    OTHER_PARTITION,
    Observed,
    ObservedCard,
    ObservedKey,
    ObservedPermission,
    ObservedShare,
)
from cardops.model.ports import Cards, Cloud
from cardops.model.provenance import is_managed, is_proven_equal
from cardops.model.registry import Packages
from cardops.observed import hub_origins as origins
from cardops.observed.references import observe_keys, observe_packages

CONCURRENCY = 8

Told = Callable[[str], None]


def observe(
    cloud: Cloud,
    desired: Desired,
    told: Told = lambda _: None,
    only: Collection[AccountRegion] | None = None,
    contents: Collection[CardKey] = (),
) -> Observed:
    """Everything that a plan needs. A place that cannot be read is in `unknown`, and the others go on.

    So are all places besides `only`; the origins of the hub copies in these are read wherever they are. The cards
    `contents` come with their content also where the index proves them equal, if it has that.
    """
    cards: dict[CardKey, ObservedCard] = {}
    shares: list[ObservedShare] = []
    permissions: dict[AccountRegion, dict[str, ObservedPermission]] = {}
    unknown: dict[AccountRegion, str] = {}
    packages = Packages()
    unreadable: dict[CardKey, str] = {}
    keys: dict[tuple[AccountRegion, str], ObservedKey] = {}
    near = desired if only is None else _in_places(desired, only)
    indexes, uses = origins.indexes(cloud, near, told), consumers(near)
    here = [place for place in sorted(desired.owners) if only is None or place in only]
    for place in here:
        told(f"reading {place.account}/{place.region}")
        try:
            found, shared, permitted = _read(cloud, place, desired, indexes, contents, unreadable)
        except CloudError as problem:
            unknown[place] = str(problem)
            continue
        cards |= found
        shares += shared
        permissions[place] = permitted
        if any(card.model_package and card.key.place == place for card in desired.cards.values()):
            registered = observe_packages(cloud.registry(place), place, desired)
            packages = Packages({**packages.found, **registered.found}, {**packages.unknown, **registered.unknown})
        keys |= observe_keys(cloud, place, desired, found, {use.key_id for use in uses if use.place == place})
    confirmed = origins.confirm(cloud, near, cards, indexes, unknown, unreadable)
    unread = dict.fromkeys(desired.owners - set(here), OTHER_PARTITION) | unknown
    indexed = frozenset(key for key, card in cards.items() if card.content is None) - unreadable.keys()
    return Observed(cards, tuple(shares), permissions, unread, packages, confirmed, keys, indexed, unreadable)


def look_again(cloud: Cloud, observed: Observed, keys: Collection[CardKey]) -> Observed:
    """Return what was observed with these cards described anew, where only the index was asked before.

    A card that is as the index said keeps its entry, and is not in `indexed` any more; one that is gone has none.
    """
    wanted = sorted(observed.indexed.intersection(keys))
    cards, unreadable = dict(observed.cards), dict(observed.unreadable)
    for place in sorted({key.place for key in wanted}):
        here = [key for key in wanted if key.place == place]
        found, refused = _confirm_all(cloud.cards(place), here)
        unreadable |= refused
        for key in here:
            live = found.get(key)
            if live is None and key not in refused:
                del cards[key]
            elif live is not None and replace(live, content=None, modified="") != replace(cards[key], modified=""):
                cards[key] = live
    left = observed.indexed.difference(wanted)
    return replace(observed, cards=cards, unreadable=unreadable, indexed=left)


def look_at(cloud: Cloud, keys: Collection[CardKey]) -> Observed:
    """Describe these cards, with their tags, and nothing else. Cards that do not exist are in neither mapping."""
    cards: dict[CardKey, ObservedCard] = {}
    unreadable: dict[CardKey, str] = {}
    for place in sorted({key.place for key in keys}):
        found, refused = _confirm_all(cloud.cards(place), sorted(key for key in keys if key.place == place))
        cards |= found
        unreadable |= refused
    return Observed(cards, (), {}, unreadable=unreadable)


def _read(
    cloud: Cloud,
    place: AccountRegion,
    desired: Desired,
    indexes: Mapping[AccountRegion, origins.Index],
    contents: Collection[CardKey],
    unreadable: dict[CardKey, str],
) -> tuple[dict[CardKey, ObservedCard], list[ObservedShare], dict[str, ObservedPermission]]:
    """The cards, shares and permissions of a place: of two services, which are asked side by side."""
    port, sharing = cloud.cards(place), cloud.sharing(place)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: (sharing.shares(), sharing.permissions()))
        found = observe_cards(port, place, desired, indexes, contents, unreadable)
        return found, *asked.result()


def _in_places(desired: Desired, chosen: Collection[AccountRegion]) -> Desired:
    return desired._replace(cards={key: card for key, card in desired.cards.items() if key.place in chosen})


def observe_cards(
    port: Cards,
    place: AccountRegion,
    desired: Desired,
    indexes: Mapping[AccountRegion, origins.Index] | None = None,
    contents: Collection[CardKey] = (),
    unreadable: dict[CardKey, str] | None = None,
) -> dict[CardKey, ObservedCard]:
    """The cards of one place. The index may only prove *equal*; all else is described before it counts.

    `indexes` are those of the places that have origins of hub copies, read before; `contents`: see `observe`.
    Cards that cannot be read go into `unreadable`, with the reason; what the index says of them is all that is known.
    """
    repository, known = desired.config.repository, indexes or {}
    if place in known:
        indexed = known[place]
    else:  # tags prove a card equal, and only copies are compared with what they are made from
        compared = bool(contents) or any(card.origin for card in desired.cards.values())
        indexed = origins.index(port, contents=compared)
    copied = origins.quickly(desired, known, indexed)
    wanted = {key: card for key, card in copied.cards.items() if key.place == place}
    settled = {
        key: live if key in contents else replace(live, content=None)
        for key, live in indexed.items()
        if _needs_no_look(wanted.get(key), live, repository)
    }
    missing = wanted.keys() - indexed.keys()
    listed = set(port.names()) if missing or not indexed else set()
    unsure = [key for key in wanted.keys() | indexed.keys() if key not in settled and key not in missing]
    unsure += [CardKey(*place, name) for name in listed if CardKey(*place, name) not in indexed]
    confirmed, refused = _confirm_all(port, sorted(set(unsure)))
    if unreadable is not None:
        unreadable |= refused
    left = {key: replace(indexed[key], content=None) for key in refused if key in indexed}
    return settled | left | confirmed


def _confirm_all(port: Cards, keys: Sequence[CardKey]) -> tuple[dict[CardKey, ObservedCard], dict[CardKey, str]]:
    """Describe these cards. Returns those that exist, and why others, which do exist, cannot be read."""
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        found = dict(zip(keys, pool.map(partial(_look, port), keys), strict=True))
    cards = {key: one for key, one in found.items() if isinstance(one, ObservedCard)}
    refused = {key: one for key, one in found.items() if isinstance(one, str)}
    return cards, refused | {key: one.flaw for key, one in cards.items() if one.flaw}


def _look(port: Cards, key: CardKey) -> ObservedCard | str | None:
    """Return the live card with its tags, None if there is none, or the reason why it cannot be read."""
    try:
        return _confirm(port, key)
    except CloudError as problem:
        return str(problem)


def observe_contents(cloud: Cloud, cards: Iterable[Card], thorough: bool) -> Observed:
    """These cards alone, with content and tags. Unless `thorough`, the index may prove a content equal."""
    found: dict[CardKey, ObservedCard] = {}
    unknown: dict[AccountRegion, str] = {}
    unreadable: dict[CardKey, str] = {}
    wanted = {card.key: card for card in cards}
    for place in sorted({key.place for key in wanted}):
        port = cloud.cards(place)
        try:
            equal = set() if thorough else _equal_contents(port, wanted)
            keys = [key for key in wanted if key.place == place and key not in equal]
            seen, refused = _confirm_all(port, keys)
            found |= seen
            unreadable |= refused
        except CloudError as problem:
            unknown[place] = str(problem)
    return Observed(found, (), {}, unknown, unreadable=unreadable)


def _equal_contents(port: Cards, wanted: Mapping[CardKey, Card]) -> set[CardKey]:
    try:
        return {
            live.key
            for live in port.search(contents=True)
            if live.key in wanted and live.content and canonical.digest(live.content) == wanted[live.key].digest
        }
    except CloudError:
        return set()


def _needs_no_look(card: Card | None, live: ObservedCard, repository: str) -> bool:
    if card is not None:
        return is_proven_equal(card, live, repository)
    return not is_managed(live.tags, repository) or live.status is Status.ARCHIVED


def _confirm(port: Cards, key: CardKey) -> ObservedCard | None:
    try:
        live = port.describe(key.name)
        return replace(live, tags=port.tags(live.arn))
    except NotFoundError:
        return None


def inventory(port: Cards, place: AccountRegion) -> tuple[list[ObservedCard], dict[str, str]]:
    """Every card of a place, described, and by name why one could not be read; nothing is taken from the index."""

    found, refused = _confirm_all(port, [CardKey(*place, name) for name in sorted(port.names())])
    return [card for card in found.values() if not card.flaw], {key.name: why for key, why in refused.items()}


def commits(observed: Observed, repository: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every commit that our live cards and shares carry, with their names.

    A share without a commit was never marked; a card always is, unless somebody removed the tag.
    """
    carried: dict[str, list[str]] = {}
    for share in observed.shares:
        if COMMIT in share.tags and is_managed(share.tags, repository):
            carried.setdefault(share.tags[COMMIT], []).append(f"the share {share.name!r}")
    for card in observed.cards.values():
        if is_managed(card.tags, repository):
            carried.setdefault(card.tags.get(COMMIT, ""), []).append(card.key.name)
    yield from sorted(carried.items())
