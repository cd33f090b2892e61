"""What a run leaves: its record in a file and on the ledger, and what AWS held afterwards."""

import getpass
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cardops.cli.planning import Planned
from cardops.cli.repository import write_whole
from cardops.errors import ExitCode
from cardops.revisions.ledger import DEFAULT_BRANCH, Ledger

if TYPE_CHECKING:
    from cardops.apply.run import Result
    from cardops.observed import Observed
    from cardops.plan.steps import Plan
    from cardops.ports import Cloud

Scope = Literal["all", "narrowing"]

record_option = click.option(
    "--record",
    "record_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the record of this run here: an in-toto Statement, without content of cards.",
)
ledger_option = click.option(
    "--ledger",
    is_flag=False,
    flag_value=DEFAULT_BRANCH,
    default="",
    metavar="[BRANCH]",
    help=f"Append the record, and what AWS holds after it, to this branch ({DEFAULT_BRANCH}).",
)


def now() -> str:
    """This moment in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Recorder:
    """Where records go; nowhere, if neither a file nor a branch is named. `started` is when the run began."""

    root: Path
    file: Path | None
    branch: str
    scope: Scope = "all"
    reason: str = ""
    started: str = field(default_factory=now)

    @property
    def wanted(self) -> bool:
        """Whether anybody asked for a record."""
        return self.file is not None or bool(self.branch)

    def write(
        self, planned: Planned, plan: "Plan", results: "Sequence[Result]", cloud: "Cloud", code: ExitCode, refused: bool
    ) -> None:
        """Looks at AWS again and leaves the record. Raises GitError when somebody else appended meanwhile."""
        from cardops.record import Run, Seen, snapshot, statement

        after = _observe(planned, plan, results, cloud)
        desired = planned.given.desired
        signed = tuple((desired.cards[key], found) for key, found in sorted(planned.given.approvals.items()))
        run = Run(self.started, now(), actor(), job(), int(code), self.scope, self.reason, refused)
        seen = Seen(planned.given.observed, after, tuple(planned.checked), signed)
        text = json.dumps(statement(plan, results, seen, run), indent=1, ensure_ascii=False) + "\n"
        if self.file is not None:
            write_whole(self.file, text)
        if self.branch:
            name = f"runs/{run.started.replace(':', '')}-{plan.commit[:12]}.json"
            files = {name: text} | snapshot(after, plan.repository)
            Ledger(self.root, self.branch).append(files, f"apply {plan.commit[:12]}: exit {int(code)}")


def actor() -> str:
    """Who runs this: the platform's login in CI, else the machine's."""
    return os.environ.get("GITHUB_ACTOR") or getpass.getuser()


def job() -> str:
    """The address of the CI run, or nothing."""
    server, repository, run = (os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def _observe(planned: Planned, plan: "Plan", results: "Sequence[Result]", cloud: "Cloud") -> "Observed":
    """Everything as it is now; the cards that the run touched with the content that was found, not just proven."""
    from cardops.observe import observe, observe_contents
    from cardops.record import touched

    desired = planned.given.desired
    after = observe(cloud, desired)
    known = [desired.cards[key] for key in touched(plan, results) if key in desired.cards]
    return replace(after, cards={**after.cards, **observe_contents(cloud, known, thorough=True).cards})
