"""The budget of card versions: what a plan makes, what is left, and when it warns."""

import pytest

from cardops.model.desired import AccountRegion
from cardops.model.observed import Observed
from cardops.plan.steps import Plan
from cardops.plan.version_budget import NEAR_LIMIT, describe, new_versions
from support.builders import HOME, card, desired, key, live, observed, planned, words

EDITED = card(content=words("second"))


def at(version: int, **more: object) -> Observed:
    """churn as it was applied at this version."""
    seen = live(card(), version=version, tags={"cardops:version": str(version)})
    return observed(seen, **more)  # type: ignore[arg-type]


def edited(version: int, **more: object) -> Plan:
    """The plan of an edit of churn."""
    return planned(desired(EDITED), at(version, **more), bases=[card()])


def warned(plan: Plan) -> list[str]:
    return [finding.message for finding in plan.findings if finding.rule == NEAR_LIMIT]


def test_each_content_update_and_each_new_card_makes_one_version() -> None:
    plan = planned(desired(EDITED, card("new")), at(12), bases=[card()])
    assert [(card.name, number) for card, number in new_versions(plan.steps)] == [("churn", 13), ("new", 1)]
    assert describe(plan.steps, {}) == "2 new versions; churn then has 87 of 100 left"
    assert describe(planned(desired(card()), at(12)).steps, {}) == "", "nothing is written"


@pytest.mark.parametrize(("version", "expected"), [(78, 0), (79, 1), (100, 1)])
def test_a_card_near_the_quota_is_named(version: int, expected: int) -> None:
    found = [message for message in warned(edited(version)) if message.startswith("churn: ")]
    assert len(found) == expected
    if expected:
        assert found == [f"churn: this makes version {version + 1} of 100 that AWS allows"]


def test_a_raised_quota_counts() -> None:
    plan = edited(100, version_limits={HOME: 500})
    assert warned(plan) == []
    assert describe(plan.steps, plan.version_limits) == "1 new version; churn then has 399 of 500 left"
    elsewhere = AccountRegion(HOME.account, "us-east-1")
    assert warned(edited(100, version_limits={elsewhere: 500}))


def test_a_region_near_the_quota_is_named_while_aws_may_count_regions() -> None:
    """Where cards already have more versions together, AWS evidently counts each card by itself."""
    others = [live(card(f"c{number}"), version=20, tags={"cardops:version": "20"}) for number in range(4)]

    def with_others(count: int) -> list[str]:
        cards = [card(f"c{number}") for number in range(count)]
        seen = observed(live(card(), version=1), *others[:count])
        return warned(planned(desired(EDITED, *cards), seen, bases=[card()]))

    assert with_others(3) == []
    (message,) = with_others(4)
    assert message.startswith(f"{HOME} has 81 card versions and gets 1 more; if AWS counts the quota of 100 for")
    many = [live(card(f"c{number}"), version=60, tags={"cardops:version": "60"}) for number in range(2)]
    cards = [card(f"c{number}") for number in range(2)]
    assert warned(planned(desired(EDITED, *cards), observed(live(card()), *many), bases=[card()])) == []
    assert key().place == HOME
