"""The workflows' own steps, run in order: a pull request's life and a drift night."""

import json
from typing import Any

import pytest

from support.github_team import MORE, GitHubTeam, approve_and_edit, purposes
from support.workspace import DEV, OWNER

pytestmark = pytest.mark.usefixtures("unmeasured")


def test_a_pull_request_s_life_from_open_to_release(hub: GitHubTeam) -> None:
    run, world = hub.runner.run, hub.world
    payload = approve_and_edit(hub)
    begun = world.now()
    assert not run("validate", "pull_request", **payload)
    assert "signoff/missing" in hub.runner.said("Validate")
    assert run("plan", "pull_request", **payload)
    hub.review(7, "lead")
    assert run("validate", "pull_request_review", **payload), hub.runner.ran[-4:]
    assert run("plan", "pull_request", **payload)
    assert world.journal(begun, mutating=True) == []
    (shown,) = hub.comments("plan")
    assert "Merging this changes 3 cards" in shown
    hub.merge(7)
    world.contribute("b", MORE, DEV)
    begun = world.now()
    assert not run("reconcile", "push")
    wrote = [call for call in world.journal(begun, mutating=True) if arn_or_name(call, "b")]
    assert wrote == []
    assert purposes(hub) == ["second", "first"]
    assert world.live("churn")["status"] == "Approved"
    assert world.live("churn")["tags"]["cardops:approved-by"] == "lead"
    (told,) = hub.comments("apply")
    assert told.startswith("✋ **Applied in part: 1 card waiting for somebody")
    assert "- `b` (update) held: it moved since it was shown; nothing was written" in told
    assert not run("reconcile", "push"), "what is held stays held in a run for the same merge"
    assert purposes(hub) == ["second", "first"]
    digest = hub.comments("apply")[0].split("with the digest `")[1].split("`")[0]
    assert run("reconcile", "workflow_dispatch", inputs={"digest": digest})
    assert world.live("b")["content"]["intended_uses"] == {"purpose_of_model": "second", "risk_rating": "Low"}
    (told,) = hub.comments("apply")
    assert told.startswith("✅ **Applied")
    records = hub.runner.git("ls-tree", "--name-only", "cardops-ledger", "runs/").splitlines()
    assert len(records) == 4
    begun = world.now()
    assert run("reconcile", "push"), "a run again, after all is done"
    assert run("reconcile", "schedule")
    assert world.journal(begun, mutating=True) == []


def arn_or_name(call: dict[str, Any], name: str) -> bool:
    """Whether a journalled call is about a card."""
    return any(str(value).split("/")[-1] == name for value in call["parameters"].values() if isinstance(value, str))


def test_an_old_run_that_is_run_again_reverts_nothing(hub: GitHubTeam) -> None:
    for number, purpose in ((7, "second"), (8, "third")):
        hub.world.card("a", purpose=purpose)
        assert hub.runner.run("plan", "pull_request", **hub.propose(number))
        hub.merge(number)
        assert hub.runner.run("reconcile", "push", before="0" * 40, after=hub.git("rev-parse", "main"))
    first = hub.git("rev-parse", "main^")
    begun = hub.world.now()
    assert hub.runner.run("reconcile", "push", before="0" * 40, after=first)
    assert hub.world.journal(begun, mutating=True) == []
    assert purposes(hub) == ["third", "first"]


def test_merges_that_nobody_saw_a_plan_of_are_held_and_said(hub: GitHubTeam) -> None:
    hub.world.card("a", purpose="second")
    hub.propose(7)
    hub.merge(7)
    begun = hub.world.now()
    assert not hub.runner.run("reconcile", "push")
    assert "Pull request 7 has no plan that counts: the plan workflow made none of its last commit." in hub.runner.said(
        "Ask what was merged, who reviewed it and what was shown"
    )
    assert "This run could not say what it did" in hub.comments("apply")[0]
    hub.world.card("b", purpose="second")
    hub.world.commit("straight onto main")
    hub.git("push", "-q", "origin", "main")
    assert not hub.runner.run("reconcile", "push")
    assert "came without a pull request" in hub.runner.said("Ask what was merged, who reviewed it and what was shown")
    assert hub.world.journal(begun, mutating=True) == []


def test_accounts_are_applied_side_by_side_and_only_the_one_that_failed_is_started_again(hub: GitHubTeam) -> None:
    world, run = hub.world, hub.runner.run
    world.card("a", purpose="second")
    world.card("far", account="ml-dev")
    assert run("plan", "pull_request", **hub.propose(7))
    hub.merge(7)
    world.control("faults", {"calls": [{"fault": "error", "operation": "CreateModelCard"}]})
    begun = world.now()
    assert not run("reconcile", "push")
    jobs = [one for one in hub.runner.ran if one.name == "Apply this part"]
    assert [one.code for one in jobs] == [0, 3]
    assert [one.code for one in hub.runner.ran if one.name == "Join the records"] == [3]
    assert purposes(hub) == ["second", "first"]
    (told,) = hub.comments("apply")
    assert told.startswith("⛔ **1 step failed; 1 done.**")
    assert "`far` (create) failed" in told
    world.control("faults", {})
    begun = world.now()
    assert hub.runner.run_failed_jobs("reconcile")
    assert {call["account"] for call in world.journal(begun, mutating=True)} == {DEV}
    (told,) = hub.comments("apply")
    assert told.startswith("✅ **Applied: 2 steps.**")
    runs = hub.runner.git("ls-tree", "--name-only", "cardops-ledger", "runs/").splitlines()
    record = json.loads(hub.runner.git("show", f"cardops-ledger:{runs[-1]}"))["predicate"]
    assert (len(runs), record["complete"], [one["card"] for one in record["cards"]]) == (2, True, ["a", "far"])
    assert [one["partitions"] for one in record["parts"]] == [[f"{OWNER}/eu-west-1"], [f"{DEV}/eu-west-1"]]
    begun = world.now()
    assert run("reconcile", "push")
    assert [one.name for one in hub.runner.ran].count("Apply this part") == 3, "nobody had anything to apply"
    assert world.journal(begun, mutating=True) == []


RULE = """\
rules:
  - id: OWN-001
    title: No card is owned by nobody
    why: Somebody has to answer for it.
    on: card
    level: LEVEL
    require: card.owner != "nobody"
    at: owner
    message: "'nobody owns it'"
    hint: name a team
    references: [NIST-AI-RMF GOVERN-2.1]
    tests:
      pass: [{card: {owner: somebody}}]
      fail: [{card: {owner: nobody}}]
"""
WAIVER = """\
waivers:
  - {rule: OWN-001, card: a, reason: it suits me, approved_by: lead, expires: "2099-12-31"}
"""


def test_a_pull_request_does_not_judge_itself(hub: GitHubTeam) -> None:
    world = hub.world
    world.write("policies/own.yaml", RULE.replace("LEVEL", "deny"))
    world.commit("a rule")
    hub.git("push", "-q", "origin", "main")
    world.write("policies/own.yaml", RULE.replace("LEVEL", "audit"))
    world.write("policies/waivers/mine.yaml", WAIVER)
    world.write("scripts/cardops/cli/app.py", "def run(*_):\n    return 0\n\n\ndef main():\n    raise SystemExit(0)\n")
    world.write("action.yml", "name: x\ndescription: x\nruns: {using: composite, steps: []}\n")
    text = (world.root / "cards/a.yaml").read_text()
    world.write("cards/a.yaml", text.replace("owner: team-a", "owner: nobody"))
    payload = hub.propose(7)
    assert not hub.runner.run("validate", "pull_request", **payload)
    said = hub.runner.said("Validate")
    assert "::error title=OWN-001" in said.replace("file=cards/a.yaml,line=3,col=8,", "")
    assert "policies/own.yaml decides about others and changes" in said
    assert "policies/waivers/mine.yaml decides about others and changes" in said
    hub.review(7, "lead")
    assert hub.runner.run("validate", "pull_request_review", **payload), (
        "a waiver counts once its approver signs it off"
    )
    assert "waived" in hub.runner.said("Validate")


def test_a_fork_is_validated_and_gets_no_plan(hub: GitHubTeam) -> None:
    hub.world.card("a", purpose="second")
    payload = hub.propose(7)
    payload["pull_request"]["head"]["repo"]["full_name"] = "somebody/models"
    assert hub.runner.run("plan", "pull_request", **payload)
    assert hub.runner.run("validate", "pull_request", **payload)
    names = [one.name for one in hub.runner.ran]
    assert "Validate" in names
    assert "Plan" not in names
    assert "Show the findings on the lines" not in names


def test_a_drift_night_and_a_changed_card(hub: GitHubTeam) -> None:
    world, run = hub.world, hub.runner.run
    assert run("drift", "schedule")
    assert (hub.runner.state()["issues"], hub.runner.state()["pulls"]) == ([], {})
    world.contribute("a", MORE, DEV)
    world.contribute("b", MORE, DEV)
    begun = world.now()
    assert run("drift", "repository_dispatch", client_payload={"card": "a"})
    branch = f"cardops/pull/{OWNER}/eu-west-1/a"
    state = hub.runner.state()
    assert [one["sent"]["head"] for one in state["pulls"].values()] == [branch]
    assert hub.runner.git("diff", "--name-only", "main", branch) == "cards/a.yaml"
    tip = hub.runner.git("rev-parse", branch)
    world.client(OWNER).update_model_card(ModelCardName="b", ModelCardStatus="PendingReview")
    assert run("drift", "schedule")
    state = hub.runner.state()
    assert [one["sent"]["head"].rpartition("/")[2] for one in state["pulls"].values()] == ["a", "b"]
    assert [(one["state"], "tampered" in one["body"]) for one in state["issues"]] == [("open", True)]
    assert hub.runner.git("rev-parse", branch) == tip
    number = next(iter(state["pulls"]))
    state["reviews"][number] = [{"state": "COMMENTED"}]
    hub.runner.write(state)
    world.contribute("a", {"intended_uses": {"purpose_of_model": "first", "risk_rating": "High"}}, DEV)
    world.client(OWNER).update_model_card(ModelCardName="b", ModelCardStatus="Draft")
    assert run("drift", "schedule")
    assert hub.runner.git("rev-parse", branch) == tip, "somebody has reviewed it"
    assert [one["state"] for one in hub.runner.state()["issues"]] == ["closed"]
    mutating = [call for call in world.journal(begun, mutating=True) if call["role"]]
    assert mutating == []
