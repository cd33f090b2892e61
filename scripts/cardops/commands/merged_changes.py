"""Find what was merged and is not applied yet: its pull requests, their reviews, and the plans that were shown."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardops.commands import plan_file
from cardops.commands.platform import Change, Platform
from cardops.commands.workspace import write_atomically
from cardops.git.process import run_git
from cardops.git.repository import Repository
from cardops.model.errors import GitError, UsageError

Record = Mapping[str, Any]


@dataclass(slots=True)
class ConfirmedRecords:
    """Records of runs that the platform confirms: anybody who may push could write one onto the ledger."""

    platform: Platform
    _known: dict[str, tuple[bool, str]] = field(default_factory=dict)

    def confirms(self, record: Record) -> bool:
        """Whether a run of our apply workflow on the default branch left just this record. Raises CardopsError."""
        job = str(record.get("job", ""))
        if not job:
            return False
        if job not in self._known:
            self._known[job] = self.platform.run_record(job)
        confirmed, text = self._known[job]
        return confirmed and (not text or _predicate(text) == record)


def _predicate(text: str) -> object:
    try:
        return json.loads(text)["predicate"]
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class MergedChanges:
    """`records` are those of the ledger, oldest first."""

    root: Path
    platform: Platform
    records: Sequence[Record]
    confirms: Callable[[Record], bool]
    log: Callable[[str], None]

    def numbers(self) -> tuple[list[int], list[str]]:
        """The numbers of the pull requests, in the order of their merges, and commits that came without one."""
        numbers: dict[int, None] = {}
        strays = []
        for commit in self._commits():
            found = self.platform.merged_as(commit)
            numbers |= dict.fromkeys(found)
            strays += [] if found else [commit]
        return list(numbers), strays

    def plans(self, numbers: Sequence[int], folder: Path) -> dict[int, str]:
        """Write the plan of each pull request that counts; returns why there is none for the others.

        A plan that counted and that the platform has deleted since is no reason to stop: what nobody can see any more
        in a plan is held.
        """
        return {number: why for place, number in enumerate(numbers) if (why := self._plan(place, number, folder))}

    def _plan(self, place: int, number: int, folder: Path) -> str:
        revisions, change = Repository(self.root), self.platform.change(number)
        if not revisions.has(change.merge):
            return f"its merge commit {change.merge[:12] or '(none)'} is not in this clone"
        before = revisions.first_parent(change.merge)
        tree = run_git(self.root, ["rev-parse", f"{change.merge}^{{tree}}"]).decode().strip()
        why = "the plan workflow made none of its last commit"
        for artifact in self.platform.plans(change, tree):
            if self._edited(artifact.path, change, before):
                return f"it changes {artifact.path}, which makes the plans"
            if artifact.expired:
                self.log(f"the plan of pull request {number} has expired, so what it widens is held")
                return ""
            inside = folder.parent / f"artifact-{number}"
            self.platform.download(artifact, inside)
            if why := self._refusal(inside / "plan.json", before):
                continue
            (inside / "plan.json").replace(folder / f"{place:04}-{number}.json")
            return ""
        return why

    def _refusal(self, path: Path, before: str) -> str:
        """Why a plan does not count: it has to be of what the merge changed, seen from the line that it joined."""
        try:
            base = plan_file.read(path).base
        except UsageError as problem:
            return problem.message
        if not base:
            return "its plan is against no revision"
        revisions = Repository(self.root)
        if not before or not revisions.has(base) or not revisions.on_first_parents(base, before):
            return f"its plan is against {base[:12]}, which is not a commit of the branch that it was merged into"
        return ""

    def _edited(self, path: str, change: Change, before: str) -> bool:
        """Whether the pull request itself changes the workflow that made its plan."""
        try:
            start = Repository(self.root).merge_base(change.head, before)
        except GitError:
            return True
        blobs = [self._blob(commit, path) for commit in (start, change.head)]
        return blobs[0] != blobs[1]

    def _blob(self, commit: str, path: str) -> str:
        try:
            return run_git(self.root, ["rev-parse", "--verify", "--quiet", f"{commit}:{path}"]).decode().strip()
        except GitError:
            return ""

    def _commits(self) -> list[str]:
        """The first-parent commits that no run has finished, oldest first; without any record only the newest."""
        revisions = Repository(self.root)
        head = revisions.head()
        return [merge.commit for merge in reversed(revisions.merges(self._since(revisions, head), head))]

    def _since(self, revisions: Repository, head: str) -> str:
        """The commit of the last run that left nothing undone.

        A run of some partitions has finished none: what it left to the others is in no record of its own.
        """
        oldest = head
        for record in reversed(self.records):
            commit = str(record.get("commit", ""))
            if record.get("scope") != "all" or not revisions.has(commit):
                continue
            if not self.confirms(record):
                self.log(f"the record of {commit[:12]} on the ledger counts for nothing: no run of ours left it")
                continue
            if record["complete"] and not record.get("partitions"):
                return commit
            oldest = commit
        return revisions.first_parent(oldest)


def write_merged(changes: MergedChanges, folder: Path, by_hand: bool) -> Iterator[str]:
    """Write reviews.json, and plans/ unless somebody has looked `by_hand`; yields what stops an apply, in words."""
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    numbers, strays = changes.numbers()
    reviews = [changes.platform.review_file(changes.root, one) for one in numbers]
    write_atomically(folder / "reviews.json", json.dumps(reviews, indent=1))
    if by_hand:
        return
    yield from (f"Commit {commit[:12]} came without a pull request." for commit in strays)
    for number, why in changes.plans(numbers, folder / "plans").items():
        yield f"Pull request {number} has no plan that counts: {why}."
