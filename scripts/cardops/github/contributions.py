"""Drift on GitHub: a pull request for each card that others wrote, and one issue for what nobody should have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cardops.cli.pull import PullRun
from cardops.git.process import run_git
from cardops.github.client import CREDENTIALS, GitHub
from cardops.model.errors import ExitCode, GitError, worst_exit_code

LABEL = "cardops-drift"
"""How the issue is found again."""

TITLE = "Changed in AWS behind git's back"
WRONG = ("tampered", "missing", "conflicting")


@dataclass(frozen=True, slots=True)
class Contributions:
    """The pull requests of a repository that bring live contributions to git."""

    root: Path
    github: GitHub

    def bring(self, drift: Mapping[str, Any], only: str) -> int:
        """One branch and one pull request for each card. The gravest exit code of the pulls."""
        cards = {
            (one["account"], one["region"], one["resource"]): None
            for one in drift["differences"]
            if one["kind"] == "contributed" and only in ("", one["resource"])
        }
        return worst_exit_code([self._bring(*card) for card in cards])

    def _bring(self, account: str, region: str, card: str) -> ExitCode:
        branch = f"cardops/pull/{account}/{region}/{card}"
        owner = self.github.repository.partition("/")[0]
        opened = self.github.all(f"pulls?state=open&head={owner}:{branch}")
        if opened and self.github.all(f"pulls/{opened[0]['number']}/reviews"):
            click.echo(f"{card}: pull request {opened[0]['number']} has been reviewed, and stays as it is", err=True)
            return ExitCode.DONE
        code = ExitCode(PullRun(self.root, branch, "").run([card], None, (), "text"))
        commit = self._commit(f"refs/heads/{branch}")
        if not commit:
            return code
        if not self._same(commit, self._commit(f"refs/remotes/origin/{branch}")):
            push = ["push", "--quiet", "--force-with-lease", "origin", f"{commit}:refs/heads/{branch}"]
            run_git(self.root, [*CREDENTIALS, *push])
        if not opened:
            self._open(branch, commit)
        return code

    def _open(self, branch: str, commit: str) -> None:
        message = run_git(self.root, ["log", "-1", "--format=%B", commit]).decode()
        title, _, body = message.partition("\n\n")
        base = run_git(self.root, ["rev-parse", "--abbrev-ref", "HEAD"]).decode().strip()
        self.github.send("POST", "pulls", {"title": title, "head": branch, "base": base, "body": _fenced(body)})

    def _same(self, commit: str, other: str) -> bool:
        return (
            bool(other)
            and self._commit(f"{commit}^", "tree") == self._commit(f"{other}^", "tree")
            and (self._commit(commit, "tree") == self._commit(other, "tree"))
        )

    def _commit(self, revision: str, kind: str = "commit") -> str:
        try:
            return run_git(self.root, ["rev-parse", "--verify", "--quiet", f"{revision}^{{{kind}}}"]).decode().strip()
        except GitError:
            return ""


def update_issue(github: GitHub, drift: Mapping[str, Any], text: str) -> None:
    """Opens the issue, edits it in place, or closes it once nothing is wrong and every place could be read."""
    wrong = [one for one in drift["differences"] if one["kind"] in WRONG]
    found = _open_issue(github.all(f"issues?state=open&labels={LABEL}"))
    if not wrong:
        if found is not None and not drift["unknown"]:
            github.send("PATCH", f"issues/{found['number']}", {"state": "closed", "state_reason": "completed"})
        return
    if found is None:
        github.send("POST", "issues", {"title": TITLE, "body": text, "labels": [LABEL]})
    elif found["body"] != text:
        github.send("PATCH", f"issues/{found['number']}", {"body": text})


def _open_issue(issues: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The platform lists pull requests among issues."""
    return next((one for one in issues if "pull_request" not in one), None)


def _fenced(body: str) -> str:
    from cardops.render.markdown import fence

    return "\n".join(fence(body.strip().split("\n")))
