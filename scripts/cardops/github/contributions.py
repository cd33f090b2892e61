"""Bring drift to GitHub: a pull request for each contributed card, and one issue for tampering."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardops.commands.pull import PullResult, PullRun
from cardops.git.process import run_git
from cardops.github.client import CREDENTIALS, GitHub
from cardops.model.desired import Config
from cardops.model.errors import GitError
from cardops.model.ports import Cloud

LABEL = "cardops-drift"
"""The label by which the issue is found again."""

TITLE = "Changed in AWS behind git's back"
WRONG = ("tampered", "missing", "conflicting")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What became of one card: the pull, or the number of the pull request that stays because it was reviewed."""

    card: str
    branch: str
    commit: str = ""
    pulled: PullResult | None = None
    reviewed: int = 0


@dataclass(frozen=True, slots=True)
class Contributions:
    """The pull requests of a repository that bring live contributions to git.

    `connect` gives the AWS clients of a configuration, `quote` the Markdown of text that must not be interpreted.
    """

    root: Path
    github: GitHub
    today: str
    connect: Callable[[Config], Cloud]
    quote: Callable[[str], str]

    def bring(self, drift: Mapping[str, Any], only: str) -> Iterator[Contribution]:
        """Push one branch and open one pull request for each card. Raises CardopsError."""
        cards = {
            (one["account"], one["region"], one["resource"]): None
            for one in drift["differences"]
            if one["kind"] == "contributed" and only in ("", one["resource"])
        }
        for card in cards:
            yield self._bring(*card)

    def _bring(self, account: str, region: str, card: str) -> Contribution:
        branch = f"cardops/pull/{account}/{region}/{card}"
        owner = self.github.repository.partition("/")[0]
        opened = self.github.all(f"pulls?state=open&head={owner}:{branch}")
        if opened and self.github.all(f"pulls/{opened[0]['number']}/reviews"):
            return Contribution(card, branch, reviewed=int(opened[0]["number"]))
        run = PullRun.open(self.root, branch, self.today)
        pulled = run.pull(self.connect(run.workspace.config), [card], None)
        made = Contribution(card, branch, run.write(pulled.cards, restored=False), pulled)
        commit = self._commit(f"refs/heads/{branch}")
        if not commit:
            return made
        if not self._same(commit, self._commit(f"refs/remotes/origin/{branch}")):
            push = ["push", "--quiet", "--force-with-lease", "origin", f"{commit}:refs/heads/{branch}"]
            run_git(self.root, [*CREDENTIALS, *push])
        if not opened:
            self._open(branch, commit)
        return made

    def _open(self, branch: str, commit: str) -> None:
        message = run_git(self.root, ["log", "-1", "--format=%B", commit]).decode()
        title, _, body = message.partition("\n\n")
        base = run_git(self.root, ["rev-parse", "--abbrev-ref", "HEAD"]).decode().strip()
        self.github.send("POST", "pulls", {"title": title, "head": branch, "base": base, "body": self.quote(body)})

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
