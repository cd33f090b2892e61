"""Only what is ours, only what is current, only what was shown."""

import json
import subprocess
from pathlib import Path

import pytest

from support.workspace import CONFIG, DEV, OWNER, Workspace, operations


def test_a_foreign_card_of_a_declared_name_is_refused_and_untouched(world: Workspace) -> None:
    world.client(OWNER).create_model_card(ModelCardName="churn", Content="{}", ModelCardStatus="Draft")
    world.card("churn")
    world.card("risk")
    world.commit()
    start = world.now()
    done = world.apply()
    assert done.code == 3
    assert (
        "ownership/foreign-card deny: churn: a live card of that name exists and cardops does not manage it" in done.out
    )
    assert world.live("churn")["content"] == {}
    assert world.live("churn")["tags"] == {}
    assert world.live("risk")["status"] == "Draft"
    touched = [json.dumps(call["parameters"]) for call in world.journal(start, mutating=True)]
    assert not [text for text in touched if "churn" in text]


def test_a_foreign_share_of_a_declared_name_is_refused_and_untouched(world: Workspace) -> None:
    ram = world.client(OWNER, "ram")
    made = ram.create_resource_share(name="lifecycle contribute ml-dev")["resourceShare"]
    world.card("churn")
    world.commit()
    start = world.now()
    done = world.apply()
    assert done.code == 3
    assert "ownership/foreign-share deny: a share named 'lifecycle contribute ml-dev' exists" in done.out
    assert world.access("churn")["ml-dev"] == ""
    assert world.live("churn")["status"] == "Draft"
    assert "AssociateResourceShare" not in operations(world.journal(start, mutating=True))
    (still,) = ram.get_resource_shares(resourceOwner="SELF", resourceShareArns=[made["resourceShareArn"]])[
        "resourceShares"
    ]
    assert still["lastUpdatedTime"] == made["lastUpdatedTime"]


def test_a_foreign_share_that_lets_others_write_holds_the_approval(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    world.client(OWNER, "ram").create_resource_share(
        name="somebody",
        resourceArns=["arn:aws:sagemaker:eu-west-1:111111111111:model-card/churn"],
        principals=["333333333333"],
    )
    world.card("churn", "Approved")
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert "the share 'somebody', which cardops does not own, lets others write it" in done.out
    assert world.live("churn")["status"] == "Draft"


def test_a_stale_run_is_refused(world: Workspace) -> None:
    world.card("churn")
    old = world.commit()
    world.card("churn", purpose="second")
    world.commit()
    assert world.apply().code == 0
    world.git("checkout", "-q", old)
    start = world.now()
    done = world.apply()
    assert done.code == 3
    assert "AWS carries commit" in done.err
    assert world.journal(start, mutating=True) == []


def test_another_digest_is_refused_before_anything_is_written(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    done = world.apply("--expect", "0" * 32)
    assert done.code == 3
    assert "nothing was written" in done.err
    assert world.journal(mutating=True) == []


def test_what_moved_since_the_plan_is_held_and_the_rest_runs(world: Workspace, tmp_path: Path) -> None:
    for name in ("a", "b"):
        world.card(name)
    world.commit()
    assert world.apply().code == 0
    for name in ("a", "b"):
        world.card(name, purpose="second")
    world.commit()
    plan = tmp_path / "plan.json"
    assert world.cardops("plan", "--out", str(plan)).code == 0
    world.contribute("a", {"intended_uses": {"purpose_of_model": "first", "intended_uses": "theirs"}})
    done = world.apply("--plan", str(plan))
    assert done.code == 3
    assert "update a (111111111111/eu-west-1): it moved since it was shown; nothing was written" in done.out
    assert world.live("b")["content"] == {"intended_uses": {"purpose_of_model": "second"}}
    assert world.live("a")["content"]["intended_uses"] == {
        "purpose_of_model": "first",
        "intended_uses": "theirs",
    }


def test_a_plan_file_that_was_changed_is_refused(world: Workspace, tmp_path: Path) -> None:
    world.card("churn")
    world.commit()
    plan = tmp_path / "plan.json"
    assert world.cardops("plan", "--out", str(plan)).code == 0
    document = json.loads(plan.read_text())
    document["digests"] = dict.fromkeys(document["digests"], "0" * 32)
    plan.write_text(json.dumps(document))
    done = world.apply("--plan", str(plan))
    assert done.code == 64
    assert "was changed after it was written" in done.err


def test_uncommitted_changes_are_not_applied(world: Workspace) -> None:
    world.commit()
    world.card("churn")
    done = world.apply()
    assert done.code == 64
    assert "uncommitted changes in cards/" in done.err


def test_apply_asks_before_it_runs_outside_ci(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    done = world.cardops("apply")
    assert done.code == 64
    assert "pass --outside-ci" in done.err
    assert world.journal(mutating=True) == []


def test_too_many_revokes_stop_the_apply(world: Workspace) -> None:
    for number in range(12):
        world.card(f"card-{number}")
    world.commit()
    assert world.apply().code == 0
    for number in range(12):
        world.card(f"card-{number}", purpose="second")
    world.commit()
    start = world.now()
    done = world.apply()
    assert done.code == 3
    assert "safety/limit deny: 12 updates in 111111111111/eu-west-1" in done.err
    assert world.journal(start, mutating=True) == []


def test_the_last_card_of_an_account_is_retired_as_any_other(world: Workspace) -> None:
    """Nothing in git names the spoke as an owner any more: what it has is found by what git declared once."""
    world.write(
        "cardops.yaml", CONFIG.replace("role: cardops-consumer", "role: cardops-apply, plan_role: cardops-plan")
    )
    world.write(
        "shares/lifecycle.yaml",
        "name: spoke\ncards: [spoke]\ngrants:\n  - {to: ml-test, access: read, while: [Draft]}\n",
    )
    world.card("spoke", account="ml-dev")
    world.commit()
    assert world.apply().code == 0
    assert world.live("spoke", DEV)["status"] == "Draft"
    world.card("churn")
    world.git("rm", "-q", "cards/spoke.yaml", "shares/lifecycle.yaml")
    assert "Plan: 1 to create, 1 to retire, 1 to unshare" in world.cardops("plan").out
    world.commit()
    told = world.cardops("access")
    assert f"reading the shares of {DEV}/eu-west-1" in told.err
    assert "lifecycle" not in told.out
    assert "spoke" in told.out, "RAM still grants it"
    for kind, action in (("plan", "sagemaker:Search"), ("apply", "sagemaker:UpdateModelCard")):
        assert action in world.cardops("iam", kind, "--account", "ml-dev").out
    done = world.apply()
    assert done.code == 0, done.out + done.err
    assert world.live("spoke", DEV)["status"] == "Archived"
    shares = world.client(DEV, "ram").get_resource_shares(resourceOwner="SELF")["resourceShares"]
    assert [share["status"] for share in shares if share["status"] != "DELETED"] == []
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_shallow_clone_says_that_it_cannot_know_of_former_owners(world: Workspace, tmp_path: Path) -> None:
    world.card("churn")
    world.commit("first")
    world.card("risk")
    world.commit("second")
    assert "account/unread" not in world.cardops("plan").out
    world.git("clone", "-q", "--depth", "1", f"file://{world.root}", str(tmp_path / "shallow"))
    planned = world.cardops("plan", "-C", str(tmp_path / "shallow"))
    assert "account/unread warn: this shallow clone cannot tell whether accounts that own no card now" in planned.err
    assert "git fetch --unshallow origin" in planned.err


@pytest.mark.parametrize("readers", [["ml-test", "ml-prod"], ["ml-prod"]], ids=["a share stays", "none stays"])
def test_an_older_checkout_gives_nothing_back_that_a_newer_commit_only_took(
    world: Workspace, readers: list[str]
) -> None:
    """The newer commit changes no card, so no card carries it by itself."""
    grants = [f"  - {{to: {name}, access: read, while: [Approved]}}\n" for name in readers]
    head = 'name: lifecycle\ncards: ["*"]\ngrants:\n'
    world.card("churn", "Approved")
    world.write("shares/lifecycle.yaml", head + "".join(grants))
    world.commit()
    assert world.apply().code == 0
    old = world.root.parent / "old"
    subprocess.run(["git", "clone", "-q", str(world.root), str(old)], check=True, env=world.environment())
    if len(readers) > 1:
        world.write("shares/lifecycle.yaml", head + grants[0])
    else:
        (world.root / "shares/lifecycle.yaml").unlink()
    world.commit("end what production reads")
    assert world.apply().code == 0
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    world.root, new = old, world.root
    done = world.apply()
    assert (done.code, "and HEAD lacks it" in done.err) == (3, True), done
    world.root = new
    assert world.access("churn")["ml-prod"] == ""
