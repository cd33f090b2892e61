"""`cardops plan`: show what apply would change."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.console import log, print_findings, print_unknown
from cardops.cli.options import (
    Command,
    cache_option,
    file_type,
    format_option,
    links_options,
    parse_partitions,
    repository_option,
    today_option,
)
from cardops.commands.plan import PlanResult, build_plan
from cardops.commands.plan_against import plan_against, readers, signatures
from cardops.commands.workspace import Workspace, load_workspace, write_atomically
from cardops.git.repository import Repository
from cardops.model.errors import ExitCode, UsageError, worst_exit_code
from cardops.model.findings import Finding, InvalidConfigError, exit_code_for
from cardops.model.ports import Cloud
from cardops.plan.partitions import Partition, steps_by_place
from cardops.render import plan as plan_view
from cardops.render import validation as validation_view
from cardops.render.findings import ValidationReport
from cardops.render.links import Links
from cardops.render.plan_report import PlanReport


@click.command(cls=Command)
@repository_option
@click.option("--out", type=file_type(), help="Also write the plan here, as JSON.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@click.option("--write-role", is_flag=True, help="Read with `role` instead of `plan_role`.")
@click.option("--against", metavar="REF", default="", help="Show apart what the plan of this revision would do anyway.")
@click.option("--partition", metavar="ACCOUNT/REGION", default="", help="Read only this account's id and region.")
@click.option("--partitions", is_flag=True, help="Print, as JSON, only which accounts and regions have steps.")
@format_option(plan_view.FORMATS)
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
    if against and (partition or partitions):
        raise UsageError("--against goes with the whole plan", "leave --partition and --partitions out")
    part = Partition(parse_partitions([partition]), alone=True) if partition else None
    links = Links(url, at_commit)
    workspace = _load(start, today, not no_cache, "" if partitions else form, links)
    cloud = connect(workspace.config, "role" if write_role else "plan_role")
    revisions = Repository(workspace.root)
    if partitions:
        return _list_partitions(_plan(workspace, revisions, cloud, today, part))
    remainder, existing = None, frozenset[Finding]()
    if against:
        planned, remainder, existing = plan_against(
            against, workspace.loaded, workspace.desired, cloud, revisions, today, log, not no_cache
        )
    else:
        planned = _plan(workspace, revisions, cloud, today, part)
    said = [*planned.behind, *planned.checked]
    print_findings(said)
    found = (*workspace.findings, *said)
    report = PlanReport(planned.plan, workspace.config, found, remainder, (), planned.unknown, links, existing=existing)
    if out is not None:
        write_atomically(out, plan_view.as_json(report) + "\n")
    signed = signatures(revisions, planned.given, report.steps) if form == "markdown" else ()
    known = readers(planned.given.observed, signed)
    click.echo(plan_view.FORMATS[form](replace(report, to_sign=signed, readers=known)))
    found = (*workspace.findings, *planned.checked, *planned.plan.findings)
    judged = exit_code_for(one for one in found if one not in existing)
    different = ExitCode.DIFFERENT if detailed_exitcode and report.steps else ExitCode.DONE
    return worst_exit_code([print_unknown(planned.unknown), judged, different])


def _load(start: Path, today: str, cached: bool, form: str, links: Links) -> Workspace:
    """The work tree with its rules. An invalid cardops.yaml is shown in a format that a reader of plans expects."""
    try:
        workspace = load_workspace(start, today, governed=True, cached=cached)
    except InvalidConfigError as problem:
        if form not in ("", "text", "json"):
            click.echo(validation_view.FORMATS[form](_nothing_checked(problem.findings, links)))
        raise
    print_findings(workspace.findings)
    return workspace


def _nothing_checked(findings: Sequence[Finding], links: Links) -> ValidationReport:
    return ValidationReport((0, 0), (0, 0), tuple(findings), links)


def _plan(workspace: Workspace, revisions: Repository, cloud: Cloud, today: str, part: Partition | None) -> PlanResult:
    head = revisions.head()
    return build_plan(workspace.loaded, workspace.desired, cloud, revisions, head, today, log, part=part)


def _list_partitions(planned: PlanResult) -> int:
    """Print `{version, partitions: [{account, region, steps}]}`: a job each. INCOMPLETE where a place was not read."""
    found = [
        {"account": at.account, "region": at.region, "steps": steps}
        for at, steps in steps_by_place(planned.plan).items()
    ]
    click.echo(json.dumps({"version": 1, "partitions": found}))
    return print_unknown(planned.unknown)
