"""What was merged is applied as far as a plan that counts has shown it: whatever somebody else put beside it."""

import json
import re
from pathlib import Path

import pytest

from cardops.plan.steps import digest_of
from support.github_team import MORE, SIGNED, GitHubTeam
from support.workflow_runner import ROOT
from support.workspace import DEV, operations

pytestmark = pytest.mark.usefixtures("unmeasured")

ASKED = "Ask what was merged, who reviewed it and what was shown"
SECRET = 'name: secret\ncards: ["secret-*"]\ngrants:\n  - {to: ml-prod, access: contribute, while: [Draft]}\n'


def poison(hub: GitHubTeam, number: int, **run: object) -> None:
    """Upload a plan without a digest, as another run may: one of another workflow, event, repository or commit."""
    state = hub.runner.state()
    head = state["pulls"][str(number)]["head"]["sha"]
    made = {"id": 666, "path": ".github/workflows/plan.yml", "event": "pull_request", "head_sha": head}
    made |= {"head_branch": "change-7", "repository": {"id": 1}, "head_repository": {"id": 1}, "conclusion": "success"}
    state["runs"].append(made | run)
    name = f"cardops-plan-{made['head_sha']}"
    folder = hub.runner.place / "gh" / "artifacts" / "666" / name
    folder.mkdir(parents=True)
    plan = {"version": 1, "repository": "gov-test-1a2b", "commit": "", "digest": digest_of("gov-test-1a2b", {})}
    plan |= {"digests": {}, "against": {"commit": hub.git("rev-parse", "main"), "digests": {}}}
    (folder / "plan.json").write_text(json.dumps(plan))
    state["artifacts"].append({"name": name, "expired": False, "workflow_run": {"id": 666, "head_sha": head}})
    hub.runner.write(state)


@pytest.mark.parametrize(
    "run",
    [
        {"path": ".github/workflows/other.yml"},
        {"event": "workflow_dispatch"},
        {"head_sha": "0" * 40},
        {"head_repository": {"id": 2}},
        {"head_repository": None},
        {"conclusion": "failure"},
    ],
    ids=lambda run: next(iter(run)),
)
def test_an_artifact_of_any_other_run_is_no_plan(hub: GitHubTeam, run: dict[str, object]) -> None:
    hub.world.card("a", purpose="second")
    hub.propose(7)
    poison(hub, 7, **run)
    hub.merge(7)
    begun = hub.world.now()
    assert not hub.runner.run("reconcile", "push")
    assert "Pull request 7 has no plan that counts" in hub.runner.said(ASKED)
    assert operations(hub.world.journal(begun, mutating=True)) == []


def test_a_plan_seen_from_its_author_s_own_branch_does_not_count(hub: GitHubTeam) -> None:
    world, git, run = hub.world, hub.git, hub.runner.run
    world.write("cardops.yaml", SIGNED.replace("[lead]", "[lead, mallory]"))
    hub.propose(7, author="mallory")
    head = git("rev-parse", "change-7")
    git("checkout", "-q", "-B", "own-base", "main")
    world.write("README.md", "a base of my own")
    base = world.commit("a base of my own")
    git("checkout", "-q", "--detach", base)
    git("merge", "-q", "--no-ff", "-m", "test merge", head)
    git("push", "-q", "-f", "origin", "HEAD:refs/pull/7/merge", f"{base}:refs/heads/own-base")
    git("checkout", "-q", "main")
    state = hub.runner.state()
    state["pulls"]["7"]["base"] = {"sha": base, "ref": "own-base"}
    hub.runner.write(state)
    pull = state["pulls"]["7"]
    for workflow in ("validate", "plan"):
        assert not run(workflow, "pull_request", pull_request=pull)
        assert "is not the default branch" in hub.runner.said("Refuse another base than the default branch")
    pull["base"]["ref"] = "main"  # as GitHub itself retargets it, which starts no workflow
    run("plan", "pull_request", pull_request=pull | {"base": {"sha": base, "ref": "main"}})
    hub.merge(7)
    begun = world.now()
    assert not run("reconcile", "push")
    assert f"its plan is against {base[:12]}, which is not a commit of the branch" in hub.runner.said(ASKED)
    assert operations(world.journal(begun, mutating=True)) == []


def test_two_changes_that_widen_only_together_are_held_and_shown(hub: GitHubTeam) -> None:
    world, run = hub.world, hub.runner.run
    world.write("shares/secret.yaml", SECRET)
    seven = hub.propose(7)
    assert run("plan", "pull_request", **seven)
    hub.git("checkout", "-q", "main")
    world.card("secret-x")
    eight = hub.propose(8)
    assert run("plan", "pull_request", **eight)
    hub.merge(7)
    run("reconcile", "push")
    hub.merge(8)
    assert not run("reconcile", "push")
    assert world.live("secret-x")["status"] == "Draft"
    assert world.access("secret-x")["ml-prod"] == ""
    assert "no plan that was reviewed shows this" in hub.comments("apply")[-1]


def test_a_record_that_no_run_left_counts_for_nothing(hub: GitHubTeam, tmp_path: Path) -> None:
    world, run, git = hub.world, hub.runner.run, hub.runner.git
    world.card("a", purpose="second")
    assert run("plan", "pull_request", **hub.propose(7))
    world.contribute("a", MORE, DEV)
    hub.merge(7)
    assert not run("reconcile", "push")
    clone = tmp_path / "mallory"
    git("clone", "-q", str(hub.runner.origin), str(clone))
    git("checkout", "-q", "cardops-ledger", at=clone)
    newest = sorted((clone / "runs").glob("*.json"))[-1]
    forged = json.loads(newest.read_text())
    forged["predicate"] |= {"complete": True, "outcomes": [], "held": [], "commit": git("rev-parse", "main")}
    (clone / "runs" / f"9999{newest.name[4:]}").write_text(json.dumps(forged))
    forged["predicate"] |= {"commit": "f" * 40, "job": "https://github.example/example-org/models/actions/runs/99"}
    (clone / "runs" / f"99999{newest.name[5:]}").write_text(json.dumps(forged))
    git("add", "-A", at=clone)
    git("commit", "-qm", "run", at=clone)
    git("push", "-q", "origin", "cardops-ledger", at=clone)
    begun = world.now()
    assert run("reconcile", "schedule")
    assert not run("reconcile", "push")
    assert "counts for nothing: no run of ours left it" in hub.runner.said(ASKED)
    assert "UpdateModelCard" not in operations(world.journal(begun, mutating=True))


def test_a_person_s_commit_on_the_contribution_s_branch_stays(hub: GitHubTeam, tmp_path: Path) -> None:
    world, run, git = hub.world, hub.runner.run, hub.runner.git
    world.contribute("a", MORE, DEV)
    assert run("drift", "schedule")
    branch = "cardops/pull/111111111111/eu-west-1/a"
    made = git("rev-parse", branch)
    world.contribute("a", {"intended_uses": {"purpose_of_model": "first", "risk_rating": "High"}}, DEV)
    assert run("drift", "schedule")
    renewed = git("rev-parse", branch)
    assert renewed != made  # nobody else has touched it
    clone = tmp_path / "person"
    git("clone", "-q", "-b", branch, str(hub.runner.origin), str(clone))
    (clone / "cards/a.yaml").write_text((clone / "cards/a.yaml").read_text().replace("team-a", "team-b"))
    git("commit", "-qam", "A commit of my own", at=clone)
    git("push", "-q", "origin", branch, at=clone)
    own = git("rev-parse", "HEAD", at=clone)
    world.contribute("a", MORE, DEV)
    assert run("drift", "schedule")
    assert git("rev-parse", branch) == own
    assert "has commits that cardops did not make, and stays as it is" in hub.runner.said("Bring contributions to git")


def test_no_workflow_believes_a_cache() -> None:
    """A deny that a cache turns into a pass would be nobody's finding."""
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        text = path.read_text()
        assert "actions/cache" not in text, path
        for line in text.splitlines():
            if re.search(r"cardops (validate|plan) ", line) and "run:" in line:
                assert "--no-cache" in line, (path, line)
