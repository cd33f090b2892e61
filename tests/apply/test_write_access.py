"""Who can still write a card that is about to be approved: whoever RAM names, until it says that they are gone."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from cardops.apply.polling import Poller
from cardops.apply.write_access import KeptFrom, kept_from_nothing, principals_that_write
from cardops.model.observed import ObservedShare
from cardops.model.ports import Cloud
from support.builders import DEV, HOME, PROD, READ, key, ram_share

NAME = f"team contribute {DEV}"
CHURN = key().arn


class Ram:
    """Shows these shares, one list after the other; the last one stays."""

    def __init__(self, *looks: Sequence[ObservedShare]) -> None:
        self.looks = list(looks)
        self.paused = 0

    def sharing(self, place: object) -> "Ram":
        assert place == HOME
        return self

    def shares(self, leaving: bool) -> Sequence[ObservedShare]:
        assert leaving
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    def pause(self, _: float) -> None:
        self.paused += 1

    def writers(self, kept_from: KeptFrom = kept_from_nothing, *cards: str) -> dict[str, str]:
        patience = Poller(pause=self.pause, longest=3.0)
        return principals_that_write(cast(Cloud, self), HOME, cards or (CHURN,), patience, kept_from)


def of(**more: Any) -> ObservedShare:
    return ram_share(**more)


@pytest.mark.parametrize("state", ["ASSOCIATED", "ASSOCIATING", "SUSPENDED"])
def test_who_may_write_is_named_at_once(state: str) -> None:
    ram = Ram([of(principals={DEV: state})])
    assert (ram.writers(), ram.paused) == ({CHURN: NAME}, 0)


@pytest.mark.parametrize(
    "share",
    [
        of(level=READ),
        of(principals={DEV: "DISASSOCIATED", PROD: "FAILED"}),
        of(principals={}),
        of(resources={CHURN: "DISASSOCIATED"}),
        of(resources={}),
        of(holds=["other"]),
    ],
    ids=["reads only", "nobody any more", "nobody", "card gone", "no card", "another card"],
)
def test_who_may_not_is_not(share: ObservedShare) -> None:
    ram = Ram([share])
    assert (ram.writers(), ram.paused) == ({}, 0)


def test_a_principal_that_a_means_keeps_from_writing_does_not_count() -> None:
    ram = Ram([of(), of(to=PROD, name="theirs")])
    assert ram.writers(lambda who, cards: cards if who == DEV else ()) == {CHURN: "theirs"}
    assert ram.writers(lambda who, cards: cards) == {}


def test_a_means_keeps_from_the_cards_that_it_was_verified_for_and_no_other() -> None:
    other = key("other").arn
    ram = Ram([of(holds=["churn", "other"])])
    assert ram.writers(lambda who, cards: {CHURN}, CHURN, other) == {other: NAME}


@pytest.mark.parametrize(
    "ending",
    [of(resources={CHURN: "DISASSOCIATING"}), of(principals={DEV: "DISASSOCIATING", PROD: "DISASSOCIATED"})],
    ids=["the card", "the only one"],
)
def test_what_ram_is_ending_is_waited_for(ending: ObservedShare) -> None:
    ram = Ram([ending], [ending], [of(principals={DEV: "DISASSOCIATED"})])
    assert (ram.writers(), ram.paused) == ({}, 2)
    ram = Ram([ending])
    assert ram.writers() == {CHURN: NAME}
    assert ram.paused == 3


def test_who_stays_is_not_waited_for_while_another_goes() -> None:
    ram = Ram([of(principals={DEV: "ASSOCIATED", PROD: "DISASSOCIATING"})])
    assert (ram.writers(), ram.paused) == ({CHURN: NAME}, 0)


def test_nobody_waits_for_cards_that_are_not_to_be_approved() -> None:
    ram = Ram([of(holds=["other"], principals={DEV: "DISASSOCIATING"})])
    assert (ram.writers(), ram.paused) == ({}, 0)


def test_a_share_that_is_being_deleted_counts_whatever_it_allowed() -> None:
    ram = Ram([of(level=READ, status="DELETING")])
    assert ram.writers() == {CHURN: f"team read {DEV}"}
