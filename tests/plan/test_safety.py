"""A limit counts what is ours in its place, and says how it is lifted for one plan."""

from typing import Any

import pytest

from cardops.model.desired import Safety
from cardops.model.findings import Finding, Location
from support.builders import (
    DEV,
    HOME,
    NEW,
    TEST,
    THEIRS,
    card,
    config,
    desired,
    foreign,
    live,
    observed,
    planned,
    ram_share,
    share,
    words,
)
from support.replacing import replace

CONFIG = Location("cardops.yaml")


@pytest.mark.parametrize(
    ("limits", "count", "said"),
    [
        ({"max_updates": 0.5}, 3, "3 updates in {} are more than max_updates allows (2 of 4)"),
        ({"max_updates": 1}, 2, "2 updates in {} are more than max_updates allows (1 of 4)"),
        ({"max_updates": 0.5}, 2, ""),
        ({"max_updates": 0.1, "floor": 5}, 4, ""),
        ({"max_updates": 0.1, "floor": 4}, 4, "4 updates in {} are more than max_updates allows (0.4 of 4)"),
    ],
)
def test_a_limit_that_is_passed_is_told_whole(limits: Any, count: int, said: str) -> None:
    before = [card(f"c{number}") for number in range(4)]
    after = [card(one.key.name, content=words("new")) if at < count else one for at, one in enumerate(before)]
    settings = config(safety=Safety(**{"floor": 0} | limits))
    foreigners = [foreign(f"f{number}") for number in range(9)]
    seen = observed(*map(live, before), *foreigners)
    found = planned(desired(*after, settings=settings), seen, bases=before)
    message = said.format(HOME)
    hint = f"look at the plan; if it is meant, set `safety: {{once: {found.digest()}}}` in a reviewed change"
    assert found.findings == ((Finding("safety/limit", CONFIG, message, hint),) if said else ())
    once = config(safety=Safety(**{"floor": 0} | limits, once=found.digest()))
    assert planned(desired(*after, settings=once), seen, bases=before).findings == ()


def test_revokes_and_new_principals_are_counted_against_associations() -> None:
    cards = [card(f"c{number}") for number in range(4)]
    names = [one.key.name for one in cards]
    settings = config(safety=Safety(floor=0, max_revokes=0.4, max_new_principals=0))
    git = desired(*cards, shares=[share(cards=["c0", "c1"]), share(name="new", cards=["c0"])], settings=settings)
    theirs = replace(THEIRS, resources=ram_share(holds=[f"t{number}" for number in range(9)]).resources)
    found = planned(git, observed(*map(live, cards), shares=[ram_share(holds=names), theirs]))
    assert [one.message for one in found.findings] == [
        f"1 new principals in {HOME} are more than max_new_principals allows (0 of 4)",
        f"2 revokes in {HOME} are more than max_revokes allows (1.6 of 4)",
    ]
    assert found.commit == NEW


def test_a_limit_that_is_kept_does_not_hide_one_that_is_passed_and_every_share_of_ours_counts() -> None:
    cards = [card(f"c{number}") for number in range(4)]
    names = [one.key.name for one in cards]
    settings = config(safety=Safety(floor=0, max_revokes=0.1, max_new_principals=5))
    git = desired(*cards, shares=[share(cards=["c0"]), share(name="new", cards=["c0"])], settings=settings)
    second = replace(ram_share(TEST, holds=names), tags=dict(ram_share(TEST).tags))
    found = planned(git, observed(*map(live, cards), shares=[ram_share(holds=names), second]))
    assert [one.message for one in found.findings] == [
        f"7 revokes in {HOME} are more than max_revokes allows (0.8 of 8)"
    ]


@pytest.mark.parametrize(("most", "rules"), [(1, []), (0, ["safety/limit"])])
def test_the_end_of_a_principal_counts_as_one_revoke(most: int, rules: list[str]) -> None:
    settings = config(safety=Safety(floor=0, max_revokes=most))
    strange = replace(ram_share(), principals={DEV: "ASSOCIATED", TEST: "ASSOCIATED"})
    git = desired(card(), shares=[share()], settings=settings)
    found = planned(git, observed(live(card()), shares=[strange]))
    assert [step.kind for step in found.steps] == ["revoke"]
    assert [finding.rule for finding in found.findings] == rules
    empty = replace(ram_share(), resources={})
    found = planned(desired(card(), settings=settings), observed(live(card()), shares=[empty]))
    assert [step.kind for step in found.steps] == ["unshare"]
    assert [finding.rule for finding in found.findings] == rules
