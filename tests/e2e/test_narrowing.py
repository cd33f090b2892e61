"""`apply --only narrowing`: the hourly look at the calendar, and the emergency brake."""

import json
from pathlib import Path

import pytest

from cardops.git.ledger import Ledger
from support.workspace import DEV, Workspace, arn, operations

pytestmark = pytest.mark.usefixtures("unmeasured")

NOBODY = {"ml-dev": "", "ml-test": "", "ml-prod": ""}


@pytest.fixture
def approved(world: Workspace) -> Workspace:
    """An approved card that test and production read, in a share that ends."""
    path = world.root / "shares/lifecycle.yaml"
    path.write_text(path.read_text() + "expires: 2030-06-30\n")
    world.card("churn", "Approved")
    world.card("draft")
    world.commit()
    assert world.apply().code == 0
    assert world.access("churn") == NOBODY | {"ml-test": "read", "ml-prod": "read"}
    return world


def test_an_expired_share_ends_without_a_plan_that_somebody_saw(approved: Workspace, tmp_path: Path) -> None:
    world = approved
    start = world.now()
    assert world.apply("--only", "narrowing", "--today", "2030-06-30").code == 0
    assert world.journal(start, mutating=True) == []
    drift = world.cardops("drift", "--today", "2030-07-01")
    assert drift.code == 0, drift
    assert "share/expired warn" in drift.err
    done = world.apply("--only", "narrowing", "--today", "2030-07-01")
    assert done.code == 0, done
    assert "share/expired warn: the share expired on 2030-06-30 and grants nothing" in done.err
    assert "shares/lifecycle.yaml:7:10" in done.err
    marked = {"AddTags"}  # the commit that took access away, for older checkouts to see
    assert set(operations(world.journal(start, mutating=True))) == {"DeleteResourceShare"} | marked
    assert world.access("churn") == NOBODY
    assert world.cardops("plan", "--today", "2030-07-01", "--detailed-exitcode").code == 0
    plan = world.cardops("plan", "--today", "2030-06-30", "--detailed-exitcode")
    assert plan.code == 2
    assert "share/expires-soon warn: the share ends today, after 2030-06-30 (UTC)" in plan.err


def test_an_approval_that_git_took_back_ends_and_nothing_is_granted_or_written(approved: Workspace) -> None:
    world = approved
    world.card("churn", "Draft", purpose="reworked")
    world.card("new")
    world.card("draft", "PendingReview")
    world.commit()
    start = world.now()
    done = world.apply("--only", "narrowing")
    assert done.code == 0, done
    calls = world.journal(start, mutating=True)
    assert [sorted(call["parameters"]) for call in calls if call["operation"] == "UpdateModelCard"] == [
        ["ModelCardName", "ModelCardStatus"]
    ]
    marked = {"TagResource"}  # the commit that took access away, for older checkouts to see
    assert set(operations(calls)) == {"DisassociateResourceShare", "UpdateModelCard", "DeleteTags"} | marked
    assert world.live("churn")["status"] == "Draft"
    assert world.live("churn")["content"]["intended_uses"]["purpose_of_model"] == "first"
    assert world.live("draft")["status"] == "Draft"
    assert world.access("churn") == NOBODY
    assert world.apply().code == 0
    assert world.access("churn") == NOBODY | {"ml-dev": "write"}


def test_only_with_a_reason_it_demotes_what_was_not_approved(approved: Workspace) -> None:
    world = approved
    world.card("draft", "PendingReview")
    world.commit()
    assert world.apply().code == 0
    world.card("draft")
    world.commit()
    assert world.apply("--only", "narrowing").code == 0
    assert world.live("draft")["status"] == "PendingReview"
    done = world.apply("--only", "narrowing", "--reason", "leaked test data")
    assert done.code == 0, done
    assert "only narrowing, as an emergency: leaked test data; nothing is granted" in done.err
    assert world.live("draft")["status"] == "Draft"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--reason", "why"], "--reason goes with --only narrowing"),
        (["--only", "narrowing", "--reason", " "], "is empty"),
    ],
)
def test_a_reason_has_to_say_something_about_the_brake(world: Workspace, arguments: list[str], said: str) -> None:
    world.card("churn")
    world.commit()
    done = world.apply(*arguments)
    assert done.code == 64
    assert said in done.err
    assert world.journal(mutating=True) == []


def test_an_approval_that_a_contributor_set_ends_within_the_hour(world: Workspace) -> None:
    """`contribute` is UpdateModelCard, which sets a status as well; AWS has no condition on it."""
    world.card("churn", "PendingReview")
    world.commit()
    assert world.apply().code == 0
    evil = '{"intended_uses":{"purpose_of_model":"unreviewed"}}'
    world.client(DEV).update_model_card(ModelCardName=arn("churn"), Content=evil)
    world.client(DEV).update_model_card(ModelCardName=arn("churn"), ModelCardStatus="Approved")
    done = world.cardops("apply", "--only", "narrowing")  # narrowing needs no --outside-ci
    assert (done.code, "demote churn" in done.out) == (0, True), done
    assert world.live("churn")["status"] == "PendingReview"


def test_a_configuration_that_is_not_valid_does_not_keep_access_from_ending(approved: Workspace) -> None:
    """Two merges, each valid alone, can make it so; the last valid one on the first-parent line stands in."""
    world = approved
    twice = "".join(f'  {name}: {{id: "999999999999", role: r}}\n' for name in "xy")
    config = (world.root / "cardops.yaml").read_text()
    world.write("cardops.yaml", config.replace("access:\n", twice + "access:\n", 1))
    world.card("churn", "Draft")
    broken = world.commit("not valid")
    done = world.apply("--only", "narrowing", "--today", "2030-07-01")
    assert done.code == 1, done
    assert "run/older-config warn: cardops.yaml is not valid, so that of commit" in done.err
    assert (world.access("churn"), world.live("churn")["status"]) == (NOBODY, "Draft")
    start = world.now()
    assert world.apply("--today", "2030-07-01").code == 1
    assert world.journal(start, mutating=True) == []
    assert broken[:12] not in done.err


def test_a_forged_record_on_the_ledger_does_not_keep_access_from_ending(approved: Workspace) -> None:
    """Whoever may push to the ledger could else stop the hourly run; only what widens depends on a record."""
    world = approved
    assert world.apply("--ledger-to").code == 0
    forged = {"predicateType": "urn:cardops:run:1", "predicate": {"repository": "gov-test-1a2b", "commit": "f" * 40}}
    Ledger(world.root, "cardops-ledger").append({"runs/9999-forged.json": json.dumps(forged)}, "forged")
    refused = world.apply("--today", "2030-07-01")
    assert (refused.code, "and HEAD lacks it" in refused.err) == (3, True), refused
    done = world.apply("--only", "narrowing", "--today", "2030-07-01")
    assert done.code == 0, done
    assert world.access("churn") == NOBODY
