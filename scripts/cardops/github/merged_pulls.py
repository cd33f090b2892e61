"""What was merged and is not yet applied: its pull requests, and the plans that were shown on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardops.git.repository import Repository
from cardops.github.client import GitHub


@dataclass(frozen=True, slots=True)
class MergedPulls:
    """`records` are those of the ledger, oldest first."""

    root: Path
    github: GitHub
    records: Sequence[Mapping[str, Any]]

    def pulls(self) -> tuple[list[int], list[str]]:
        """The numbers of the pull requests, in the order of their merges, and commits that came without one."""
        numbers: dict[int, None] = {}
        strays = []
        for commit in self._commits():
            found = [one for one in self.github.all(f"commits/{commit}/pulls") if one["merged_at"]]
            numbers |= {int(one["number"]): None for one in found}
            strays += [] if found else [commit]
        return list(numbers), strays

    def plans(self, numbers: Sequence[int], folder: Path) -> list[int]:
        """Downloads the plan of each pull request's last commit; the numbers of those that have none."""
        without = []
        for place, number in enumerate(numbers):
            head = self.github.pull_request(number)["head"]["sha"]
            name = f"cardops-plan-{head}"
            found = [
                one
                for one in self.github.all(f"actions/artifacts?name={name}")
                if not one["expired"] and one["workflow_run"]["head_sha"] == head
            ]
            if not found:
                without.append(number)
                continue
            newest = max(found, key=lambda one: str(one["created_at"]))
            inside = folder.parent / f"artifact-{number}"
            self.github.download(newest["workflow_run"]["id"], name, inside)
            (inside / "plan.json").replace(folder / f"{place:04}-{number}.json")
        return without

    def _commits(self) -> list[str]:
        """The first-parent commits that no run has finished, oldest first; without any record only the newest.

        A run of some partitions has finished none: what it left to the others is in no record of its own.
        """
        revisions = Repository(self.root)
        head = revisions.head()
        runs = [one for one in self.records if one["scope"] == "all" and revisions.has(str(one["commit"]))]
        done = [str(one["commit"]) for one in runs if one["complete"] and not one.get("partitions")]
        if done:
            since = done[-1]
        else:
            since = revisions.first_parent(str(runs[0]["commit"]) if runs else head)
        return [merge.commit for merge in reversed(revisions.merges(since, head))]
