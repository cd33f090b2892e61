"""`cardops apply`: make AWS what git declares at HEAD."""

import os
from functools import partial
from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.console import log, print_findings, print_unknown
from cardops.cli.options import (
    Command,
    file_type,
    format_option,
    ledger_to_option,
    pages_option,
    parse_partitions,
    partition_option,
    read_reviews,
    record_option,
    repository_option,
    reviews_option,
    today_option,
)
from cardops.cli.platform import record_check
from cardops.cli.progress import show_progress
from cardops.commands.apply import ApplyOutcome, ApplyRun
from cardops.commands.plan_file import read_gate
from cardops.commands.record import Recorder, Scope
from cardops.commands.workspace import find_root
from cardops.model.errors import UsageError
from cardops.render.apply_results import FORMATS


@click.command(cls=Command)
@repository_option
@click.option("--plan", "plan_file", type=file_type(), help="Run only this plan.")
@click.option(
    "--expect",
    multiple=True,
    metavar="DIGEST|@PATH",
    help="Refuse another digest; or hold what differs from this plan, or a folder of plans, and do the rest.",
)
@partition_option
@click.option("--only", type=click.Choice(["narrowing"]), help="Only end access. Needs no plan that was reviewed.")
@click.option("--reason", metavar="WHY", help="With --only narrowing: the emergency brake, which also demotes.")
@click.option("--outside-ci", is_flag=True, help="Allow applying outside CI. Make sure no other apply is running.")
@click.option("--verify/--no-verify", default=True, show_default=True, help="Verify, as its consumers, changed access.")
@click.option("--rewritten-history", is_flag=True, help="Continue although AWS carries commits that HEAD lacks.")
@reviews_option
@record_option
@ledger_to_option
@pages_option
@format_option(FORMATS)
@today_option
def command(
    start: Path,
    plan_file: Path | None,
    expect: tuple[str, ...],
    partitions: tuple[str, ...],
    only: str | None,
    reason: str | None,
    outside_ci: bool,
    verify: bool,
    rewritten_history: bool,
    review_files: tuple[Path, ...],
    record_file: Path | None,
    ledger: str,
    pages: Path | None,
    form: str,
    today: str,
) -> int:
    """Apply what is committed at HEAD. Plans again first, and holds whatever is not as it was shown.

    With --partition it reads all accounts and writes to these; in a run that `cardops ci begin` began it reads
    these alone.

    \b
    Examples:
      cardops apply --outside-ci
      cardops plan --out plan.json && cardops apply --plan plan.json --outside-ci
      cardops apply --expect @plan.json --reviews reviews.json --ledger-to
      cardops apply --partition 111111111111/eu-west-1 --outside-ci
      cardops apply --only narrowing
    """
    _require_permission(only, reason, outside_ci)
    gate, places = read_gate(plan_file, expect), parse_partitions(partitions)
    if gate.part_of and not places:
        raise UsageError(f"{plan_file} is a part of a plan", "name its accounts and regions with --partition")
    scope: Scope = "narrowing" if only else "all"
    recorder = Recorder(find_root(start), record_file, ledger, scope, reason or "", pages, places)
    reviews, write = read_reviews(review_files) or [], partial(connect, role="role")
    run = ApplyRun(
        recorder, gate, today, reviews, write, log, print_findings, verify, rewritten_history, record_check()
    )
    progress = partial(show_progress, quiet=form != "text")
    outcome = run.narrow(progress) if only else run.apply(progress)
    _show(run, outcome, form)
    run.record(outcome)
    return outcome.code


def _require_permission(only: str | None, reason: str | None, outside_ci: bool) -> None:
    if reason is not None and only is None:
        raise UsageError("--reason goes with --only narrowing", "an ordinary apply has its reasons in git")
    if only is None and not outside_ci and os.environ.get("CI", "").lower() not in ("1", "true"):
        raise UsageError("apply runs in CI, one at a time", "pass --outside-ci if no other apply is running")


def _show(run: ApplyRun, outcome: ApplyOutcome, form: str) -> None:
    if outcome.refused:
        print_findings(outcome.plan.findings)
        return
    print_unknown(outcome.planned.unknown)
    plan = outcome.plan if form == "text" else outcome.with_all_findings()
    click.echo(FORMATS[form](plan, outcome.results, run.plan_again(outcome.cloud) if outcome.moved else None))
