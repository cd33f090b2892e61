"""`cardops plan`: desired against observed, read only."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from cardops.cli.console import log
from cardops.cli.options import (
    cache_option,
    checked,
    find_root,
    format_option,
    links_options,
    load_governed,
    repository_option,
    write_atomically,
)
from cardops.cli.parts import places_named
from cardops.cli.today import today_option
from cardops.commands.plan import build_plan, unreachable
from cardops.desired.loader import Loaded
from cardops.desired.sources import WorkTree
from cardops.model.errors import ExitCode, UsageError, worst_exit_code
from cardops.model.findings import exit_code_for
from cardops.plan.partitions import Partition, steps_by_place
from cardops.render import findings as findings_view
from cardops.render import plan as plans
from cardops.render import validation as checks
from cardops.render.links import Links
from cardops.render.plan_report import PlanReport


@click.command()
@repository_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the plan here, as JSON.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@click.option("--write-role", is_flag=True, help="Read with `role` instead of `plan_role`.")
@click.option("--against", metavar="REF", default="", help="Show apart what the plan of this revision would do anyway.")
@click.option("--partition", metavar="ACCOUNT/REGION", default="", help="Read only this account's id and region.")
@click.option("--partitions", is_flag=True, help="Print, as JSON, only which accounts and regions have steps.")
@format_option(plans.FORMATS)
@links_options
@today_option
@cache_option
def command(
    start: Path,
    out: Path | None,
    detailed_exitcode: bool,
    write_role: bool,
    against: str,
    partition: str,
    partitions: bool,
    form: str,
    url: str,
    at_commit: str,
    today: str,
    no_cache: bool,
) -> int:
    """Show what apply would change. Makes no mutating call.

    \b
    Examples:
      cardops plan
      cardops plan --out plan.json --detailed-exitcode
      cardops plan --against origin/main --format markdown
      cardops plan --partitions | jq -c .partitions
      cardops plan --partition 111111111111/eu-west-1
    """
    role: Literal["role", "plan_role"] = "role" if write_role else "plan_role"
    if against and (partition or partitions):
        raise UsageError("--against goes with the whole plan", "leave --partition and --partitions out")
    part = Partition(places_named([partition]), alone=True) if partition else None
    if partitions:
        return list_partitions(start, role, today, part, not no_cache)
    return plan(start, out, detailed_exitcode, role, against, form, Links(url, at_commit), today, part, not no_cache)


def plan(
    start: Path,
    out: Path | None,
    detailed: bool,
    role: Literal["role", "plan_role"],
    against: str,
    form: str,
    links: Links,
    today: str,
    part: Partition | None = None,
    cached: bool = True,
) -> int:
    """0 or, when asked for, 2; 1 for findings of level deny; 3 when a place could not be read."""
    from cardops.aws.cloud import Boto3Cloud
    from cardops.commands.plan_against import plan_against, signatures
    from cardops.git.repository import Repository

    root = find_root(start)
    loaded = load_governed(WorkTree(root), today=today, cached=cached)
    click.echo("\n".join(findings_view.lines(loaded.findings)), err=True, nl=bool(loaded.findings))
    if loaded.desired is None:
        _show_unplannable(loaded, form, links)
        return ExitCode.DENIED
    revisions, remainder = Repository(root), None
    cloud = Boto3Cloud(loaded.desired.config, role)
    if against:
        planned, remainder = plan_against(against, loaded, loaded.desired, cloud, revisions, today, log, cached)
    else:
        planned = build_plan(loaded, loaded.desired, cloud, revisions, revisions.head(), today, log, part=part)
    said = [*planned.behind, *planned.checked]
    click.echo("\n".join(findings_view.lines(said)), err=True, nl=bool(said))
    found = (*loaded.findings, *said)
    report = PlanReport(planned.plan, loaded.desired.config, found, remainder, (), planned.unknown, links)
    if out is not None:
        write_atomically(out, plans.as_json(report) + "\n")
    signed = signatures(revisions, planned.given, report.steps) if form == "markdown" else ()
    click.echo(plans.FORMATS[form](replace(report, to_sign=signed)))
    judged = exit_code_for([*loaded.findings, *planned.checked, *planned.plan.findings])
    different = ExitCode.DIFFERENT if detailed and report.steps else ExitCode.DONE
    return worst_exit_code([unreachable(planned), judged, different])


def list_partitions(
    start: Path, role: Literal["role", "plan_role"], today: str, part: Partition | None = None, cached: bool = True
) -> int:
    """Prints `{version, partitions: [{account, region, steps}]}`: a job each. 3 where a place could not be read."""
    from cardops.aws.cloud import Boto3Cloud
    from cardops.git.repository import Repository

    root = find_root(start)
    loaded = load_governed(WorkTree(root), today=today, cached=cached)
    if loaded.desired is None:
        click.echo("\n".join(findings_view.lines(loaded.findings)), err=True)
        return ExitCode.DENIED
    revisions, cloud = Repository(root), Boto3Cloud(loaded.desired.config, role)
    planned = build_plan(loaded, loaded.desired, cloud, revisions, revisions.head(), today, log, part=part)
    found = [
        {"account": at.account, "region": at.region, "steps": steps}
        for at, steps in steps_by_place(planned.plan).items()
    ]
    click.echo(json.dumps({"version": 1, "partitions": found}))
    return unreachable(planned)


def _show_unplannable(loaded: Loaded, form: str, links: Links) -> None:
    """The findings in the format that was asked for; a plan as JSON there is none."""
    if form in ("text", "json"):
        click.echo(findings_view.summary(checked(loaded)), err=True)
    else:
        click.echo(checks.FORMATS[form](checked(loaded, links=links)))
