"""A card with the emergency brake: no plan gives anything back, and what is still there ends."""

from typing import Any

import pytest

from cardops.model.brake import BRAKE
from cardops.model.desired import Card
from cardops.model.observed import ObservedCard
from cardops.plan.builder import BRAKED
from support.builders import (
    APPROVED,
    DEV,
    DRAFT,
    PENDING,
    TEST,
    card,
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

CHURN = card("churn", PENDING)


def braked(declared: Card = CHURN, text: str = "all", **more: Any) -> ObservedCard:
    return live(declared, tags={BRAKE: text}, **more)


def test_nothing_of_a_braked_card_widens() -> None:
    changed = card("churn", APPROVED, content={"a": "second"})
    plan = planned(desired(changed, shares=[share(grant("ml-test", "read", PENDING, APPROVED))]), observed(braked()))
    assert (kinds(plan), plan.held) == ([], {CHURN.key: BRAKED})


def test_access_that_is_still_there_ends_and_an_approval_that_git_took_back_does_too() -> None:
    plan = planned(
        desired(card("churn", DRAFT), shares=[share()]),
        observed(braked(card("churn", APPROVED)), shares=[ram_share(holds=["churn", "other"])]),
    )
    assert "the emergency brake is on" in only(plan, "revoke").reason
    assert "demote" in kinds(plan)


@pytest.mark.parametrize("text", [f"team={DEV}", f"all={DEV}", "team=all"])
def test_a_grant_that_is_stopped_is_not_given_and_ends(text: str) -> None:
    asked = desired(CHURN, shares=[share()])
    fresh = planned(asked, observed(braked(text=text)))
    assert (kinds(fresh), rules(fresh)) == ([], ["share/braked"])
    there = planned(asked, observed(braked(text=text), shares=[ram_share()]))
    assert only(there, "revoke").reason == "the emergency brake is on"


@pytest.mark.parametrize("text", [f"team={TEST}", f"all={TEST}", f"other={DEV}"])
def test_what_the_brake_is_not_about_goes_on(text: str) -> None:
    plan = planned(desired(CHURN, shares=[share()]), observed(braked(text=text)))
    assert (kinds(plan), plan.held) == (["share"], {})


def test_a_braked_card_whose_file_is_broken_loses_its_access_too() -> None:
    plan = planned(
        desired(card("other"), shares=[share()]),
        observed(braked(), live(card("other")), shares=[ram_share(holds=["churn", "other"])]),
        broken=frozenset({CHURN.key}),
    )
    assert only(plan, "revoke").cards == {CHURN.key}
