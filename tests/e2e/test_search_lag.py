"""Search lags behind what was written: no access is given because of what it says."""

import pytest

from support.workspace import Workspace

LAG = {"search_lag_seconds": 60}


@pytest.mark.parametrize(
    ("before", "between", "verb", "lost", "kept"),
    [
        ("PendingReview", "Approved", "demote", "ml-prod", "ml-dev"),
        ("Approved", "Draft", "promote", "ml-dev", "ml-prod"),
    ],
)
def test_a_revert_that_comes_before_search_has_seen_what_it_reverts_is_applied_as_the_card_is(
    world: Workspace, before: str, between: str, verb: str, lost: str, kept: str
) -> None:
    """Else a contributor would get a live Approved card, or production a draft."""
    world.card("churn", before)
    world.card("other")
    world.commit()
    assert world.apply().code == 0
    world.control("faults", LAG)
    world.card("churn", between)
    world.commit("another status")
    assert world.apply().code == 0
    world.git("revert", "--no-edit", "HEAD")
    shown = world.cardops("plan")
    assert f"1 to {verb}" in shown.out, shown
    assert world.apply().code == 0
    assert world.live("churn")["status"] == before
    access = world.access("churn")
    assert (access[lost], bool(access[kept])) == ("", True)


def test_a_plan_that_widens_nothing_describes_nothing(world: Workspace) -> None:
    for name in ("a", "b", "c"):
        world.card(name)
    world.commit()
    assert world.apply().code == 0
    since = world.now()
    assert "nothing to do" in world.cardops("plan").out
    assert "DescribeModelCard" not in [call["operation"] for call in world.journal(since)]
    world.write(
        "shares/more.yaml", "name: more\ncards: [a, b]\ngrants: [{to: ml-prod, access: read, while: [Draft]}]\n"
    )
    world.commit("give two of them to production")
    since = world.now()
    assert world.cardops("plan").code == 0
    described = [call for call in world.journal(since) if call["operation"] == "DescribeModelCard"]
    assert sorted(call["parameters"]["ModelCardName"] for call in described) == ["a", "b"]
