"""pull: live contributions come back to git as their lines and nothing else, and AWS is only read."""

import json
from typing import Any

from support.workspace import DEV, OWNER, Workspace, operations

CARD = """\
# the card
name: churn
status: Draft
owner: team-a
content:
  intended_uses:
    purpose_of_model: 'first'   # agreed

  evaluation_details:
  - name: holdout
    metric_groups:
    - name: all
      metric_data:
      - {name: auc, type: number, value: 0.9}   # measured in May
"""
METRIC = {"name": "recall", "type": "number", "value": 0.7}
SECOND = {"name": "shadow", "evaluation_observation": "two\nlines", "datasets": ["s3://b/x"]}


def content() -> Any:
    """What CARD declares."""
    auc = {"name": "auc", "type": "number", "value": 0.9}
    groups = [{"name": "all", "metric_data": [auc]}]
    return {
        "intended_uses": {"purpose_of_model": "first"},
        "evaluation_details": [{"name": "holdout", "metric_groups": groups}],
    }


def contributed() -> Any:
    """CARD's content with a metric and an evaluation more."""
    found = content()
    found["evaluation_details"][0]["metric_groups"][0]["metric_data"].append(METRIC)
    found["evaluation_details"].append(SECOND)
    return found


def started(world: Workspace) -> None:
    """CARD, applied, and another one."""
    world.write("cards/churn.yaml", CARD)
    world.card("risk")
    world.commit()
    assert world.apply().code == 0


def test_a_contribution_comes_back_as_added_lines_and_the_plan_is_empty(world: Workspace) -> None:
    started(world)
    world.contribute("churn", contributed(), DEV)
    start = world.now()
    done = world.cardops("pull")
    assert done.code == 0, done.err
    assert "pulled  churn: cards/churn.yaml, from version 2" in done.out
    assert "1 pulled, 1 unchanged" in done.out
    assert operations(world.journal(start, mutating=True)) == []
    changed = world.git("diff", "-U0").splitlines()
    lines = [line for line in changed if line[:1] in ("+", "-") and line[:4] not in ("+++ ", "--- ")]
    assert lines == [
        "+      - {name: recall, type: number, value: 0.7}",
        "+  - name: shadow",
        "+    datasets:",
        "+    - s3://b/x",
        "+    evaluation_observation: |-",
        "+      two",
        "+      lines",
    ]
    world.commit()
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    assert world.apply().code == 0
    assert world.live("churn")["version"] == 2
    again = world.cardops("pull", "churn")
    assert (again.code, again.out) == (0, "Pull: nothing to pull; 1 unchanged.\n")


def test_a_contribution_that_an_apply_has_merged_is_still_pulled(world: Workspace) -> None:
    started(world)
    world.contribute("churn", contributed(), DEV)
    world.write("cards/churn.yaml", CARD.replace("'first'", "'second'"))
    world.commit()
    assert world.apply().code == 0
    assert "1 pulled" in world.cardops("pull").out
    world.commit()
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_branch_gets_a_commit_and_the_work_tree_nothing(world: Workspace) -> None:
    started(world)
    world.contribute("churn", contributed(), DEV)
    world.write("cards/churn.yaml", CARD + "# not yet committed\n")
    world.write("cards/risk.yaml", "name: [\n")
    world.git("add", "cards/risk.yaml")
    status = world.git("status", "--porcelain")
    event = {
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": "UpdateModelCard",
        "eventTime": "2026-05-01T00:00:00Z",
        "userIdentity": {"arn": "arn:aws:sts::222222222222:assumed-role/pipeline/run"},
        "requestParameters": {"modelCardName": "churn"},
        "awsRegion": "eu-west-1",
        "recipientAccountId": OWNER,
    }
    world.write("../events.json", json.dumps({"Records": [event]}))
    arguments = ("pull", "churn", "--branch", "pull/churn", "--cloudtrail", "../events.json", "--format", "json")
    done = world.cardops(*arguments)
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["commit"] == world.git("rev-parse", "pull/churn")
    assert [(card["card"], card["outcome"], card["live_version"]) for card in answer["cards"]] == [
        ("churn", "pulled", 2)
    ]
    assert world.git("rev-parse", "pull/churn^") == world.git("rev-parse", "HEAD")
    assert world.git("diff", "--name-only", "HEAD", "pull/churn") == "cards/churn.yaml"
    message = world.git("log", "-1", "--format=%B", "pull/churn")
    assert message.startswith("Pull live contributions to churn\n\nchurn, version 2 of 20")
    assert "by arn:aws:sts::222222222222:assumed-role/pipeline/run:\n- content.evaluation_details[holdout]" in message
    assert world.git("status", "--porcelain") == status
    assert json.loads(world.cardops(*arguments).out)["commit"] == answer["commit"]
    world.contribute("churn", content() | {"evaluation_details": [SECOND]}, DEV)
    moved = world.cardops(*arguments)
    assert moved.code == 64
    assert "the branch pull/churn has commits of its own" in moved.err
    assert world.git("rev-parse", "pull/churn") == answer["commit"]


def test_conflicts_dirty_files_and_invalid_results_are_left_and_the_others_go_on(world: Workspace) -> None:
    started(world)
    world.card("dirty")
    world.card("wide")
    world.commit()
    assert world.apply().code == 0
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "live words"}})
    for name in ("risk", "dirty"):
        world.contribute(name, {"intended_uses": {"purpose_of_model": "first", "risk_rating": "High"}})
    world.write("cards/churn.yaml", CARD.replace("'first'", "'git words'"))
    world.write("cards/dirty.yaml", (world.root / "cards/dirty.yaml").read_text() + "# mine\n")
    before = {name: (world.root / f"cards/{name}.yaml").read_text() for name in ("churn", "dirty")}
    done = world.cardops("pull")
    assert done.code == 3
    assert "cards/churn.yaml:7:23: content/conflict deny: churn: git and the live card changed one field" in done.out
    assert '(base "first", git "git words", live "live words")' in done.out
    assert "refused  dirty: cards/dirty.yaml has uncommitted changes" in done.out
    assert before == {name: (world.root / f"cards/{name}.yaml").read_text() for name in before}
    assert "risk_rating: High" in (world.root / "cards/risk.yaml").read_text()


def test_an_earlier_version_is_restored_by_an_edit_and_an_apply(world: Workspace) -> None:
    started(world)
    world.write("cards/churn.yaml", CARD.replace("'first'", "'second'"))
    world.commit()
    assert world.apply().code == 0
    done = world.cardops("pull", "churn", "--version", "1")
    assert done.code == 0, done.err
    assert (world.root / "cards/churn.yaml").read_text() == CARD
    world.commit()
    assert world.apply().code == 0
    assert world.live("churn")["content"] == content()


def test_a_card_that_nobody_declares_is_a_wrong_use(world: Workspace) -> None:
    started(world)
    done = world.cardops("pull", "chrun")
    assert done.code == 64
    assert "no card 'chrun' is declared" in done.err
