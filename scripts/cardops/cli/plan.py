"""`cardops plan`: desired against observed, read only."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from cardops.cli.repository import (
    checked,
    find_root,
    format_option,
    links_options,
    load_work_tree,
    make_plan,
    repository_option,
    unreachable,
    write_whole,
)
from cardops.cli.today import today_option
from cardops.cli.told import told
from cardops.declared.load import Loaded
from cardops.errors import ExitCode, gravest
from cardops.findings import verdict
from cardops.render import checks, plans
from cardops.render import findings as findings_view
from cardops.render.links import Links
from cardops.render.report import Report


@click.command()
@repository_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the plan here, as JSON.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@click.option("--write-role", is_flag=True, help="Read with `role` instead of `plan_role`.")
@click.option("--against", metavar="REF", default="", help="Show apart what the plan of this revision would do anyway.")
@format_option(plans.FORMATS)
@links_options
@today_option
def command(
    start: Path,
    out: Path | None,
    detailed_exitcode: bool,
    write_role: bool,
    against: str,
    form: str,
    url: str,
    at_commit: str,
    today: str,
) -> int:
    """Show what apply would change. Makes no mutating call.

    \b
    Examples:
      cardops plan
      cardops plan --out plan.json --detailed-exitcode
      cardops plan --against origin/main --format markdown
    """
    role: Literal["role", "plan_role"] = "role" if write_role else "plan_role"
    return plan(start, out, detailed_exitcode, role, against, form, Links(url, at_commit), today)


def plan(
    start: Path,
    out: Path | None,
    detailed: bool,
    role: Literal["role", "plan_role"],
    against: str,
    form: str,
    links: Links,
    today: str,
) -> int:
    """0 or, when asked for, 2; 1 for findings of level deny; 3 when a place could not be read."""
    from cardops.aws.cloud import Boto3Cloud
    from cardops.cli.against import plan_against, signatures
    from cardops.revisions import Revisions

    root = find_root(start)
    loaded = load_work_tree(root, today, keep=True)
    click.echo("\n".join(findings_view.lines(loaded.findings)), err=True, nl=bool(loaded.findings))
    if loaded.desired is None:
        _show_unplannable(loaded, form, links)
        return ExitCode.DENIED
    revisions, remainder = Revisions(root), None
    cloud = Boto3Cloud(loaded.desired.config, role)
    if against:
        planned, remainder = plan_against(against, loaded, loaded.desired, cloud, revisions, today, told)
    else:
        planned = make_plan(loaded, loaded.desired, cloud, revisions, revisions.head(), today, told)
    said = [*planned.behind, *planned.checked]
    click.echo("\n".join(findings_view.lines(said)), err=True, nl=bool(said))
    found = (*loaded.findings, *said)
    report = Report(planned.plan, loaded.desired.config, found, remainder, (), planned.unknown, links)
    if out is not None:
        write_whole(out, plans.as_json(report) + "\n")
    signed = signatures(revisions, planned.given, report.steps) if form == "markdown" else ()
    click.echo(plans.FORMATS[form](replace(report, to_sign=signed)))
    different = detailed and bool(report.steps)
    return gravest(
        [
            unreachable(planned),
            verdict([*loaded.findings, *planned.checked, *planned.plan.findings]),
            ExitCode.DIFFERENT if different else ExitCode.DONE,
        ]
    )


def _show_unplannable(loaded: Loaded, form: str, links: Links) -> None:
    """The findings in the format that was asked for; a plan as JSON there is none."""
    if form in ("text", "json"):
        click.echo(findings_view.summary(checked(loaded)), err=True)
    else:
        click.echo(checks.FORMATS[form](checked(loaded, links=links)))
