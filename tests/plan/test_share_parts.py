"""More cards than a RAM share may hold are split, and stay where they are when others come."""

import pytest

from cardops.model.desired import GRANT
from cardops.model.observed import ObservedShare
from cardops.plan.actions import Associate, CreateShare, Disassociate
from cardops.plan.sharing import shards as parts
from support.builders import (
    APPROVED,
    CONTRIBUTE,
    DEV,
    card,
    desired,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    share,
)
from support.replacing import replace


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SHARD_LIMIT", 3)


def part(number: int, *holds: str) -> ObservedShare:
    """The live part of a grant."""
    one = ram_share(DEV, CONTRIBUTE, holds)
    tag = f"{one.tags[GRANT]}.{number}" if number else one.tags[GRANT]
    return replace(one, arn=f"{one.arn}-{number}", tags=dict(one.tags) | {GRANT: tag})


def test_a_grant_of_many_cards_is_several_shares_that_are_told_apart() -> None:
    cards = [card(name) for name in "abcdefg"]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards)))
    made = [step.action for step in found.steps if isinstance(step.action, CreateShare)]
    assert [len(action.resources) for action in made] == [3, 3, 1]
    assert [action.grant.partition(".")[2] for action in made] == ["", "1", "2"]
    assert [action.name for action in made] == [f"team contribute ml-dev{n}" for n in ("", " 2", " 3")]
    assert len({step.key for step in found.steps}) == 3


def test_a_new_card_takes_the_free_place_and_moves_nobody() -> None:
    cards = [card(name) for name in "abcdef"]
    live_parts = [part(0, "b", "c", "d"), part(1, "e", "f")]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=live_parts))
    assert [step.action for step in found.steps] == [Associate(live_parts[1].arn, (cards[0].key.arn,))]


def test_a_place_that_becomes_free_is_used_before_another_part_is_made() -> None:
    cards = [card(name) for name in "abcde"]
    live_parts = [part(0, "b", "c"), part(1, "d", "e")]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=live_parts))
    assert [step.action for step in found.steps] == [Associate(live_parts[0].arn, (cards[0].key.arn,))]


def test_a_card_in_two_parts_stays_in_the_first_one() -> None:
    cards = [card(name) for name in "abc"]
    live_parts = [part(0, "a", "b"), part(1, "b", "c")]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=live_parts))
    step = only(found, "revoke")
    assert step.action == Disassociate(live_parts[1].arn, (cards[1].key.arn,))
    assert step.reason == "another share of this grant holds it already"
    assert kinds(found) == ["revoke"]


def test_every_part_is_revoked_and_none_is_taken_for_undeclared() -> None:
    cards = [card(name, APPROVED) for name in "abcd"]
    live_parts = [part(0, "a", "b", "c"), part(1, "d")]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=live_parts))
    assert kinds(found) == ["revoke", "revoke"]
    gone = planned(desired(*cards), observed(*map(live, cards), shares=live_parts))
    assert kinds(gone) == ["unshare", "unshare"]


def test_associations_that_are_ending_still_take_their_place() -> None:
    """RAM counts them until they are DISASSOCIATED, so a card too many would be refused."""
    full = part(0, "a", "b", "c")
    ending = replace(full, resources=dict(full.resources) | {card("c").key.arn: "DISASSOCIATING"})
    cards = [card(name) for name in "abd"]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=[ending]))
    assert isinstance(only(found, "share").action, CreateShare)
