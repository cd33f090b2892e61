"""`cardops brake`: access ends at once, stays ended whatever is applied from wherever, and comes back on release."""

import json
import subprocess
from pathlib import Path

import pytest

from support.workspace import CONFIG, OWNER, SHARE, Workspace, operations

NOBODY = {"ml-dev": "", "ml-test": "", "ml-prod": ""}
READ = NOBODY | {"ml-test": "read", "ml-prod": "read"}
TWICE = "".join(f'  {name}: {{id: "999999999999", role: r}}\n' for name in "xy")
WHY = ("--reason", "leaked test data")


@pytest.fixture
def approved(world: Workspace) -> Workspace:
    """Two approved cards that test and production read."""
    world.card("churn", "Approved")
    world.card("other", "Approved")
    world.commit()
    assert world.apply().code == 0
    return world


def clone(world: Workspace) -> Path:
    """Another checkout of the same commit."""
    path = world.root.parent / "old"
    subprocess.run(["git", "clone", "-q", str(world.root), str(path)], check=True, env=world.environment())
    return path


def test_it_ends_access_on_an_unchanged_head_and_every_later_plan_from_every_checkout_honours_it(
    approved: Workspace,
) -> None:
    world, old = approved, clone(approved)
    done = world.cardops("brake", "churn", *WHY)
    assert done.code == 0, done
    assert (world.access("churn"), world.access("other")) == (NOBODY, READ)
    assert world.live("churn")["tags"]["cardops:brake"] == "all"
    assert world.live("churn")["status"] == "Approved"
    since = world.now()
    world.card("churn", "Approved", purpose="another")
    world.commit("a change that would be applied, too")
    for root in (world.root, old, world.root):
        world.root = root
        done = world.apply("--rewritten-history")
        assert done.code == 3, done
        assert "the emergency brake is on" in done.out
    assert world.access("churn") == NOBODY
    assert "UpdateModelCard" not in operations(world.journal(since, mutating=True))


def test_a_plan_made_before_the_brake_gives_nothing_back_either(approved: Workspace) -> None:
    world = approved
    world.write(
        "shares/lifecycle.yaml",
        SHARE.replace("ml-prod, access: read, while: [Approved]", "ml-dev, access: read, while: [Approved]"),
    )
    world.commit("another reader")
    world.control("faults", {"search_lag_seconds": 600})
    assert world.cardops("brake", "churn", *WHY).code == 0
    done = world.apply()
    assert done.code == 3, done
    assert (world.access("churn"), world.access("other")["ml-dev"]) == (NOBODY, "read")


def test_demote_ends_the_approval_and_that_of_the_package_until_it_is_released(world: Workspace) -> None:
    client = world.client(OWNER)
    client.create_model_package_group(ModelPackageGroupName="churn")
    client.create_model_package(ModelPackageGroupName="churn")
    package = f"arn:aws:sagemaker:eu-west-1:{OWNER}:model-package/churn/1"

    def approval() -> str:
        return str(client.describe_model_package(ModelPackageName=package)["ModelApprovalStatus"])

    world.card("churn", "Approved", model_package={"group": "churn", "version": 1})
    world.commit()
    assert world.apply().code == 0
    assert approval() == "Approved"
    done = world.cardops("brake", "churn", "--demote", *WHY)
    assert done.code == 0, done
    assert (world.live("churn")["status"], approval()) == ("Draft", "PendingManualApproval")
    assert world.apply().code == 3
    assert (world.live("churn")["status"], approval()) == ("Draft", "PendingManualApproval")
    assert world.apply("--only", "narrowing").code == 3
    released = world.cardops("brake", "churn", "--release", "--reason", "removed", "--outside-ci")
    assert released.code == 0, released
    assert world.access("churn") == NOBODY
    assert world.apply().code == 0
    assert (world.live("churn")["status"], approval(), world.access("churn")) == ("Approved", "Approved", READ)


def test_a_share_is_braked_for_one_account_and_the_others_keep_theirs(approved: Workspace) -> None:
    world = approved
    done = world.cardops("brake", "lifecycle", "--to", "ml-prod", *WHY)
    assert done.code == 0, done
    left = READ | {"ml-prod": ""}
    assert (world.access("churn"), world.access("other")) == (left, left)
    done = world.apply()
    assert (
        "share/braked warn: lifecycle: read for ml-prod: the emergency brake is on for 2 cards" in done.out + done.err
    )
    assert (world.access("churn"), world.access("other")) == (left, left)
    world.card("other", "Approved", purpose="second")
    world.commit("what the brake is not about goes on")
    world.apply()
    assert world.live("other")["content"]["intended_uses"]["purpose_of_model"] == "second"
    assert world.cardops("brake", "lifecycle", "--release", "--reason", "clean", "--outside-ci").code == 0
    assert world.apply().code == 0
    assert (world.access("churn"), world.access("other")) == (READ, READ)


@pytest.mark.parametrize(
    "breakage",
    [
        (
            "cardops.yaml",
            CONFIG.replace(
                "access:\n", '  x: {id: "999999999999", role: r}\n  y: {id: "999999999999", role: r}\naccess:\n', 1
            ),
        ),
        ("cards/churn.yaml", ": : :\n"),
        ("shares/lifecycle.yaml", "{{{\n"),
        ("policies/x.yaml", "rules: [[[\n"),
    ],
    ids=["cardops.yaml", "the card", "the share", "a rule"],
)
def test_no_file_of_the_repository_stands_in_its_way(approved: Workspace, breakage: tuple[str, str]) -> None:
    world = approved
    world.write(*breakage)
    world.commit("broken")
    done = world.cardops("brake", "churn", *WHY)
    assert done.code == 0, done
    assert (world.access("churn"), world.access("other")) == (NOBODY, READ)


def test_an_uncommitted_change_does_not_stand_in_its_way(approved: Workspace) -> None:
    approved.card("churn", "Draft")
    assert approved.cardops("brake", "churn", *WHY).code == 0
    assert approved.access("churn") == NOBODY


def test_a_card_that_left_git_can_be_braked(approved: Workspace) -> None:
    world = approved
    (world.root / "cards/churn.yaml").unlink()
    world.commit("remove it")
    assert world.cardops("brake", "churn", *WHY).code == 0
    assert world.access("churn") == NOBODY


def test_every_use_leaves_a_record(approved: Workspace) -> None:
    world, record = approved, approved.root.parent / "record.json"
    assert world.cardops("brake", "churn", *WHY, "--record", str(record), "--ledger-to").code == 0
    predicate = json.loads(record.read_text())["predicate"]
    assert (predicate["scope"], predicate["reason"]) == ("narrowing", "brake: leaked test data")
    assert {one["kind"] for one in predicate["outcomes"]} == {"revoke", "brake"}
    assert world.git("log", "--format=%s", "cardops-ledger").count("apply") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("churn",), "Missing option '--reason'"),
        (("nothing", *WHY), "No card and no share named 'nothing' is declared or live."),
        (("churn", "--to", "ml-nowhere", *WHY), "Account 'ml-nowhere' is not declared in cardops.yaml."),
        (("churn", "--to", "", *WHY), "empty"),
        (("churn", "--release", "--demote", *WHY), "--release and --demote do not go together"),
        (("churn", "--release", *WHY), "The brake is released in CI."),
        (("churn", "--release", "--outside-ci", *WHY), "No card carries a brake that this releases."),
    ],
)
def test_wrong_usage_says_so_and_writes_nothing(approved: Workspace, arguments: tuple[str, ...], said: str) -> None:
    since = approved.now()
    done = approved.cardops("brake", *arguments)
    assert (done.code, said in done.err) == (64, True), done
    assert approved.journal(since, mutating=True) == []
