"""Copies for consumers whose means of read-only is `copy`."""

from typing import Any

from cardops.desired.delivered_copies import TAKEN, with_copies
from cardops.desired.grants import grants
from cardops.model.desired import AccountRegion, CardKey, Config, Desired, HubOrigin, Means
from support.builders import (
    APPROVED,
    ARCHIVED,
    DRAFT,
    HOME,
    PENDING,
    PROD,
    REGION,
    TODAY,
    card,
    config,
    desired,
    grant,
    key,
    live,
    observed,
    planned,
    share,
)
from support.replacing import replace

COPY = CardKey(PROD, REGION, "churn")


def settings(**more: Any) -> Config:
    account = replace(config().accounts["ml-prod"], read_only=(Means.COPY,), **more)
    return config(accounts={**config().accounts, "ml-prod": account})


def declared(status: Any = APPROVED, *others: Any, **more: Any) -> Desired:
    wanted = share(grant("ml-prod", "read", PENDING, APPROVED), grant(), **more)
    return desired(card(status=status), *others, shares=[wanted], settings=settings())


def test_a_copy_is_made_from_the_shared_card_under_its_name() -> None:
    found, problems = with_copies(declared(), TODAY)
    copy = found.cards[COPY]
    assert problems == []
    assert (copy.status, copy.origin, copy.delivered) == (APPROVED, HubOrigin("shared-services", "churn"), "current")
    assert str(copy.location) == "cards/churn.yaml:1:1"
    assert AccountRegion(PROD, REGION) in declared().owners


def test_a_copy_is_never_shared_itself() -> None:
    found, _ = with_copies(declared(cards=["*"]), TODAY)
    held = {one.place: set(one.resources) for one in grants(found, {HOME, COPY.place}, TODAY)}
    assert all(COPY.arn not in arns for arns in held.values())


def test_what_the_grant_does_not_hold_is_paused_and_never_made() -> None:
    found, _ = with_copies(declared(DRAFT), TODAY)
    assert (found.cards[COPY].delivered, found.cards[COPY].status) == ("paused", DRAFT)
    plan = planned(found, observed(live(card(status=DRAFT))))
    assert [step.key for step in plan.steps if step.place.account == PROD] == []
    archived, _ = with_copies(declared(ARCHIVED), TODAY)
    assert planned(archived, observed(live(card(status=ARCHIVED)))).steps == ()


def test_an_expired_grant_and_an_account_without_the_means_deliver_nothing() -> None:
    assert COPY not in with_copies(declared(expires="2026-05-31"), TODAY)[0].cards
    git = declared()
    other = replace(git, config=config())
    assert with_copies(other, TODAY) == (other, [])


def test_a_name_that_is_taken_is_said_and_nothing_is_overwritten() -> None:
    own = card("churn", place=COPY.place)
    found, (problem,) = with_copies(declared(APPROVED, own), TODAY)
    assert found.cards[COPY] == own
    assert (problem.rule, problem.card) == (TAKEN, str(COPY))
    assert key() in found.cards
