"""`cardops drift`: what changed in AWS behind git's back."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.cli.console import log
from cardops.cli.options import find_root, format_option, repository_option, write_atomically
from cardops.cli.today import today_option
from cardops.cli.trail import read_events, trail_option
from cardops.commands.plan import PlanResult, build_plan, unreachable
from cardops.model.errors import ExitCode, worst_exit_code
from cardops.model.findings import exit_code_for
from cardops.render import drift as drift_view
from cardops.render import findings as findings_view

if TYPE_CHECKING:
    from cardops.drift.model import Drift
    from cardops.git.repository import Repository
    from cardops.model.ports import Cloud
    from cardops.plan.inputs import PlanInputs


@click.command()
@repository_option
@trail_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write it here, as JSON.")
@format_option(drift_view.FORMATS)
@today_option
def command(start: Path, trail: tuple[Path, ...], out: Path | None, form: str, today: str) -> int:
    """Show what differs in AWS from what is committed at HEAD, and that no commit explains. Changes nothing.

    Exits 2 when something differs, 3 when a place could not be read. What git never knew is shown, and is no
    difference.

    \b
    Examples:
      cardops drift
      aws cloudtrail lookup-events --output json > events.json && cardops drift --cloudtrail events.json
    """
    return drift(start, trail, out, form, today)


def drift(start: Path, trail: tuple[Path, ...], out: Path | None, form: str, today: str) -> int:
    """0 without drift, 2 with it; 1 when what is committed is not valid, 3 when a place could not be read."""
    from cardops.aws.cloud import Boto3Cloud
    from cardops.desired.loader import load_repository
    from cardops.git.repository import Repository

    root = find_root(start)
    revisions = Repository(root)
    head = revisions.head()
    loaded = load_repository(revisions.tree(head), head, today)
    click.echo("\n".join(findings_view.lines(loaded.findings)), err=True, nl=bool(loaded.findings))
    if loaded.desired is None:
        return ExitCode.DENIED
    cloud = Boto3Cloud(loaded.desired.config, "plan_role")
    planned = build_plan(loaded, loaded.desired, cloud, revisions, head, today, log, governed=False)
    planned.given = _with_contents(planned.given, cloud)
    found = _named(_find(planned, revisions, head), trail)
    if out is not None:
        write_atomically(out, drift_view.as_json(found) + "\n")
    click.echo(drift_view.FORMATS[form](found))
    different = ExitCode.DIFFERENT if found.differs else ExitCode.DONE
    return worst_exit_code([unreachable(planned), exit_code_for(loaded.findings), different])


def _with_contents(given: "PlanInputs", cloud: "Cloud") -> "PlanInputs":
    """Also the content of cards that need no step: an apply may have merged what git still lacks."""
    from cardops.observed.reader import observe_contents

    live = given.observed.cards
    unread = [
        card
        for key, card in given.desired.cards.items()
        if card.origin is None and key in live and live[key].content is None
    ]
    seen = observe_contents(cloud, unread, thorough=False)
    return replace(given, observed=replace(given.observed, cards={**live, **seen.cards}))


def _find(planned: PlanResult, revisions: "Repository", head: str) -> "Drift":
    from cardops.desired.loader import load_repository
    from cardops.drift.find import find_drift
    from cardops.observed.last_applied import last_applied
    from cardops.plan.builder import make_plan

    given = planned.given
    commit = last_applied(revisions, given.observed, given.desired.config.repository, head)
    if not commit or commit == head:
        applied = given.desired if commit else None
        return find_drift(given, planned.plan, applied, planned.plan)
    desired = load_repository(revisions.tree(commit), commit).desired
    before = make_plan(replace(given, desired=desired)) if desired else planned.plan
    return find_drift(given, planned.plan, desired, before)


def _named(found: "Drift", trail: tuple[Path, ...]) -> "Drift":
    """Return the drift with the person who changed each resource, if the events tell."""
    from cardops.audit.cloudtrail import CARD_WRITES, TAG_WRITES, last_write

    events = read_events(trail)
    differences = []
    for difference in found.differences:
        tags = difference.what in ("tags", "lock")
        arn = difference.arn or (difference.card.arn if difference.card else "")
        names = None if difference.arn else TAG_WRITES if tags else CARD_WRITES
        event = last_write(events, arn, names, "" if tags else difference.when) if arn else None
        differences.append(replace(difference, who=event.who, when=event.time) if event else difference)
    return replace(found, differences=tuple(differences))
