"""The workflows' own steps, run in order: a pull request's life, a drift night, and what each step is there for."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cardops.sandbox.server import Sandbox
from e2e.runner import ROOT, Runner
from e2e.world import CONFIG, DEV, OWNER, World

SIGNED = CONFIG.replace("signoff: none", "signoff: reviews\napprovers: {model-risk: [lead]}")
SIGNED = SIGNED.replace(f'"{DEV}", role: cardops-consumer', f'"{DEV}", role: cardops-consumer, plan_role: cardops-plan')
MORE = {"intended_uses": {"purpose_of_model": "first", "risk_rating": "Low"}}


class Hub:
    """A team's repository on GitHub: main, pull requests, reviews and merges."""

    def __init__(self, place: Path, url: str) -> None:
        self.world = World(place / "laptop", url)
        self.runner = Runner(self.world, place)
        self.git = self.world.git
        self.git("init", "-q", "--bare", "-b", "main", str(self.runner.origin))
        self.git("remote", "add", "origin", str(self.runner.origin))
        self.world.write("cardops.yaml", SIGNED)
        for name in ("action.yml", "requirements-run.lock"):
            shutil.copy(ROOT / name, self.world.root)
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / "scripts", self.world.root / "scripts", ignore=ignored)
        for name in ("a", "b"):
            self.world.card(name)
        self.world.card("churn", "PendingReview")
        self.world.commit("the first cards")
        assert self.world.apply("--ledger").code == 0
        self.git("push", "-q", "origin", "main", "cardops-ledger")

    def propose(self, number: int, author: str = "ada") -> dict[str, Any]:
        """What is in the work tree, as a pull request or a further push to it; the event's payload."""
        branch = f"change-{number}"
        self.git("checkout", "-q", "-B", branch)
        head = self.world.commit(f"change {number}")
        self.git("push", "-q", "-f", "origin", f"{head}:refs/pull/{number}/head")
        base = self.git("rev-parse", "main")
        self.git("checkout", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "-m", "test merge", branch)
        self.git("push", "-q", "-f", "origin", f"HEAD:refs/pull/{number}/merge")
        self.git("checkout", "-q", branch)
        state = self.runner.state()
        pull = {"number": number, "user": {"login": author}, "merged_at": None, "merge_commit_sha": None}
        pull |= {
            "head": {"sha": head, "ref": branch, "repo": {"full_name": "example-org/models"}},
            "base": {"sha": base},
        }
        state["pulls"][str(number)] = pull
        self.runner.write(state)
        return {"pull_request": pull}

    def review(self, number: int, login: str) -> None:
        """Somebody approves the head commit."""
        state = self.runner.state()
        head = state["pulls"][str(number)]["head"]["sha"]
        word = {
            "user": {"login": login},
            "state": "APPROVED",
            "commit_id": head,
            "submitted_at": "2026-06-01T10:00:00Z",
        }
        state["reviews"].setdefault(str(number), []).append(word)
        self.runner.write(state)

    def merge(self, number: int) -> None:
        """Squashed onto main."""
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--squash", f"change-{number}")
        merged = self.world.commit(f"change {number} (#{number})")
        self.git("push", "-q", "origin", "main")
        state = self.runner.state()
        state["pulls"][str(number)] |= {"merge_commit_sha": merged, "merged_at": "2026-06-02T10:00:00Z"}
        self.runner.write(state)

    def comments(self, kind: str) -> list[str]:
        """The bodies of comments of a kind."""
        return [one["body"] for one in self.runner.state()["comments"] if f"cardops:{kind}" in one["body"]]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A repository of three applied cards: two drafts, and one under review."""
    with Sandbox() as sandbox:
        made = Hub(tmp_path, sandbox.url)
        yield made
        made.world.close()


def approve_and_edit(hub: Hub) -> dict[str, Any]:
    """A pull request that approves one card and edits two."""
    hub.world.card("churn", "Approved")
    for name in ("a", "b"):
        hub.world.card(name, purpose="second")
    return hub.propose(7)


def purposes(hub: Hub) -> list[str]:
    return [hub.world.live(name)["content"]["intended_uses"]["purpose_of_model"] for name in ("a", "b")]


def test_a_pull_request_s_life_from_open_to_release(hub: Hub) -> None:
    run, world = hub.runner.run, hub.world
    payload = approve_and_edit(hub)
    begun = world.now()
    assert not run("validate", "pull_request", **payload)
    assert "signoff/missing" in hub.runner.said("Validate")
    assert run("plan", "pull_request", **payload)
    hub.review(7, "lead")
    assert run("validate", "pull_request_review", **payload)
    assert run("plan", "pull_request", **payload)
    assert world.journal(begun, mutating=True) == []
    (shown,) = hub.comments("plan")
    assert shown.startswith("✅ **Merging this changes 3 cards")
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


def test_an_old_run_that_is_run_again_reverts_nothing(hub: Hub) -> None:
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


def test_merges_that_nobody_saw_a_plan_of_are_held_and_said(hub: Hub) -> None:
    hub.world.card("a", purpose="second")
    hub.propose(7)
    hub.merge(7)
    begun = hub.world.now()
    assert not hub.runner.run("reconcile", "push")
    assert "pull request 7 has no plan of its last commit" in hub.runner.said(
        "Ask what was merged, who reviewed it and what was shown"
    )
    assert "This run could not say what it did" in hub.comments("apply")[0]
    hub.world.card("b", purpose="second")
    hub.world.commit("straight onto main")
    hub.git("push", "-q", "origin", "main")
    assert not hub.runner.run("reconcile", "push")
    assert "came without a pull request" in hub.runner.said("Ask what was merged, who reviewed it and what was shown")
    assert hub.world.journal(begun, mutating=True) == []


def test_accounts_are_applied_side_by_side_and_only_the_one_that_failed_is_started_again(hub: Hub) -> None:
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


def test_a_pull_request_does_not_judge_itself(hub: Hub) -> None:
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
    assert not hub.runner.run("validate", "pull_request_review", **payload), "a signed-off waiver counts once merged"


def test_a_fork_is_validated_and_gets_no_plan(hub: Hub) -> None:
    hub.world.card("a", purpose="second")
    payload = hub.propose(7)
    payload["pull_request"]["head"]["repo"]["full_name"] = "somebody/models"
    assert hub.runner.run("plan", "pull_request", **payload)
    assert hub.runner.run("validate", "pull_request", **payload)
    names = [one.name for one in hub.runner.ran]
    assert "Validate" in names
    assert "Plan" not in names
    assert "Show the findings on the lines" not in names


def test_a_drift_night_and_a_changed_card(hub: Hub) -> None:
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


def checks_validate(hub: Hub) -> None:
    """An approval that is reviewed passes, and its findings are shown on the lines."""
    payload = approve_and_edit(hub)
    hub.review(7, "lead")
    assert hub.runner.run("validate", "pull_request_review", **payload)
    assert "::notice" in hub.runner.said("Validate")
    assert hub.runner.said("Show the findings on the lines") == ""
    assert "CODEOWNERS has no lines of cardops" in hub.runner.said("Hold CODEOWNERS against what is declared")


def checks_plan(hub: Hub) -> None:
    """The comment is there, and the plan is kept for the merge."""
    assert hub.runner.run("plan", "pull_request", **approve_and_edit(hub))
    assert "Merging this changes 3 cards" in hub.comments("plan")[0]
    assert hub.runner.state()["artifacts"]


def checks_merge(hub: Hub) -> None:
    """What was merged is applied, what moved meanwhile is held with its new digest; all is said and recorded."""
    for name in ("a", "b"):
        hub.world.card(name, purpose="second")
    assert hub.runner.run("plan", "pull_request", **hub.propose(7))
    hub.merge(7)
    hub.world.contribute("b", MORE, DEV)
    assert not hub.runner.run("reconcile", "push")
    assert purposes(hub) == ["second", "first"]
    told = hub.comments("apply")[0]
    assert told.startswith("✋ **Applied in part")
    assert "with the digest `" in told
    assert len(hub.runner.git("ls-tree", "--name-only", "cardops-ledger", "runs/").splitlines()) == 2
    kept = [one["name"] for one in hub.runner.state()["artifacts"]][1:]
    assert kept == ["cardops-run", "cardops-part-0", "cardops-record-2-1"]


def checks_by_hand(hub: Hub) -> None:
    """What nobody saw is applied by its digest, and the record goes to a bucket."""
    hub.world.card("b", purpose="second")
    hub.world.commit("by hand")
    hub.git("push", "-q", "origin", "main")
    digest = hub.world.cardops("plan", "--format", "json").out.split('"digest": "')[1][:32]
    hub.runner.vars = {"CARDOPS_RECORDS": "s3://audit/records"}
    assert hub.runner.run("reconcile", "workflow_dispatch", inputs={"digest": digest})
    assert purposes(hub) == ["first", "second"]
    copied = (hub.runner.place / "gh" / "aws").read_text()
    assert copied == "s3 cp ../record.json s3://audit/records/1-1.json\n"


def checks_hour(hub: Hub) -> None:
    """An hour looks for what has expired in one job, and leaves a record of that."""
    hub.runner.vars = {"CARDOPS_RECORDS": "s3://audit/records"}
    assert hub.runner.run("reconcile", "schedule")
    assert {one.job for one in hub.runner.ran} == {"narrow"}
    assert "only narrowing" in hub.runner.said("End what has expired")
    assert len(hub.runner.git("ls-tree", "--name-only", "cardops-ledger", "runs/").splitlines()) == 2
    assert [one["name"] for one in hub.runner.state()["artifacts"]] == ["cardops-record-1-1"]
    assert "record.json" in (hub.runner.place / "gh" / "aws").read_text()


def checks_drift(hub: Hub) -> None:
    """A contribution becomes a pull request, tampering an issue."""
    hub.world.contribute("a", MORE, DEV)
    hub.world.client(OWNER).update_model_card(ModelCardName="b", ModelCardStatus="PendingReview")
    hub.runner.run("drift", "schedule")
    assert len(hub.runner.state()["pulls"]) == 1
    assert len(hub.runner.state()["issues"]) == 1


CHECKS = {
    "validate": checks_validate,
    "plan": checks_plan,
    "merge": checks_merge,
    "by hand": checks_by_hand,
    "hour": checks_hour,
    "drift": checks_drift,
}
BY_HAND = {"Ask whom to tell, and who reviewed it", "Plan what was released", "Keep the record in a bucket"}
SPARE = {
    "Validate, for code scanning",  # seen only through the step that shows its findings
    "Take the identity of the app, whose pull requests start checks",  # where there is an app
}


def steps() -> Iterator[tuple[str, str, str, str]]:
    """Each step with the check that misses it: check, workflow, job, step."""
    for workflow in ("validate", "plan", "reconcile", "drift"):
        text = yaml.safe_load((ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text())
        for name, job in text["jobs"].items():
            for step in (step["name"] for step in job["steps"] if step["name"] not in SPARE):
                check = "hour" if name == "narrow" else "by hand" if step in BY_HAND else "merge"
                yield check if workflow == "reconcile" else workflow, workflow, name, step


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A repository for workflows that change nothing in AWS."""
    with Sandbox() as sandbox:
        made = Hub(tmp_path_factory.mktemp("shared"), sandbox.url)
        yield made
        made.world.close()


@pytest.fixture
def fresh(request: pytest.FixtureRequest, check: str) -> Hub:
    """A repository where nobody has done anything yet."""
    if check in ("merge", "by hand", "hour"):
        found: Hub = request.getfixturevalue("hub")
        return found
    found = request.getfixturevalue("shared")
    found.git("checkout", "-q", "-f", "main")
    found.runner.forget()
    found.runner.ran.clear()
    for branch in found.runner.git("for-each-ref", "--format=%(refname)", "refs/heads/cardops/").splitlines():
        found.runner.git("update-ref", "-d", branch)
    return found


@pytest.mark.parametrize(("check", "workflow", "job", "step"), list(steps()))
def test_no_step_can_be_left_out(fresh: Hub, check: str, workflow: str, job: str, step: str) -> None:
    fresh.runner.without = frozenset({(workflow, job, step)})
    with pytest.raises((AssertionError, OSError, StopIteration, IndexError)):
        CHECKS[check](fresh)


@pytest.mark.parametrize("check", CHECKS)
def test_all_steps_together_do_what_they_are_for(fresh: Hub, check: str) -> None:
    fresh.runner.without = frozenset()
    CHECKS[check](fresh)
