"""Bring drift to the platform: a pull request for each contributed card, and one issue for tampering."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from cardops.commands.platform import OpenChange, Platform
from cardops.commands.pull import PullResult, PullRun
from cardops.git.process import run_git
from cardops.model.desired import Config
from cardops.model.errors import GitError
from cardops.model.ports import Cloud

LABEL = "cardops-drift"
"""The label by which the issue is found again."""

TITLE = "Changed in AWS behind git's back"
WRONG = ("tampered", "missing", "conflicting")

_PUSHED = re.compile(r"^<!-- cardops:pushed ([0-9a-f]{40,64}) -->$", re.MULTILINE)
"""The line of a description that names the commit which cardops pushed last."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What became of one card: the pull, or why its pull request (`number`) stays as it is."""

    card: str
    branch: str
    commit: str = ""
    pulled: PullResult | None = None
    number: int = 0
    stays: str = ""


@dataclass(frozen=True, slots=True)
class Contributions:
    """The pull requests of a repository that bring live contributions to git.

    `connect` gives the AWS clients of a configuration, `quote` the Markdown of text that must not be interpreted.
    """

    root: Path
    platform: Platform
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
        branch, opened = self._branch(f"cardops/pull/{account}/{region}/{card}")
        there = self._commit(f"refs/remotes/origin/{branch}")
        if opened and (why := _untouchable(opened, there)):
            return Contribution(card, branch, number=opened.number, stays=why)
        run = PullRun.open(self.root, branch, self.today)
        pulled = run.pull(self.connect(run.workspace.config), [card], None)
        made = Contribution(card, branch, run.write(pulled.cards, restored=False), pulled)
        commit = self._commit(f"refs/heads/{branch}")
        if not commit:
            return made
        if not self._same(commit, there):
            self._push(branch, commit, there)
            there = commit
        self._describe(branch, opened, there)
        return made

    def _branch(self, name: str) -> tuple[str, OpenChange | None]:
        """The branch of the card's open pull request, else one that holds nothing that is not in git's main line."""
        for number in count(1):
            branch = name if number == 1 else f"{name}-{number}"
            if opened := self.platform.open_change(branch):
                return branch, opened
            there = self._commit(f"refs/remotes/origin/{branch}")
            if not there or self._is_merged(there):
                return branch, None
        raise AssertionError("count ends nowhere")

    def _push(self, branch: str, commit: str, there: str) -> None:
        """Replace the branch, if its tip is still what was seen: a person's commit is never overwritten."""
        lease = f"--force-with-lease=refs/heads/{branch}:{there}"
        push = ["push", "--quiet", lease, "origin", f"{commit}:refs/heads/{branch}"]
        run_git(self.root, [*self.platform.git_credentials(), *push])

    def _describe(self, branch: str, opened: OpenChange | None, commit: str) -> None:
        message = run_git(self.root, ["log", "-1", "--format=%B", commit]).decode()
        title, _, body = message.partition("\n\n")
        text = f"{self.quote(body)}\n\n<!-- cardops:pushed {commit} -->"
        if opened is None:
            base = run_git(self.root, ["rev-parse", "--abbrev-ref", "HEAD"]).decode().strip()
            self.platform.propose(branch, base, title, text)
        elif _last_pushed(opened.body) != commit:
            self.platform.describe(opened.number, text)

    def _is_merged(self, commit: str) -> bool:
        try:
            run_git(self.root, ["merge-base", "--is-ancestor", commit, "HEAD"])
        except GitError:
            return False
        return True

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


def _untouchable(opened: OpenChange, tip: str) -> str:
    """Why the branch of an open pull request is left alone; empty where nobody but cardops has touched it."""
    if opened.reviewed:
        return "has been reviewed"
    return "" if tip == _last_pushed(opened.body) else "has commits that cardops did not make"


def _last_pushed(body: str) -> str:
    found = _PUSHED.findall(body.replace("\r", ""))
    return found[-1] if found else ""


def update_issue(platform: Platform, drift: Mapping[str, Any], text: str) -> None:
    """Open the issue, edit it in place, or close it once nothing is wrong and every place could be read."""
    if any(one["kind"] in WRONG for one in drift["differences"]):
        platform.keep_issue(LABEL, TITLE, text)
    elif not drift["unknown"]:
        platform.close_issue(LABEL)
