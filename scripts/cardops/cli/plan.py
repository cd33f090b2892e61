"""`cardops plan`: desired against observed, read only."""

from pathlib import Path

import click

from cardops.cli.repository import (
    checked,
    find_root,
    format_option,
    load_work_tree,
    make_plan,
    repository_option,
    unreachable,
    write_whole,
)
from cardops.cli.today import today_option
from cardops.cli.told import told
from cardops.errors import ExitCode, gravest
from cardops.findings import verdict
from cardops.render import findings as findings_view
from cardops.render import plans


@click.command()
@repository_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the plan here, as JSON.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@click.option("--write-role", is_flag=True, help="Read with `role` instead of `plan_role`.")
@format_option(plans.FORMATS)
@today_option
def command(start: Path, out: Path | None, detailed_exitcode: bool, write_role: bool, form: str, today: str) -> int:
    """Show what apply would change. Makes no mutating call.

    \b
    Examples:
      cardops plan
      cardops plan --out plan.json --detailed-exitcode
    """
    return plan(start, out, detailed_exitcode, write_role, form, today)


def plan(start: Path, out: Path | None, detailed: bool, write_role: bool, form: str, today: str) -> int:
    """0 or, when asked for, 2; 1 for findings of level deny; 3 when a place could not be read."""
    from cardops.aws.cloud import Boto3Cloud
    from cardops.revisions import Revisions

    root = find_root(start)
    loaded = load_work_tree(root, today)
    click.echo("\n".join(findings_view.lines(loaded.findings)), err=True, nl=bool(loaded.findings))
    if loaded.desired is None:
        click.echo(findings_view.as_text(checked(loaded, [])), err=True)
        return ExitCode.DENIED
    revisions = Revisions(root)
    cloud = Boto3Cloud(loaded.desired.config, "role" if write_role else "plan_role")
    planned = make_plan(loaded, loaded.desired, cloud, revisions, revisions.head(), today, told)
    click.echo("\n".join(findings_view.lines(planned.behind)), err=True, nl=bool(planned.behind))
    if out is not None:
        write_whole(out, plans.as_json(planned.plan) + "\n")
    click.echo(plans.FORMATS[form](planned.plan))
    different = detailed and bool(planned.plan.differences())
    return gravest(
        [
            unreachable(planned),
            verdict([*loaded.findings, *planned.plan.findings]),
            ExitCode.DIFFERENT if different else ExitCode.DONE,
        ]
    )
