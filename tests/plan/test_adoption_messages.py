"""What a plan says of cards and shares that it adopts, or cannot adopt, whole."""

import pytest

from cardops.desired.grants import grant_id
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import GRANT, REPOSITORY
from cardops.model.findings import Finding, Location
from cardops.plan.actions import AdoptShare
from cardops.plan.steps import Phase, Step
from support.builders import (
    DEV,
    HOME,
    OWNER,
    PENDING,
    PROD,
    REGION,
    REPO,
    TEST,
    THEIRS,
    card,
    desired,
    foreign,
    grant,
    live,
    observed,
    planned,
    ram_share,
    share,
    told,
)
from support.replacing import replace

CARD = card()
KEY = CARD.key


def test_an_adoption_says_what_it_sees_and_what_stays() -> None:
    mine = card(adopt=True)
    theirs = replace(foreign(), content=mine.content, version=3)
    (step,) = planned(desired(mine), observed(theirs)).steps
    reason = "cards/churn.yaml says adopt, and nobody manages it; it stays Draft"
    assert (step.phase, step.kind, step.place, step.resource) == (Phase.CONTENT, "adopt", HOME, "churn")
    assert (step.key, step.reason, step.cards) == (str(KEY), reason, {KEY})
    assert step.changes == (Change("managed by", ABSENT, REPO),)
    assert step.sees == f"unmanaged version 3 Draft {mine.digest}"


def test_an_adopted_share_is_told_whole() -> None:
    marked = replace(grant(), adopt=THEIRS.arn)
    seen = replace(THEIRS, updated="2026-05-01")
    found = planned(desired(CARD, shares=[share(marked)]), observed(live(CARD), shares=[seen]))
    identity = grant_id("team", DEV, "contribute")
    assert found.steps == (
        Step(
            Phase.SHARE,
            "adopt",
            HOME,
            "their share",
            f"{OWNER}/{REGION}/{identity}",
            "shares/team.yaml says adopt, and nobody manages it",
            AdoptShare(THEIRS.arn, {REPOSITORY: REPO, GRANT: identity}),
            (Change("managed by", ABSENT, REPO),),
            f"unmanaged {THEIRS.arn}",
            seen_at="2026-05-01",
        ),
    )


def test_a_share_that_cannot_be_adopted_is_told_everything_that_differs() -> None:
    marked = replace(grant(), adopt=THEIRS.arn)
    names = ["a1", "a2", "a3", "a4", "a5"]
    strange = replace(
        THEIRS,
        principals={DEV: "ASSOCIATED", TEST: "ASSOCIATED", PROD: "FAILED"},
        permission="",
        resources=ram_share(holds=names).resources,
    )
    found = planned(desired(CARD, shares=[share(marked)]), observed(live(CARD), shares=[strange]))
    why = (
        f"its principals are {DEV}, {TEST}, and git declares {DEV}; its permission is none, and contribute means "
        "AWSRAMPermissionSageMakerModelCards; it holds a1, a2, a3 and 2 more, which git does not declare in it now; "
        "it lacks churn"
    )
    message = f"the share 'their share' in {HOME} cannot be adopted: {why}"
    hint = "declare it as it is, adopt it, and change it after that; nothing was changed"
    assert found.findings == (Finding("ownership/adopt-share", Location("shares/team.yaml"), message, hint),)
    assert found.steps == ()


def test_three_names_are_all_told() -> None:
    marked = replace(grant(), adopt=THEIRS.arn)
    strange = replace(THEIRS, resources=ram_share(holds=["a1", "a2", "a3", "churn"]).resources)
    found = planned(desired(CARD, shares=[share(marked)]), observed(live(CARD), shares=[strange]))
    assert "it holds a1, a2, a3, which git" in found.findings[0].message


@pytest.mark.parametrize(
    ("adopt", "tags", "message", "hint"),
    [
        (
            False,
            {REPOSITORY: "other-9f9f"},
            "churn: a live card of that name exists and the repository other-9f9f manages it",
            "choose another name",
        ),
        (
            True,
            {},
            "churn: adopting keeps the live status, which is Draft, and git declares PendingReview",
            "declare Draft, adopt the card, and change its status after that",
        ),
        (
            False,
            {},
            "churn: a live card of that name exists and cardops does not manage it",
            "choose another name, or take it over with `adopt: true`",
        ),
    ],
)
def test_a_foreign_card_says_whose_it_is_and_what_to_do(
    adopt: bool, tags: dict[str, str], message: str, hint: str
) -> None:
    found = planned(desired(card(status=PENDING, adopt=adopt)), observed(foreign(tags=tags)))
    assert found.findings == (told("ownership/foreign-card", message, hint),)
    assert found.held == {KEY: message.removeprefix("churn: ")}


def test_of_two_shares_that_are_marked_for_one_grant_the_first_is_adopted() -> None:
    second = replace(THEIRS, arn=f"{THEIRS.arn}-2", name="second")
    marked = share(replace(grant(), adopt=THEIRS.arn), replace(grant(), adopt=second.arn))
    found = planned(desired(CARD, shares=[marked]), observed(live(CARD), shares=[second, THEIRS]))
    assert [(step.kind, step.resource) for step in found.steps] == [("adopt", "their share")]
    why = "one share stands for one grant, and the other one is there already"
    message = f"the share 'second' in {HOME} cannot be adopted: {why}"
    hint = "declare it as it is, adopt it, and change it after that; nothing was changed"
    assert found.findings == (Finding("ownership/adopt-share", Location("shares/team.yaml"), message, hint),)


def test_a_share_whose_grant_has_ended_is_not_adopted_with_the_cards_that_it_no_longer_means() -> None:
    marked = replace(grant(), adopt=THEIRS.arn)
    found = planned(desired(CARD, shares=[share(marked, expires="2026-05-31")]), observed(live(CARD), shares=[THEIRS]))
    assert found.steps == ()
    assert "it holds churn, which git does not declare in it now" in found.findings[0].message
