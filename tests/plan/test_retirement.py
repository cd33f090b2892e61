"""Cards whose file or account goes: access first, never an approval by the way, and only what is ours."""

import pytest

from cardops.model.desired import LOCKED, Account, Config, Safety, Status
from cardops.plan.steps import DeleteCard, Phase, SetTags
from support.builders import (
    APPROVED,
    ARCHIVED,
    OWNER,
    PENDING,
    card,
    config,
    desired,
    foreign,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    rules,
    share,
)


def going(**changes: object) -> Config:
    """The home account is leaving."""
    accounts = config().accounts | {"shared-services": Account("shared-services", OWNER, leaving=True)}
    return config(accounts=accounts, **changes)


def test_a_card_without_a_file_is_retired_after_its_access_ended() -> None:
    found = planned(desired(shares=[share()]), observed(live(card()), shares=[ram_share()]))
    assert kinds(found) == ["revoke", "retire"]
    assert [step.phase for step in found.steps] == [Phase.REVOKE, Phase.DEMOTE]
    assert only(found, "retire").reason == "git no longer declares it"


@pytest.mark.parametrize("status", [PENDING, APPROVED])
def test_what_is_under_review_or_approved_is_archived_by_its_status_first(status: Status) -> None:
    found = planned(desired(), observed(live(card(), status)))
    assert (kinds(found), rules(found)) == ([], ["card/retire"])
    assert f"its file was removed while it is {status}" in found.findings[0].message


def test_delete_and_forbid_are_what_they_say() -> None:
    deleted = planned(desired(settings=config(retire="delete")), observed(live(card())))
    assert isinstance(only(deleted, "delete").action, DeleteCard)
    kept = planned(desired(settings=config(retire="forbid")), observed(live(card())))
    assert (kinds(kept), rules(kept)) == ([], ["card/retire"])
    assert "`retire: forbid` keeps every card" in kept.findings[0].message


def test_nothing_is_taken_for_removed_while_a_file_cannot_be_read() -> None:
    found = planned(desired(), observed(live(card())), unreadable=True)
    assert (kinds(found), rules(found)) == ([], ["card/retire"])


def test_a_foreign_card_and_one_at_rest_are_left_alone() -> None:
    assert kinds(planned(desired(), observed(foreign(), live(card("old", ARCHIVED))))) == []


def test_an_archived_card_that_was_not_locked_yet_is_locked() -> None:
    found = planned(desired(), observed(live(card("old", ARCHIVED), tags={LOCKED: None})))
    assert kinds(found) == ["lock"]
    assert only(found, "lock").action == SetTags({LOCKED: "true"})


def test_an_account_that_leaves_takes_its_cards_with_it() -> None:
    found = planned(desired(card(), settings=going()), observed(live(card())))
    assert kinds(found) == ["retire"]
    assert only(found, "retire").reason == "its account is leaving"


def test_a_new_card_of_a_leaving_account_is_not_made_and_named() -> None:
    found = planned(desired(card(), settings=going()), observed())
    assert (kinds(found), rules(found), list(found.held)) == ([], ["card/leaving"], [card().key])
    assert str(found.findings[0]).startswith("cards/churn.yaml:1:1: card/leaving deny: churn: its account is leaving")


def test_an_approved_card_of_a_leaving_account_has_to_be_archived_by_git() -> None:
    found = planned(desired(card(status=APPROVED), settings=going()), observed(live(card(status=APPROVED))))
    assert (kinds(found), rules(found)) == ([], ["card/retire"])
    assert found.findings[0].location.path == "cards/churn.yaml"
    archived = planned(desired(card(status=ARCHIVED), settings=going()), observed(live(card(), APPROVED)))
    assert (kinds(archived), rules(archived)) == (["archive"], [])


def test_the_safety_limit_counts_what_is_retired() -> None:
    cards = [card(f"c{number}") for number in range(20)]
    limited = config(safety=Safety(max_retires=0.1, floor=10))
    found = planned(desired(*cards[:10], settings=limited), observed(*map(live, cards)))
    assert rules(found) == ["safety/limit"]
    assert "10 retires" in found.findings[0].message
