"""What a plan says of cards that leave, or cannot leave, whole."""

from typing import Any

import pytest

from cardops.merge.diff import Change
from cardops.model.desired import LOCKED, REPOSITORY, Account, Config
from cardops.model.findings import Location
from cardops.plan.steps import DeleteCard, Phase, SetStatus, SetTags, Step
from support.builders import (
    APPROVED,
    ARCHIVED,
    DRAFT,
    HOME,
    OWNER,
    PENDING,
    card,
    config,
    desired,
    live,
    observed,
    only,
    planned,
    told,
)

CARD = card()
KEY = CARD.key
CONFIG = Location("cardops.yaml")


def leaving() -> Config:
    return config(accounts=config().accounts | {"shared-services": Account("shared-services", OWNER, leaving=True)})


@pytest.mark.parametrize(
    ("retire", "kind", "action", "becomes"),
    [
        ("archive", "retire", SetStatus(ARCHIVED, DRAFT), "Archived"),
        ("delete", "delete", DeleteCard(1, DRAFT), "deleted"),
    ],
)
def test_a_card_that_leaves_is_told_whole(retire: str, kind: str, action: Any, becomes: str) -> None:
    found = planned(desired(settings=config(retire=retire)), observed(live(CARD)))
    change = Change("status", "Draft", becomes)
    reason = "git no longer declares it"
    assert found.steps == (
        Step(
            Phase.DEMOTE, kind, HOME, "churn", str(KEY), reason, action, (change,), "version 1 Draft", frozenset({KEY})
        ),
    )


def test_an_archived_card_that_leaves_is_deleted_where_git_says_so() -> None:
    found = planned(desired(settings=config(retire="delete")), observed(live(card(status=ARCHIVED))))
    assert only(found, "delete").action == DeleteCard(1, ARCHIVED)


def test_a_missing_lock_of_a_retired_card_is_added_to_what_was_seen() -> None:
    step = only(planned(desired(), observed(live(card(status=ARCHIVED), tags={LOCKED: None}))), "lock")
    assert (step.phase, step.reason, step.sees) == (Phase.LOCK, "the card is Archived", "version 1 Archived")
    assert (step.action, step.cards) == (SetTags({LOCKED: "true"}), {KEY})


@pytest.mark.parametrize(
    ("status", "more", "message"),
    [
        (PENDING, {}, "its file was removed while it is PendingReview; archive it first by its status"),
        (
            DRAFT,
            {"unreadable": True},
            "a file under cards/ cannot be read, so cardops cannot tell whether this card was removed",
        ),
    ],
)
def test_a_card_that_cannot_leave_is_held_and_told_how_it_could(status: Any, more: Any, message: str) -> None:
    found = planned(desired(), observed(live(card(status=status))), **more)
    assert found.findings == (told("card/retire", f"churn: {message}", "restore its file", at=CONFIG),)
    assert found.held == {KEY: message}


def test_where_git_forbids_it_no_card_leaves() -> None:
    found = planned(desired(settings=config(retire="forbid")), observed(live(CARD)))
    message = "churn: its file was removed, and `retire: forbid` keeps every card"
    assert found.findings == (told("card/retire", message, "restore its file", at=CONFIG),)


def test_an_approved_card_of_a_leaving_account_is_told_to_be_archived_first() -> None:
    approved = card(status=APPROVED)
    found = planned(desired(approved, settings=leaving()), observed(live(approved)))
    message = "churn: its account is leaving while it is Approved; archive it first by its status"
    assert found.findings == (told("card/retire", message, "declare it Archived, and apply that first"),)


def test_a_new_card_of_a_leaving_account_is_told_to_go_elsewhere() -> None:
    found = planned(desired(CARD, settings=leaving()), observed())
    message = "churn: its account is leaving, so it is not made"
    hint = "declare it in another account, or remove its file"
    assert found.findings == (told("card/leaving", message, hint),)
    assert found.held == {KEY: message}


def test_a_card_that_is_being_deleted_or_that_another_repository_manages_does_not_leave_by_us() -> None:
    deleted = live(CARD, processing="DeleteInProgress")
    theirs = live(card("theirs"), tags={REPOSITORY: "other-9f9f"})
    found = planned(desired(), observed(deleted, theirs))
    assert (found.steps, found.findings, found.held) == ((), (), {})


def test_one_card_that_stays_does_not_keep_the_others_from_leaving() -> None:
    staying = [
        live(card("a"), tags={REPOSITORY: "other-9f9f"}),
        live(card("b"), processing="DeleteInProgress"),
        live(card("c")),
        live(card("d", ARCHIVED)),
        live(card("e", PENDING)),
    ]
    found = planned(desired(card("c")), observed(*staying, live(card("f"))))
    assert [(step.kind, step.resource) for step in found.steps] == [("retire", "f")]
