"""A real git repository with cards, people who commit to it, and the three ways to merge."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIG = """\
version: 1
repository: gov-test-1a2b
region: eu-west-1
home: hub
accounts:
  hub: {id: "111111111111"}
  ml-dev: {id: "222222222222"}
signoff: %s
approvers: {model-risk: [risk-lead, risk-deputy]}
"""


class TeamRepository:
    """A repository with one card, `churn`, PendingReview, by ada. Nobody's git configuration applies."""

    def __init__(
        self, root: Path, signoff: str = "reviews", more: str = "", keys: Mapping[str, Path] | None = None
    ) -> None:
        """`keys`: the private ssh keys that people sign their commits with."""
        self.root = root
        self.keys = keys or {}
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.write("cardops.yaml", CONFIG % signoff + more)
        self.card("PendingReview")
        self.first = self.commit("a card", "ada")

    def git(self, *arguments: str, who: str = "ada") -> str:
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        people = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _named(who)}
        environment = kept | people | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def card(self, status: str, purpose: str = "first", name: str = "churn", path: str = "") -> None:
        text = f"name: {name}\nstatus: {status}\nowner: team-a\ncontent:\n  intended_uses:\n"
        self.write(path or f"cards/{name}.yaml", f"{text}    purpose_of_model: {json.dumps(purpose)}\n")

    def commit(self, message: str, who: str = "ada", *arguments: str) -> str:
        self.git("add", "-A")
        signing = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={self.keys[who]}") if who in self.keys else ()
        signed = ("-S",) if who in self.keys else ()
        self.git(*signing, "commit", "-q", "--allow-empty", "-m", message, *signed, *arguments, who=who)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str = "change") -> None:
        self.git("checkout", "-q", "-b", name)

    def merge(self, how: str, branch: str = "change", who: str = "merger") -> str:
        """As the platform does it: `merge`, `squash` or `rebase`; the merge commit's hash."""
        head = self.git("rev-parse", branch)
        author = self.git("log", "-1", "--format=%an", branch)
        if how == "rebase":
            self.git("checkout", "-q", branch)
            self.git("rebase", "-q", "--force-rebase", "main", who=who)
            rebased = self.git("rev-parse", "HEAD")
            self.git("checkout", "-q", "main")
            self.git("merge", "-q", "--ff-only", rebased)
            self.git("branch", "-q", "-f", branch, head)
        elif how == "squash":
            self.git("checkout", "-q", "main")
            self.git("merge", "-q", "--squash", branch)
            return self.commit(f"{branch} (#7)", author)
        else:
            self.git("checkout", "-q", "main")
            self.git("merge", "-q", "--no-ff", "-m", "Merge pull request #7", branch, who=who)
        return self.git("rev-parse", "HEAD")


def review(login: str, commit: str, state: str = "APPROVED", at: str = "2026-06-01T10:00:00Z", **more: Any) -> Any:
    """A review as the platform's API prints it."""
    return {"user": {"login": login}, "state": state, "commit_id": commit, "submitted_at": at} | more


def reviewed(head: str, merged: str | None, *reviews: Any, author: str = "ada", number: int = 7, **more: Any) -> Any:
    """The document of one pull request."""
    pull = {"number": number, "author": author, "head_sha": head, "merge_commit_sha": merged}
    return {"pull_request": pull, "reviews": list(reviews)} | more


USERS = frozenset({"ada", "bob", "risk-lead", "risk-deputy", "merger"})
"""The people with an account: at the address that `_named` gives them."""


def platform_commits(repo: TeamRepository, *revisions: str, users: frozenset[str] = USERS) -> list[Any]:
    """Commits with the logins behind them, as the platform's API prints those of a pull request."""
    shape = "--format=%H%x00%an%x00%ae%x00%cn%x00%ce"
    lines = repo.git("log", shape, *(revisions or ["--all"]), "--").splitlines()
    return [_platform_commit(line.split("\0"), users) for line in lines]


def _platform_commit(fields: list[str], users: frozenset[str]) -> Any:
    sha, name, email, committer, address = fields

    def account(mail: str) -> Any:
        login = mail.removesuffix("@example.org")
        return {"login": login} if login in users else None

    commit = {"author": {"name": name, "email": email}, "committer": {"name": committer, "email": address}}
    return {"sha": sha, "commit": commit, "author": account(email), "committer": account(address)}


def _named(who: str) -> list[tuple[str, str]]:
    return [("NAME", who), ("EMAIL", f"{who}@example.org")]
