"""`cardops apply`: make AWS what git declares at HEAD."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.cli import shown as shown_plans
from cardops.cli.repository import (
    Planned,
    find_root,
    format_option,
    make_plan,
    repository_option,
    unreachable,
)
from cardops.cli.today import today_option
from cardops.cli.told import told
from cardops.errors import ExitCode, UsageError, gravest
from cardops.findings import verdict
from cardops.render import findings as findings_view
from cardops.render import results as results_view

if TYPE_CHECKING:
    from cardops.apply.run import Result
    from cardops.plan.steps import Plan
    from cardops.ports import Cloud


@click.command()
@repository_option
@click.option("--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), help="Run just this plan.")
@click.option("--expect", metavar="DIGEST", help="Refuse when the plan's digest is another one.")
@click.option("--only", type=click.Choice(["narrowing"]), help="Only end access, withdraw, demote and lock.")
@click.option("--outside-ci", is_flag=True, help="Yes, apply from here: CI serialises applies, a laptop does not.")
@click.option("--rewritten-history", is_flag=True, help="Go on though AWS carries commits that HEAD lacks.")
@format_option(results_view.FORMATS)
@today_option
def command(
    start: Path,
    plan_file: Path | None,
    expect: str | None,
    only: str | None,
    outside_ci: bool,
    rewritten_history: bool,
    form: str,
    today: str,
) -> int:
    """Apply what is committed at HEAD. Plans again first, and holds whatever is not as it was shown.

    \b
    Examples:
      cardops apply --outside-ci
      cardops plan --out plan.json && cardops apply --plan plan.json --outside-ci
    """
    if not outside_ci and os.environ.get("CI", "").lower() not in ("1", "true"):
        raise UsageError("apply runs in CI, one at a time", "pass --outside-ci if nothing else applies now")
    shown = shown_plans.read(plan_file) if plan_file else None
    planned, cloud, code = _plan(start, rewritten_history, today)
    plan = planned.plan
    if expect is not None and expect != plan.digest():
        raise shown_plans.Other(f"the plan's digest is {plan.digest()} now, not {expect}; nothing was written")
    if shown is not None:
        shown.demand_repository(plan)
    if only is None and any(finding.rule == "safety/limit" for finding in plan.findings):
        click.echo("\n".join(findings_view.lines(plan.findings)), err=True)
        return ExitCode.INCOMPLETE
    results, finished = _run(plan, cloud, shown.digests if shown else None, only is not None, form)
    click.echo(results_view.FORMATS[form](plan, results))
    return gravest([code, unreachable(planned), finished, verdict(plan.findings)])


def _plan(start: Path, rewritten_history: bool, today: str) -> "tuple[Planned, Cloud, ExitCode]":
    from cardops.aws.cloud import Boto3Cloud
    from cardops.bases import refuse_stale
    from cardops.declared.load import load_repository
    from cardops.revisions import Revisions

    root = find_root(start)
    revisions = Revisions(root)
    if changed := revisions.uncommitted():
        raise UsageError(f"uncommitted changes in {', '.join(changed[:3])}", "apply runs what is committed: commit")
    head = revisions.head()
    loaded = load_repository(revisions.tree(head), head)
    click.echo("\n".join(findings_view.lines(loaded.findings)), err=True, nl=bool(loaded.findings))
    if loaded.desired is None:
        raise click.exceptions.Exit(int(ExitCode.DENIED))
    cloud = Boto3Cloud(loaded.desired.config, "role")
    planned = make_plan(loaded, loaded.desired, cloud, revisions, head, today, told)
    if not rewritten_history:
        refuse_stale(planned.behind)
    return planned, cloud, verdict(loaded.findings)


def _run(
    plan: "Plan", cloud: "Cloud", shown: "dict[str, str] | None", only_narrowing: bool, form: str
) -> "tuple[Sequence[Result], ExitCode]":
    from cardops.apply.run import Run, exit_code
    from cardops.cli.progress import watched

    total = sum(step.narrowing or not only_narrowing for step in plan.steps)
    with watched(total, quiet=form != "text") as report:
        results = Run(plan, cloud, report, told, shown, only_narrowing).apply()
    return results, exit_code(results, plan)
