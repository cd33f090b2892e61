"""`cardops status`: every card at a glance, from git, the ledger and AWS."""

import csv
import io
import json

import pytest

from support.workspace import Workspace


def start(world: Workspace) -> None:
    """Three cards in different states; one is edited in AWS and in git."""
    world.card("draft")
    world.card("review", "PendingReview")
    world.card("signed", "Approved")
    world.commit()
    assert world.apply().code == 0


def cards(world: Workspace, *arguments: str) -> dict[str, dict[str, object]]:
    done = world.cardops("status", "--format", "json", *arguments)
    assert done.code == 0, done.err
    return {card["card"]: card for card in json.loads(done.out)["cards"]}


def test_every_card_has_its_state_in_git_and_in_aws(world: Workspace) -> None:
    start(world)
    now = world.now()
    found = cards(world)
    assert {name: (card["status"], card["live"]) for name, card in found.items()} == {
        "draft": ("Draft", "Draft"),
        "review": ("PendingReview", "PendingReview"),
        "signed": ("Approved", "Approved"),
    }
    assert found["draft"]["readers"] == {"ml-dev": "write"}
    assert found["review"]["readers"] == {"ml-dev": "write", "ml-test": "read"}
    assert found["signed"]["readers"] == {"ml-test": "read", "ml-prod": "read"}
    assert found["signed"]["signed_off_by"] == ["not reviewed: signoff is none"]
    assert world.journal(now, mutating=True) == []


def test_a_card_that_waits_says_why_and_who_acts_next(world: Workspace) -> None:
    start(world)
    world.contribute("draft", {"intended_uses": {"purpose_of_model": "in AWS"}})
    world.card("draft", purpose="in git")
    world.commit()
    (held,) = cards(world, "--held").values()
    assert held["card"] == "draft"
    assert held["held"]
    text = world.cardops("status", "--held").out
    assert text.splitlines()[-1] == "Cards: 1 of 3 (1 Draft); 1 held."


def test_a_card_that_is_not_there_is_missing(world: Workspace) -> None:
    start(world)
    world.card("later")
    world.commit()
    assert cards(world, "later")["later"]["live"] == "missing"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--status", "Draft", "--status", "Approved"), {"draft", "signed"}),
        (("--owner", "team-a"), {"draft", "review", "signed"}),
        (("--owner", "team-b"), set()),
        (("--risk", "high"), set()),
        (("--reader", "ml-prod"), {"signed"}),
        (("--reader", "444444444444"), {"signed"}),
        (("re*",), {"review"}),
        (("signed", "draft"), {"draft", "signed"}),
    ],
)
def test_filters_narrow_the_list(arguments: tuple[str, ...], names: set[str], world: Workspace) -> None:
    world.card("draft")
    world.card("review", "PendingReview")
    world.card("signed", "Approved")
    world.commit()
    assert set(cards(world, "--offline", *arguments)) == names


def test_offline_asks_nothing_of_aws(world: Workspace) -> None:
    world.card("draft")
    world.commit()
    now = world.now()
    found = cards(world, "--offline")
    assert found["draft"]["live"] is None
    assert found["draft"]["readers"] == {"ml-dev": "write"}
    assert world.journal(now) == []


def test_csv_opens_in_a_spreadsheet_without_running_anything(world: Workspace) -> None:
    world.card("draft")
    world.write("cards/odd.yaml", "name: odd\nstatus: Draft\nowner: '=cmd()'\ncontent: {}\n")
    world.commit()
    rows = list(csv.DictReader(io.StringIO(world.cardops("status", "--offline", "--format", "csv").out)))
    assert {row["card"]: row["owner"] for row in rows} == {"draft": "team-a", "odd": "'=cmd()"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody",), "No valid card matches 'nobody'."),
        (("--reader", "ml-prd"), "Account 'ml-prd' is not declared in cardops.yaml. (hint: Did you mean 'ml-prod'?)"),
        (("--owner", ""), "--owner is empty."),
    ],
)
def test_names_that_are_not_there_are_wrong_usage(arguments: tuple[str, ...], message: str, world: Workspace) -> None:
    world.card("draft")
    world.commit()
    done = world.cardops("status", "--offline", *arguments)
    assert done.code == 64
    assert message in done.err


def test_list_is_another_name_and_a_misspelt_command_gets_a_suggestion(world: Workspace) -> None:
    world.card("draft")
    world.commit()
    assert world.cardops("list", "--offline").out == world.cardops("status", "--offline").out
    done = world.cardops("staus")
    assert done.code == 64
    assert "No such command 'staus'. Did you mean 'status'?" in done.err
