"""Each step of the workflows is there for something: without it, a check of its workflow fails."""

from collections.abc import Iterator

import pytest
import yaml

from cardops.sandbox.core.server import Sandbox
from support.github_team import MORE, GitHubTeam, approve_and_edit, purposes
from support.workflow_runner import ROOT
from support.workspace import DEV, OWNER, PERMITTING

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]


def checks_validate(hub: GitHubTeam) -> None:
    """An approval that is reviewed passes, and its findings are shown on the lines."""
    payload = approve_and_edit(hub)
    hub.review(7, "lead")
    assert hub.runner.run("validate", "pull_request_review", **payload)
    assert "::notice" in hub.runner.said("Validate")
    assert hub.runner.said("Show the findings on the lines") == ""
    assert "CODEOWNERS has no lines of cardops" in hub.runner.said("Hold CODEOWNERS against what is declared")


def checks_plan(hub: GitHubTeam) -> None:
    """The comment is there, and the plan is kept for the merge."""
    assert hub.runner.run("plan", "pull_request", **approve_and_edit(hub))
    assert "Merging this changes 3 cards" in hub.comments("plan")[0]
    assert hub.runner.state()["artifacts"]


def checks_merge(hub: GitHubTeam) -> None:
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


def checks_by_hand(hub: GitHubTeam) -> None:
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


def checks_hour(hub: GitHubTeam) -> None:
    """An hour looks for what has expired in one job, and leaves a record of that."""
    hub.runner.vars = {"CARDOPS_RECORDS": "s3://audit/records"}
    assert hub.runner.run("reconcile", "schedule")
    assert {one.job for one in hub.runner.ran} == {"narrow"}
    assert "only narrowing" in hub.runner.said("End what has expired")
    assert len(hub.runner.git("ls-tree", "--name-only", "cardops-ledger", "runs/").splitlines()) == 2
    assert [one["name"] for one in hub.runner.state()["artifacts"]] == ["cardops-record-1-1"]
    assert "record.json" in (hub.runner.place / "gh" / "aws").read_text()


def checks_drift(hub: GitHubTeam) -> None:
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
    "Take the identity of the app, which alone may push to the ledger",  # where there is an app
    "Refuse another base than the default branch",  # test_what_was_merged.py has a pull request with one
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
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubTeam]:
    """A repository for workflows that change nothing in AWS."""
    with Sandbox(options=PERMITTING) as sandbox:
        made = GitHubTeam(tmp_path_factory.mktemp("shared"), sandbox.url)
        yield made
        made.world.close()


@pytest.fixture
def fresh(request: pytest.FixtureRequest, check: str) -> GitHubTeam:
    """A repository where nobody has done anything yet."""
    if check in ("merge", "by hand", "hour"):
        found: GitHubTeam = request.getfixturevalue("hub")
        return found
    found = request.getfixturevalue("shared")
    found.git("checkout", "-q", "-f", "main")
    found.runner.forget()
    found.runner.ran.clear()
    for branch in found.runner.git("for-each-ref", "--format=%(refname)", "refs/heads/cardops/").splitlines():
        found.runner.git("update-ref", "-d", branch)
    return found


@pytest.mark.parametrize(("check", "workflow", "job", "step"), list(steps()))
def test_no_step_can_be_left_out(fresh: GitHubTeam, check: str, workflow: str, job: str, step: str) -> None:
    fresh.runner.without = frozenset({(workflow, job, step)})
    with pytest.raises((AssertionError, OSError, StopIteration, IndexError)):
        CHECKS[check](fresh)


@pytest.mark.parametrize("check", CHECKS)
def test_all_steps_together_do_what_they_are_for(fresh: GitHubTeam, check: str) -> None:
    fresh.runner.without = frozenset()
    CHECKS[check](fresh)
