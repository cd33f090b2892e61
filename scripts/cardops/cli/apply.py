"""`cardops apply`: make AWS what git declares at HEAD."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.apply.narrowing import only_narrowing
from cardops.cli import shown as shown_plans
from cardops.cli import verifying
from cardops.cli.repository import (
    Planned,
    find_root,
    format_option,
    make_plan,
    read_reviews,
    repository_option,
    reviews_option,
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
    from cardops.plan.steps import Plan, Step
    from cardops.ports import Cloud


@click.command()
@repository_option
@click.option("--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), help="Run just this plan.")
@click.option("--expect", metavar="DIGEST", help="Refuse when the plan's digest is another one.")
@click.option("--only", type=click.Choice(["narrowing"]), help="Only end access; needs no plan that somebody saw.")
@click.option("--reason", metavar="WHY", help="With --only narrowing: the emergency brake, which also demotes.")
@click.option("--outside-ci", is_flag=True, help="Yes, apply from here: CI serialises applies, a laptop does not.")
@click.option("--verify/--no-verify", default=True, show_default=True, help="Try, as its consumers, what was changed.")
@click.option("--rewritten-history", is_flag=True, help="Go on though AWS carries commits that HEAD lacks.")
@reviews_option
@format_option(results_view.FORMATS)
@today_option
def command(
    start: Path,
    plan_file: Path | None,
    expect: str | None,
    only: str | None,
    reason: str | None,
    outside_ci: bool,
    verify: bool,
    rewritten_history: bool,
    review_files: tuple[Path, ...],
    form: str,
    today: str,
) -> int:
    """Apply what is committed at HEAD. Plans again first, and holds whatever is not as it was shown.

    \b
    Examples:
      cardops apply --outside-ci
      cardops plan --out plan.json && cardops apply --plan plan.json --outside-ci
      cardops apply --only narrowing --reason "leaked test data in churn-v2"
    """
    if reason is not None and only is None:
        raise UsageError("--reason goes with --only narrowing", "an ordinary apply has its reasons in git")
    if reason is not None and not reason.strip():
        raise UsageError("--reason is empty", "say why")
    if not outside_ci and os.environ.get("CI", "").lower() not in ("1", "true"):
        raise UsageError("apply runs in CI, one at a time", "pass --outside-ci if nothing else applies now")
    shown = shown_plans.read(plan_file) if plan_file else None
    planned, cloud, code = _plan(start, rewritten_history, review_files, today, only is None)
    plan = planned.plan
    if expect is not None and expect != plan.digest():
        raise shown_plans.Other(f"the plan's digest is {plan.digest()} now, not {expect}; nothing was written")
    if shown is not None:
        shown.demand_repository(plan)
    if only is None and any(finding.rule == "safety/limit" for finding in plan.findings):
        click.echo("\n".join(findings_view.lines(plan.findings)), err=True)
        return ExitCode.INCOMPLETE
    if only:
        plan = replace(plan, findings=tuple(one for one in plan.findings if one.rule != "safety/limit"))
        told(f"only narrowing{f', as an emergency: {reason}' if reason else ''}; nothing is granted")
    steps = only_narrowing(plan, brake=reason is not None) if only else plan.steps
    results, finished = _run(planned, plan, steps, cloud, shown.digests if shown else None, form)
    differing = verifying.verify(cloud, planned.given.desired, results, today) if verify else []
    click.echo(results_view.FORMATS[form](replace(plan, findings=(*plan.findings, *differing)), results))
    return gravest([code, unreachable(planned), finished, verdict(plan.findings), verifying.code_of(differing)])


def _plan(
    start: Path, rewritten_history: bool, review_files: tuple[Path, ...], today: str, governed: bool
) -> "tuple[Planned, Cloud, ExitCode]":
    from cardops.aws.cloud import Boto3Cloud
    from cardops.bases import refuse_stale
    from cardops.declared.load import load_repository
    from cardops.revisions import Revisions

    root = find_root(start)
    revisions = Revisions(root)
    if changed := revisions.uncommitted():
        raise UsageError(f"uncommitted changes in {', '.join(changed[:3])}", "apply runs what is committed: commit")
    head = revisions.head()
    reviews = read_reviews(review_files) or []
    loaded = load_repository(revisions.tree(head), head, today, keep=True)
    click.echo("\n".join(findings_view.lines(loaded.findings)), err=True, nl=bool(loaded.findings))
    if loaded.desired is None:
        raise click.exceptions.Exit(int(ExitCode.DENIED))
    cloud = Boto3Cloud(loaded.desired.config, "role")
    planned = make_plan(loaded, loaded.desired, cloud, revisions, head, today, told, reviews, governed)
    if not rewritten_history:
        refuse_stale(planned.behind)
    click.echo("\n".join(findings_view.lines(planned.checked)), err=True, nl=bool(planned.checked))
    return planned, cloud, verdict([*loaded.findings, *planned.checked])


def _run(
    planned: "Planned",
    plan: "Plan",
    steps: "tuple[Step, ...]",
    cloud: "Cloud",
    shown: "dict[str, str] | None",
    form: str,
) -> "tuple[Sequence[Result], ExitCode]":
    from cardops.access import writes_denied
    from cardops.apply.run import Run, exit_code
    from cardops.apply.waiting import Patience
    from cardops.cli.progress import watched

    denied = partial(writes_denied, config=planned.given.desired.config)
    with watched(len(steps), quiet=form != "text") as report:
        results = Run(plan, cloud, report, shown, steps, denied, Patience(told)).apply()
    return results, exit_code(results, plan)
