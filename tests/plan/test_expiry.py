"""A planned end is an ordinary step with its reason; the last day is inclusive."""

import pytest

from cardops.model.desired import Account, AccountRegion, Grant, Share
from cardops.plan.actions import DeleteShare
from support.builders import (
    APPROVED,
    CONTRIBUTE,
    DEV,
    DRAFT,
    PENDING,
    TEST,
    card,
    config,
    desired,
    grant,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    rules,
    share,
)
from support.replacing import replace

CARD = card()
END = "2026-06-30"
NEXT = "2026-07-01"


def ending(**more: str) -> Share:
    """A share whose one grant has these members."""
    return share(replace(grant(), **more))


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        (share(expires=END), f"the share expired on {END}"),
        (ending(expires=END), f"the grant expired on {END}"),
        (replace(ending(expires="2027-01-01"), expires=END), f"the share expired on {END}"),
        (replace(ending(expires=END), expires="2027-01-01"), f"the grant expired on {END}"),
    ],
)
def test_access_ends_after_the_last_day(declared: Share, reason: str) -> None:
    seen = observed(live(CARD), shares=[ram_share()])
    assert planned(desired(CARD, shares=[declared]), seen, today=END).steps == ()
    step = only(planned(desired(CARD, shares=[declared]), seen, today=NEXT), "expire")
    assert step.reason == reason
    assert step.narrowing
    assert step.action == DeleteShare(ram_share().arn)
    assert step.cards == {CARD.key}
    assert planned(desired(CARD, shares=[declared]), observed(live(CARD)), today=NEXT).steps == ()


def test_of_equal_grants_each_status_has_its_own_end() -> None:
    both = share(Grant("ml-dev", "contribute", frozenset({DRAFT}), END), grant("ml-dev", "contribute", PENDING))
    cards = [card("a", DRAFT), card("b", PENDING)]
    seen = observed(*map(live, cards), shares=[ram_share(holds=("a", "b"))])
    assert planned(desired(*cards, shares=[both]), seen, today=END).steps == ()
    step = only(planned(desired(*cards, shares=[both]), seen, today=NEXT), "expire")
    assert step.reason == f"team: contribute for ml-dev while Draft expired on {END}"
    assert [key.name for key in step.cards] == ["a"]


def test_of_equal_grants_for_one_status_the_longest_counts() -> None:
    for other in ("", "2026-12-31"):
        twice = share(replace(grant(), expires=END), replace(grant(), expires=other))
        assert (
            planned(desired(CARD, shares=[twice]), observed(live(CARD), shares=[ram_share()]), today=NEXT).steps == ()
        )


def test_an_account_that_leaves_loses_its_shares() -> None:
    leaving = config(accounts=config().accounts | {"ml-dev": Account("ml-dev", DEV, leaving=True)})
    wanted = desired(CARD, shares=[share(grant(), grant("ml-test", "contribute"))], settings=leaving)
    seen = observed(live(CARD), shares=[ram_share(), ram_share(TEST)])
    step = only(planned(wanted, seen), "unshare")
    assert step.reason == "the account ml-dev is leaving"
    assert step.action == DeleteShare(ram_share().arn, (CARD.key.arn,))
    assert kinds(planned(wanted, seen)) == ["unshare"]


def test_the_role_of_an_account_that_leaves_loses_its_share() -> None:
    leaving = config(accounts=config().accounts | {"ml-dev": Account("ml-dev", DEV, leaving=True)})
    role = f"arn:aws:iam::{DEV}:role/pipeline"
    wanted = desired(CARD, shares=[share(grant(role, "contribute"))], settings=leaving)
    assert kinds(planned(wanted, observed(live(CARD), shares=[ram_share(role)]))) == ["unshare"]
    assert kinds(planned(wanted, observed(live(CARD)))) == []


def test_the_cards_of_an_account_that_leaves_are_shared_no_more() -> None:
    place = AccountRegion("555555555555", "eu-west-1")
    spoke = card(place=place)
    leaving = config(accounts=config().accounts | {"spoke": Account("spoke", place.account, leaving=True)})
    found = planned(
        desired(spoke, shares=[share()], settings=leaving), observed(live(spoke), shares=[ram_share(place=place)])
    )
    assert [step.reason for step in found.steps] == ["the account spoke is leaving", "its account is leaving"]


def test_a_planned_end_counts_once_for_the_safety_limits_and_a_removed_file_for_each_card() -> None:
    cards = [card(f"card-{number}") for number in range(12)]
    names = [one.key.name for one in cards]
    limits = config(safety=replace(config().safety, floor=10))
    seen = observed(*map(live, cards), shares=[ram_share(holds=names)])
    assert rules(planned(desired(*cards, shares=[share(expires=END)], settings=limits), seen, today=NEXT)) == []
    assert rules(planned(desired(*cards, settings=limits), seen)) == ["safety/limit"]


def test_approved_cards_are_kept_by_an_expiry_that_is_not_theirs() -> None:
    reading = share(
        grant("ml-dev", "contribute", DRAFT), replace(grant("ml-test", "contribute", APPROVED), expires=END)
    )
    found = planned(
        desired(CARD, shares=[reading]), observed(live(CARD), shares=[ram_share(DEV, CONTRIBUTE)]), today=NEXT
    )
    assert found.steps == ()
