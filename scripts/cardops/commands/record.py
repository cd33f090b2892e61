"""Write the record of a run, and what AWS held after it, to a file and to the ledger."""

import getpass
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cardops.apply.results import StepResult
from cardops.audit.record import ObservedSnapshot, RunRecord, affected_resources, snapshot, statement
from cardops.commands.plan import PlanResult
from cardops.commands.workspace import write_atomically
from cardops.git.ledger import Ledger
from cardops.model.desired import AccountRegion
from cardops.model.errors import ExitCode
from cardops.model.observed import Observed
from cardops.model.ports import Cloud
from cardops.observed.reader import observe, observe_contents
from cardops.plan.steps import Plan

Scope = Literal["all", "narrowing"]


def now() -> str:
    """This moment in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes records to a file, a branch or a folder, if one is named. `started` is when the run began.

    `places` are those that the run is about; none: all.
    """

    root: Path
    file: Path | None
    branch: str
    scope: Scope = "all"
    reason: str = ""
    pages: Path | None = None
    places: frozenset[AccountRegion] = frozenset()
    started: str = field(default_factory=now)

    @property
    def wanted(self) -> bool:
        """Return True if a record was requested."""
        return self.file is not None or self.pages is not None or bool(self.branch)

    def write(
        self,
        planned: PlanResult,
        plan: Plan,
        results: Sequence[StepResult],
        cloud: Cloud,
        code: ExitCode,
        refused: bool,
    ) -> None:
        """Observe AWS again and write the record. Raises GitError if another run appended meanwhile."""
        self.leave(planned, plan, results, self._observe(planned, plan, results, cloud), code, refused)

    def leave(
        self,
        planned: PlanResult,
        plan: Plan,
        results: Sequence[StepResult],
        after: Observed,
        code: ExitCode,
        refused: bool,
    ) -> None:
        """The record, where AWS is known to be as it was observed `after` the run."""
        desired = planned.given.desired
        signed = tuple(
            (desired.cards[key], found)
            for key, found in sorted(planned.given.approvals.items())
            if not self.places or key.place in self.places
        )
        partitions = tuple(map(str, sorted(self.places)))
        run = RunRecord(self.started, now(), actor(), job(), int(code), self.scope, self.reason, refused, partitions)
        seen = ObservedSnapshot(planned.given.observed, after, tuple(planned.checked), signed)
        self.publish(statement(plan, results, seen, run), snapshot(after, plan.repository))

    def publish(self, record: Mapping[str, Any], states: Mapping[str, str]) -> None:
        """To the file, the folder and the branch, as they were asked for."""
        text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        predicate = record["predicate"]
        name = f"runs/{predicate['started'].replace(':', '')}-{predicate['commit'][:12]}.json"
        files = {name: text, **states}
        if self.file is not None:
            write_atomically(self.file, text)
        if self.pages is not None:
            write_pages(self.pages, files)
        if self.branch:
            subject = f"apply {predicate['commit'][:12]}: exit {predicate['exit_code']}"
            Ledger(self.root, self.branch).append(files, subject)

    def _observe(self, planned: PlanResult, plan: Plan, results: Sequence[StepResult], cloud: Cloud) -> Observed:
        """Everything as it is now; the cards that the run touched with the content that was found.

        What the index proves equal it has found, too: a version's content never changes.
        """
        desired = planned.given.desired
        wanted = {key for key in affected_resources(plan, results) if key in desired.cards}
        after = observe(cloud, desired, only=self.places or None, contents=wanted)
        seen = {key for key in wanted if (live := after.cards.get(key)) and live.content is not None}
        unseen = [desired.cards[key] for key in sorted(wanted - seen)]
        return replace(after, cards={**after.cards, **observe_contents(cloud, unseen, thorough=True).cards})


def write_pages(folder: Path, files: Mapping[str, str]) -> None:
    """Files below a folder, by their paths in it."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / path, text)


def actor() -> str:
    """Return the actor: the platform's login in CI, else the machine's user."""
    return os.environ.get("GITHUB_ACTOR") or getpass.getuser()


def job() -> str:
    """The address of the CI run, or nothing."""
    server, repository, run = (os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
