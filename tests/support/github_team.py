"""A team's repository on GitHub, as far as the workflows see it."""

import shutil
from pathlib import Path
from typing import Any

from support.workflow_runner import ROOT, WorkflowRunner
from support.workspace import CONFIG, DEV, Workspace

SIGNED = CONFIG.replace("signoff: none", "signoff: reviews\napprovers: {model-risk: [lead]}")
SIGNED = SIGNED.replace(f'"{DEV}", role: cardops-consumer', f'"{DEV}", role: cardops-consumer, plan_role: cardops-plan')
MORE = {"intended_uses": {"purpose_of_model": "first", "risk_rating": "Low"}}


class GitHubTeam:
    """A team's repository on GitHub: main, pull requests, reviews and merges."""

    def __init__(self, place: Path, url: str) -> None:
        self.world = Workspace(place / "laptop", url)
        self.runner = WorkflowRunner(self.world, place)
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
        (self.runner.bin / "scripts").write_text(self.git("rev-parse", "HEAD:scripts"))
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
            "base": {"sha": base, "ref": "main"},
        }
        state["pulls"][str(number)] = pull
        state["commits"][str(number)] = [self._account(sha) for sha in self._listed(f"{base}..{head}")]
        state["accounts"] = {sha: self._account(sha) for sha in self._listed(head)}
        state["pushes"][f"refs/heads/{branch}"] = [{"after": head, "actor": {"login": author}}]
        self.runner.write(state)
        return {"pull_request": pull}

    def _listed(self, commits: str) -> list[str]:
        return self.git("rev-list", commits).split()

    def _account(self, sha: str) -> dict[str, Any]:
        """A commit as GitHub prints it; everybody's login is what stands before the @."""
        emails = dict(zip(("author", "committer"), self.git("log", "-1", "--format=%ae %ce", sha).split(), strict=True))
        people = {role: {"email": email} for role, email in emails.items()}
        logins = {role: {"login": email.partition("@")[0]} for role, email in emails.items()}
        return {"sha": sha, "commit": people, **logins}

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


def approve_and_edit(hub: GitHubTeam) -> dict[str, Any]:
    """A pull request that approves one card and edits two."""
    hub.world.card("churn", "Approved")
    for name in ("a", "b"):
        hub.world.card(name, purpose="second")
    return hub.propose(7)


def purposes(hub: GitHubTeam) -> list[str]:
    return [hub.world.live(name)["content"]["intended_uses"]["purpose_of_model"] for name in ("a", "b")]
