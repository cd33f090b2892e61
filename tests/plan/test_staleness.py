"""Whatever takes access away leaves the commit that did so, where an older checkout finds it."""

from typing import Any

from cardops.model.desired import COMMIT, Desired
from cardops.model.observed import Observed
from cardops.observed.reader import commits
from cardops.plan import staleness
from cardops.plan.builder import make_plan
from cardops.plan.steps import Phase, Step
from support.builders import (
    APPROVED,
    DEV,
    DRAFT,
    NEW,
    OLD,
    PROD,
    READ,
    REPO,
    TEST,
    card,
    desired,
    given,
    grant,
    live,
    observed,
    ram_share,
    share,
)

CARD = card(status=APPROVED)
LIVE = live(CARD)
TO_TEST, TO_PROD = ram_share(TEST, READ), ram_share(PROD, READ)
BOTH = share(grant("ml-test", "read", APPROVED), grant("ml-prod", "read", APPROVED))
ONE = share(grant("ml-test", "read", APPROVED))


def marks(wanted: Desired, found: Observed, **more: Any) -> list[Step]:
    """The marks of a whole plan."""
    inputs = given(wanted, found, **more)
    plan = make_plan(inputs)
    return list(staleness.marks(inputs, plan.steps, plan.held))


def test_the_end_of_a_share_is_marked_on_one_that_stays_before_it_ends() -> None:
    (mark,) = marks(desired(CARD, shares=[ONE]), observed(LIVE, shares=[TO_TEST, TO_PROD]))
    assert (mark.action.share, mark.action.tags) == (TO_TEST.arn, {COMMIT: NEW})  # type: ignore[union-attr]
    assert mark.narrowing, "nothing that failed before keeps it from running"


def test_where_no_share_stays_a_card_that_is_as_declared_carries_it() -> None:
    (mark,) = marks(desired(CARD), observed(LIVE, shares=[TO_PROD]))
    assert (mark.cards, mark.action.add) == ({CARD.key}, {COMMIT: NEW})  # type: ignore[union-attr]


def test_a_card_that_is_not_as_declared_does_not_carry_a_commit_that_it_has_not_got() -> None:
    changed = card(status=APPROVED, content={"a": "second"})
    assert marks(desired(changed), observed(LIVE, shares=[TO_PROD]), blocked={CARD.key: "a rule"}) == []


def test_one_card_out_of_a_share_is_marked_on_that_share() -> None:
    both = ram_share(DEV, holds=["churn", "other"])
    (mark,) = marks(
        desired(card("churn"), card("other", APPROVED), shares=[share(grant("ml-dev", "contribute", DRAFT))]),
        observed(live(card("churn")), live(card("other", APPROVED)), shares=[both]),
    )
    assert (mark.phase, mark.action.share) == (Phase.LOCK, both.arn)  # type: ignore[union-attr]


def test_what_gives_access_or_nothing_is_not_marked() -> None:
    assert marks(desired(CARD, shares=[BOTH]), observed(LIVE, shares=[TO_TEST])) == []
    assert marks(desired(CARD, shares=[BOTH]), observed(LIVE, shares=[TO_TEST, TO_PROD])) == []


def test_commits_on_shares_of_ours_count_as_those_on_cards() -> None:
    marked = ram_share(TEST, READ, tags={**TO_TEST.tags, COMMIT: NEW})
    foreign = ram_share(PROD, READ, tags={COMMIT: "c" * 40})
    found = dict(commits(observed(LIVE, shares=[marked, foreign]), REPO))
    assert found == {OLD: ["churn"], NEW: [f"the share {marked.name!r}"]}
