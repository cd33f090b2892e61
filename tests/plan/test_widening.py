"""What a live share of a grant gains, in which phase, and what keeps it from gaining."""

from typing import Any

import pytest

from cardops.desired.grants import permission_name
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import Desired
from cardops.model.findings import Finding, Location
from cardops.plan.actions import AllowExternal, Associate, ReplacePermission
from cardops.plan.steps import Phase
from support.builders import (
    DEV,
    DRAFT,
    READ,
    card,
    config,
    desired,
    grant,
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
GIT = desired(CARD, shares=[share()])
OWN = permission_name(config(), "read")


def reading(**account: Any) -> Desired:
    """ml-dev may read; `account` changes its entry of cardops.yaml."""
    accounts = dict(config().accounts)
    accounts["ml-dev"] = replace(accounts["ml-dev"], **account)
    settings = config(accounts=accounts)
    return desired(CARD, shares=[share(grant("ml-dev", "read", DRAFT))], settings=settings)


@pytest.mark.parametrize(
    "actions",
    [
        {"sagemaker:UpdateModelCard"},
        {"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"},
    ],
    ids=["loses-writing-and-gains-reading", "equal"],
)
def test_a_permission_that_lets_nobody_write_comes_early_and_waits_for_nothing(actions: set[str]) -> None:
    other = replace(ram_share(DEV, READ), permission="arn:aws:ram::aws:permission/other", actions=frozenset(actions))
    found = planned(reading(), observed(live(CARD), shares=[other]), blocked={CARD.key: "a policy denies it"})
    step = only(found, "permission")
    assert (step.phase, step.reason) == (Phase.NARROW, f"read means {OWN}")
    assert step.action == ReplacePermission(other.arn, ram_share(DEV, READ).permission)
    assert step.changes == (Change("permission", "other", OWN),)


def test_a_permission_whose_default_version_moved_is_taken_up_anew() -> None:
    old = replace(ram_share(DEV, READ), permission_version=7)
    step = only(planned(reading(), observed(live(CARD), shares=[old])), "permission")
    assert step.changes == (Change("permission", OWN, f"{OWN} (current version)"),)


def test_a_wider_permission_waits_for_every_card_of_the_share_and_names_five() -> None:
    cards = [card(name) for name in "abcdef"]
    weak = replace(ram_share(DEV, holds="abcdef"), permission="", actions=READ.actions)
    found = planned(
        desired(*cards, shares=[share()]),
        observed(*map(live, cards), shares=[weak]),
        blocked=dict.fromkeys((one.key for one in cards), "a policy denies it"),
    )
    assert found.steps == ()
    message = "team: contribute for ml-dev: its permission is none, and this waits for a, b, c, d, e"
    hint = "see what holds these cards"
    assert found.findings == (Finding("share/waits", Location("shares/team.yaml"), message, hint, "warn"),)


def test_a_share_opens_to_the_outside_in_place_where_git_declares_it() -> None:
    step = only(planned(reading(external=True), observed(live(CARD), shares=[ram_share(DEV, READ)])), "external")
    assert (step.phase, step.reason) == (Phase.WIDEN, "ml-dev is declared as `external: true`")
    assert step.action == AllowExternal(ram_share(DEV, READ).arn, True)
    assert step.changes == (Change("external principals", "refused", "allowed"),)


def test_a_card_that_joins_a_share_is_shown_as_gained() -> None:
    cards = [CARD, card("new")]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=[ram_share()]))
    step = only(found, "share")
    assert step.action == Associate(ram_share().arn, (cards[1].key.arn,))
    assert step.changes == (Change("access[ml-dev].new", ABSENT, "contribute"),)
    assert step.cards == {cards[1].key}


def test_a_principal_that_comes_back_widens_every_card_that_the_share_holds() -> None:
    lost = replace(ram_share(), principals={})
    found = planned(GIT, observed(live(CARD), shares=[lost]))
    assert only(found, "reconnect").cards == {CARD.key}
    assert rules(found) == []
