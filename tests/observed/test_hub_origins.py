"""Origins of hub copies are read in bulk; only what differs is described, and one spoke's failure is its own."""

from collections.abc import Iterator
from typing import Any

from cardops.desired.hub_copies import carried_content, source_digest
from cardops.model import canonical
from cardops.model.desired import DIGEST, AccountRegion, Card, CardKey, HubOrigin
from cardops.model.errors import AccessDeniedError, CloudError, NotFoundError
from cardops.model.observed import OTHER_PARTITION, ObservedCard
from cardops.observed.reader import observe
from support.builders import DEV, DRAFT, HOME, REGION, TEST, card, desired, live, planned, words
from support.replacing import replace

SPOKE, OTHER = AccountRegion(DEV, REGION), AccountRegion(TEST, REGION)
FAR, FAR_SPOKE = AccountRegion(HOME.account, "us-east-1"), AccountRegion(DEV, "us-east-1")


class Cards:
    """The cards of one place; `asked` lists what was asked of it. `refuses` are operations that fail."""

    def __init__(self, *cards: ObservedCard, refuses: tuple[str, ...] = ()) -> None:
        self.cards = {one.key.name: one for one in cards}
        self.refuses = refuses
        self.asked: list[str] = []

    def _ask(self, operation: str) -> None:
        self.asked.append(operation)
        if operation in self.refuses:
            raise CloudError(f"{operation} failed")

    def search(self, contents: bool) -> Iterator[ObservedCard]:
        self._ask("search")
        assert contents, "copies are made of it"
        yield from self.cards.values()

    def names(self) -> Iterator[str]:
        self._ask("names")
        yield from self.cards

    def describe(self, name: str, version: int | None = None) -> ObservedCard:
        self._ask("describe")
        if name not in self.cards:
            raise NotFoundError(name)
        return replace(self.cards[name], tags={})

    def tags(self, arn: str) -> dict[str, str]:
        self._ask("tags")
        return dict(self.cards[arn.rpartition("/")[2]].tags)


class NoShares:
    """RAM where nothing is shared."""

    def shares(self) -> list[Any]:
        return []

    def permissions(self) -> dict[str, Any]:
        return {}


class World:
    """A cloud; a place without cards denies everything."""

    def __init__(self) -> None:
        self.places: dict[AccountRegion, Cards] = {}

    def cards(self, place: AccountRegion) -> Cards:
        if place not in self.places:
            raise AccessDeniedError(f"{place} has no role")
        return self.places[place]

    def sharing(self, place: AccountRegion) -> NoShares:
        return NoShares()


def spoke(place: AccountRegion = SPOKE, purpose: str = "spoke", version: int = 1) -> ObservedCard:
    return ObservedCard(CardKey(*place, "churn"), DRAFT, version, canonical.to_bytes(words(purpose)))


def copy(name: str = "hub-churn", account: str = "ml-dev", place: AccountRegion = HOME) -> Card:
    return card(name, DRAFT, {}, origin=HubOrigin(account, "churn"), place=place)


def left(declared: Card, origin: ObservedCard) -> ObservedCard:
    content = canonical.from_bytes(carried_content(origin))
    return live(declared, content=content, tags={DIGEST: source_digest(origin)})


def cloud() -> World:
    made = World()
    made.places = {SPOKE: Cards(spoke()), HOME: Cards(left(copy(), spoke()))}
    return made


def test_unmoved_copies_cost_one_search_in_each_account() -> None:
    world = cloud()
    seen = observe(world, desired(copy()))
    assert [world.places[place].asked for place in (SPOKE, HOME)] == [["search"], ["search"]]
    assert planned(desired(copy()), seen).unchanged == 1


def test_a_moved_spoke_is_described_once_and_so_is_its_copy() -> None:
    world = cloud()
    world.places[SPOKE] = Cards(spoke(purpose="newer", version=2))
    seen = observe(world, desired(copy()))
    assert world.places[SPOKE].asked == ["search", "describe"]
    assert world.places[HOME].asked == ["search", "describe", "tags"]
    assert seen.origins == {spoke().key: spoke(purpose="newer", version=2)}


def test_a_refused_search_is_made_up_for_by_describing() -> None:
    world = cloud()
    world.places[SPOKE] = Cards(spoke(), refuses=("search",))
    seen = observe(world, desired(copy()))
    assert world.places[SPOKE].asked == ["search", "describe"]
    assert (seen.unknown, planned(desired(copy()), seen).unchanged) == ({}, 1)


def test_an_index_without_content_proves_nothing() -> None:
    world = cloud()
    world.places[SPOKE].search = lambda contents: iter([replace(spoke(), content=None)])  # type: ignore[method-assign]
    seen = observe(world, desired(copy()))
    assert world.places[SPOKE].asked == ["describe"]
    assert planned(desired(copy()), seen).unchanged == 1


def test_a_spoke_without_a_role_is_unknown_and_the_others_are_read() -> None:
    world = cloud()
    other = copy("hub-other", "ml-test")
    seen = observe(world, desired(copy(), other))
    assert seen.unknown == {OTHER: f"{OTHER} has no role"}
    assert seen.origins == {spoke().key: spoke()}


def test_an_origin_that_cannot_be_read_is_alone_in_that() -> None:
    world = cloud()
    world.places[SPOKE] = Cards(spoke(version=2), refuses=("describe",))
    seen = observe(world, desired(copy()))
    assert (seen.unknown, seen.unreadable) == ({}, {spoke().key: "describe failed"})


def test_a_missing_origin_is_known_to_be_missing() -> None:
    world = cloud()
    world.places[SPOKE] = Cards()
    seen = observe(world, desired(copy()))
    assert (seen.origins, seen.unknown) == ({}, {})


def test_a_copys_origin_is_in_the_copys_region() -> None:
    world = cloud()
    far = copy(place=FAR)
    world.places |= {FAR: Cards(left(far, spoke(FAR_SPOKE))), FAR_SPOKE: Cards(spoke(FAR_SPOKE))}
    seen = observe(world, desired(copy(), far))
    assert seen.origins.keys() == {spoke().key, spoke(FAR_SPOKE).key}
    assert planned(desired(copy(), far), seen).unchanged == 2


def test_a_place_that_is_spoke_and_owner_is_searched_once() -> None:
    world = cloud()
    own = card("churn", content=words("spoke"), place=SPOKE)
    now = live(own)
    world.places = {SPOKE: Cards(now), HOME: Cards(left(copy(), now))}
    seen = observe(world, desired(copy(), own))
    assert world.places[SPOKE].asked == ["search"]
    assert planned(desired(copy(), own), seen).unchanged == 2


def test_a_partition_reads_the_spokes_of_its_own_copies_alone_though_git_declares_cards_there() -> None:
    world = cloud()
    own, other = card("churn", content=words("spoke"), place=SPOKE), copy("far-copy", "ml-test", place=FAR)
    world.places |= {SPOKE: Cards(live(own)), OTHER: Cards(), FAR: Cards()}
    moved = desired(copy(), own, other)
    seen = observe(world, moved, only={HOME})
    assert (world.places[OTHER].asked, world.places[FAR].asked) == ([], [])
    assert seen.unknown == {SPOKE: OTHER_PARTITION, FAR: OTHER_PARTITION}
    assert seen.origins.keys() == {spoke().key}
    assert copy().key not in planned(moved, seen).held


def test_a_missing_spoke_of_another_partition_is_missing_and_not_unread() -> None:
    world = cloud()
    world.places[SPOKE] = Cards()
    git = desired(copy(), card("another", place=SPOKE))
    held = planned(git, observe(world, git, only={HOME})).held
    assert "does not exist" in held[copy().key]


def test_a_spoke_of_another_partition_that_cannot_be_read_holds_its_copy() -> None:
    world = cloud()
    world.places[SPOKE] = Cards(spoke(version=2), refuses=("describe",))
    git = desired(copy(), card("another", place=SPOKE))
    seen = observe(world, git, only={HOME})
    assert seen.unreadable == {spoke().key: "describe failed"}
    assert "cannot be read" in planned(git, seen).held[copy().key]
