"""The ledger: a branch of the repository that only grows, with one commit for each run.

`runs/` holds the record of each run, `state/` what was observed after it, one file for each account and region;
git keeps every former state, so the ledger also answers for any day in the past. Nothing here touches the work
tree or the index.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cardops.git.process import run_git, write_tree
from cardops.model.errors import GitError

DEFAULT_BRANCH = "cardops-ledger"
NOWHERE = "0" * 40


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One commit of the ledger; `when` is ISO 8601 in UTC."""

    commit: str
    when: str


class Ledger:
    """`branch` is a local branch, or one that was only fetched from `origin`. Raises GitError."""

    def __init__(self, root: Path, branch: str = DEFAULT_BRANCH) -> None:
        self.root = root
        self.branch = branch

    def append(self, files: Mapping[str, str], subject: str) -> str:
        """A commit with these files added or replaced; its hash. Raises GitError if another run appended meanwhile."""
        tip = self.tip()
        tree = write_tree(self.root, tip, {path: text.encode() for path, text in files.items()})
        parents = ["-p", tip] if tip else []
        commit = run_git(self.root, ["commit-tree", tree, *parents, "-m", subject], environment=_identity())
        name = commit.decode().strip()
        run_git(self.root, ["update-ref", f"refs/heads/{self.branch}", name, self._local() or NOWHERE])
        return name

    def pages(self) -> list[LedgerEntry]:
        """Every commit, newest first; empty if there is no ledger."""
        tip = self.tip()
        if not tip:
            return []
        listing = run_git(self.root, ["log", "--first-parent", "--format=%H %cI", tip], environment={"TZ": "UTC0"})
        return [LedgerEntry(*line.split(" ")) for line in listing.decode().splitlines()]

    def at(self, when: str) -> str:
        """The commit that was the newest at a moment (ISO 8601) or at the end of a day (YYYY-MM-DD), or nothing."""
        tip = self.tip()
        moment = f"{when}T23:59:59Z" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", when) else when
        found = run_git(self.root, ["rev-list", "-1", f"--before={moment}", tip]) if tip else b""
        return found.decode().strip()

    def read(self, commit: str, folder: str) -> dict[str, str]:
        """Path and text of every file below a folder, as of a commit."""
        return {path: self._text(commit, path) for path in self._paths(commit, folder)}

    def newest_first(self, folder: str) -> Iterator[str]:
        """The texts of the files below a folder, the last name first: names of runs begin with a time."""
        if tip := self.tip():
            yield from (self._text(tip, path) for path in reversed(self._paths(tip, folder)))

    def tip(self) -> str:
        """The newest commit of the ledger, or nothing."""
        return self._local() or self._resolve(f"refs/remotes/origin/{self.branch}")

    def _paths(self, commit: str, folder: str) -> list[str]:
        listing = run_git(self.root, ["ls-tree", "-r", "-z", "--name-only", commit, f"{folder}/"]).decode()
        return [path for path in listing.split("\0") if path]

    def _text(self, commit: str, path: str) -> str:
        return run_git(self.root, ["cat-file", "blob", f"{commit}:{path}"]).decode()

    def _local(self) -> str:
        return self._resolve(f"refs/heads/{self.branch}")

    def _resolve(self, ref: str) -> str:
        try:
            return run_git(self.root, ["rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"]).decode().strip()
        except GitError:
            return ""


def _identity() -> dict[str, str]:
    """A runner often has no identity; the record in the commit says who acted."""
    names = {"GIT_AUTHOR_NAME": "cardops", "GIT_AUTHOR_EMAIL": "cardops@localhost"}
    names |= {"GIT_COMMITTER_NAME": "cardops", "GIT_COMMITTER_EMAIL": "cardops@localhost"}
    return {key: os.environ.get(key, value) for key, value in names.items()}
