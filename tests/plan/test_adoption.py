"""Adoption takes over only what is marked and unmanaged, writes tags alone, and claims no more than is so."""

import pytest

from cardops.desired.grants import grant_id
from cardops.model.desired import APPROVED_BY, COMMIT, DIGEST, GRANT, LOCKED, REPOSITORY, VERSION, Safety, Status
from cardops.model.observed import Observed, ObservedShare
from cardops.plan.actions import AdoptShare
from cardops.plan.steps import AdoptCard, Plan
from support.builders import (
    APPROVED,
    ARCHIVED,
    DEV,
    DRAFT,
    NEW,
    PENDING,
    REPO,
    TEST,
    card,
    config,
    desired,
    foreign,
    grant,
    kinds,
    observed,
    only,
    planned,
    ram_share,
    rules,
    share,
    words,
)
from support.replacing import replace

ARN = "arn:aws:ram:eu-west-1:111111111111:resource-share/theirs"
MINE = card(adopt=True)


def theirs(status: Status = DRAFT, **more: object) -> object:
    return replace(foreign(), status=status, content=MINE.content, version=3, **more)


def their_share(**more: object) -> ObservedShare:
    return replace(ram_share(), arn=ARN, name="their share", tags={"team": "a"}, **more)


def adopting(found: Observed, **more: object) -> Plan:
    marked = replace(grant(), adopt=ARN)
    return planned(desired(MINE, shares=[share(marked, cards=["churn"])], **more), found)


def test_a_marked_card_that_nobody_manages_gets_tags_and_nothing_else() -> None:
    plan = planned(desired(MINE), observed(theirs()))
    assert kinds(plan) == ["adopt"]
    action = plan.steps[0].action
    assert isinstance(action, AdoptCard)
    assert action.tags == {REPOSITORY: REPO, COMMIT: NEW, DIGEST: MINE.digest, VERSION: "3"}
    assert (action.version, action.status, action.seen) == (3, DRAFT, MINE.digest)
    assert plan.unchanged == 0
    assert rules(plan) == []


def test_without_the_mark_the_card_stays_foreign_and_the_finding_names_the_way() -> None:
    plan = planned(desired(card()), observed(theirs()))
    assert kinds(plan) == []
    assert rules(plan) == ["ownership/foreign-card"]
    assert "take it over with `adopt: true`" in plan.findings[0].hint


def test_a_card_of_another_repository_is_never_adopted() -> None:
    plan = planned(desired(MINE), observed(theirs(tags={REPOSITORY: "other-9f9f"})))
    assert kinds(plan) == []
    assert "the repository other-9f9f manages it" in plan.findings[0].message


def test_a_live_approval_is_kept_locked_and_marked_as_older_than_the_adoption() -> None:
    plan = planned(desired(replace(MINE, status=APPROVED)), observed(theirs(APPROVED)))
    assert kinds(plan) == ["adopt"]
    assert plan.steps[0].action.tags[LOCKED] == "true"
    assert plan.steps[0].action.tags[APPROVED_BY] == "before cardops"
    assert "it stays Approved; approved before cardops" in plan.steps[0].reason


def test_an_archived_card_is_locked_without_a_claim_of_approval() -> None:
    plan = planned(desired(replace(MINE, status=ARCHIVED)), observed(theirs(ARCHIVED)))
    assert kinds(plan) == ["adopt"]
    assert LOCKED in plan.steps[0].action.tags
    assert APPROVED_BY not in plan.steps[0].action.tags


def test_another_declared_status_holds_the_adoption() -> None:
    plan = planned(desired(replace(MINE, status=APPROVED)), observed(theirs(PENDING)))
    assert kinds(plan) == []
    assert "keeps the live status, which is PendingReview, and git declares Approved" in plan.findings[0].message


def test_a_card_that_is_being_deleted_is_not_adopted() -> None:
    plan = planned(desired(MINE), observed(theirs(processing="DeleteInProgress")))
    assert kinds(plan) == []


def test_differing_content_is_merged_without_a_base_and_nobodys_words_are_lost() -> None:
    mine = card(content=words("first", intended_uses="from git"), adopt=True)
    live = theirs()
    live = replace(live, content=card(content=words("first", risk_rating="Low")).content)
    plan = planned(desired(mine), observed(live))
    assert kinds(plan) == ["adopt", "update"]
    assert DIGEST not in plan.steps[0].action.tags
    assert VERSION not in plan.steps[0].action.tags
    sent = only(plan, "update").action.content.decode()
    assert "from git" in sent
    assert "Low" in sent


def test_a_field_that_differs_holds_the_card_and_it_is_not_adopted() -> None:
    plan = planned(desired(MINE), observed(replace(theirs(), content=card(content=words("other")).content)))
    assert kinds(plan) == []
    assert rules(plan) == ["content/conflict"]


def test_adoptions_count_toward_no_safety_limit() -> None:
    settings = config(safety=Safety(max_updates=0, max_retires=0, max_revokes=0, max_new_principals=0, floor=0))
    plan = adopting(observed(theirs(), shares=[their_share()]), settings=settings)
    assert kinds(plan) == ["adopt", "adopt"]
    assert rules(plan) == []


def test_a_share_that_is_what_its_grant_says_gets_tags_and_nothing_else() -> None:
    plan = adopting(observed(theirs(), shares=[their_share()]))
    assert [step.resource for step in plan.steps] == ["churn", "their share"]
    action = plan.steps[1].action
    assert action == AdoptShare(ARN, {REPOSITORY: REPO, GRANT: grant_id("team", DEV, "contribute")})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"principals": {DEV: "ASSOCIATED", TEST: "ASSOCIATED"}}, "its principals are 222222222222, 333333333333"),
        ({"principals": {}}, "its principals are none"),
        ({"permission": "arn:aws:ram::aws:permission/Other"}, "its permission is Other"),
        ({"resources": {}}, "it lacks churn"),
        ({"tags": {REPOSITORY: "other-9f9f", GRANT: "x"}}, "the repository other-9f9f manages it"),
        ({"feature_set": "PROMOTING_TO_STANDARD"}, "RAM is still at it"),
        ({"status": "PENDING"}, "RAM is still at it"),
        ({"principals": {DEV: "SUSPENDED"}}, "RAM is suspending access in it"),
    ],
)
def test_a_share_that_differs_is_not_adopted_and_its_grant_waits(change: dict[str, object], said: str) -> None:
    plan = adopting(observed(theirs(), shares=[replace(their_share(), **change)]))
    assert [step.resource for step in plan.steps] == ["churn"]
    assert rules(plan) == ["ownership/adopt-share"]
    assert said in plan.findings[0].message


def test_a_share_with_more_cards_than_declared_is_not_adopted() -> None:
    plan = adopting(
        observed(theirs(), shares=[replace(their_share(), resources=ram_share(holds=["churn", "b"]).resources)])
    )
    assert kinds(plan) == ["adopt"]
    assert "it holds b, which git does not declare in it now" in plan.findings[0].message


def test_a_second_share_for_a_grant_is_not_adopted() -> None:
    ours = ram_share()
    plan = adopting(observed(theirs(), shares=[ours, their_share()]))
    assert [step.resource for step in plan.steps] == ["churn"]
    assert rules(plan) == ["ownership/adopt-share"]
    assert "the other one is there already" in plan.findings[0].message


def test_a_share_that_is_open_to_the_outside_stays_so_until_the_mark_is_removed() -> None:
    open_share = replace(their_share(), external=True)
    plan = adopting(observed(theirs(), shares=[open_share]))
    assert kinds(plan) == ["adopt", "adopt"]
    taken = replace(open_share, tags=plan.steps[1].action.tags)
    live = replace(theirs(), tags=plan.steps[0].action.tags)
    assert kinds(adopting(observed(live, shares=[taken]))) == []
    unmarked = desired(MINE, shares=[share(grant(), cards=["churn"])])
    assert kinds(planned(unmarked, observed(live, shares=[taken]))) == ["external"]


def test_a_share_that_refuses_an_outside_account_is_not_adopted_for_it() -> None:
    outside = replace(config().accounts["ml-dev"], external=True)
    settings = config(accounts=dict(config().accounts) | {"ml-dev": outside})
    plan = adopting(observed(theirs(), shares=[their_share()]), settings=settings)
    assert [step.resource for step in plan.steps] == ["churn"]
    assert "declared as `external: true`, and it refuses such principals" in plan.findings[0].message


def test_after_the_adoption_nothing_is_left_to_do() -> None:
    plan = adopting(observed(theirs(), shares=[their_share()]))
    card_step, share_step = plan.steps
    live = replace(theirs(), tags=card_step.action.tags)
    after = adopting(observed(live, shares=[replace(their_share(), tags=share_step.action.tags)]))
    assert kinds(after) == []
    assert after.unchanged == 1
