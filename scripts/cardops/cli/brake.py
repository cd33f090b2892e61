"""`cardops brake`: stop access, or an approval, at once and until it is released."""

import os
from pathlib import Path

import click

from cardops.audit.record import ObservedSnapshot, RunRecord, statement
from cardops.cli.cloud import connect
from cardops.cli.console import log, print_findings
from cardops.cli.options import (
    Command,
    format_option,
    ledger_to_option,
    record_option,
    repository_option,
)
from cardops.commands.brake import BrakeRun, observed_after, undone
from cardops.commands.brake_target import find_target
from cardops.commands.record import Recorder, actor, job, now
from cardops.commands.workspace import load_to_narrow
from cardops.model.desired import Config
from cardops.model.errors import ExitCode, UsageError
from cardops.model.observed import Observed
from cardops.plan.steps import Plan
from cardops.render.apply_results import FORMATS
from cardops.render.escape import escape_invisible


@click.command(cls=Command)
@click.argument("name", metavar="CARD|SHARE")
@click.option("--to", default="", metavar="ACCOUNT", help="Stop only this account: its name, its id, or an ARN.")
@click.option("--demote", is_flag=True, help="End the approval too, and that of the model package.")
@click.option("--release", is_flag=True, help="Release the brake. The next apply gives back what git declares.")
@click.option("--reason", required=True, metavar="WHY", help="Why; it goes into the record.")
@click.option("--outside-ci", is_flag=True, help="Allow --release outside CI. The brake itself never needs it.")
@repository_option
@record_option
@ledger_to_option
@format_option(FORMATS)
def command(
    name: str,
    to: str,
    demote: bool,
    release: bool,
    reason: str,
    outside_ci: bool,
    start: Path,
    record_file: Path | None,
    ledger: str,
    form: str,
) -> int:
    """Stop access to a card, or through a share, now and until it is released. Writes to AWS.

    It does not matter what HEAD says: nothing is planned, and no other card or file can stand in its way. The cards
    get the tag cardops:brake, and nothing widens for them while they have it. Ends 3 if something may still be open.

    \b
    Examples:
      cardops brake customer-churn-v1 --demote --reason "leaked test data"
      cardops brake lifecycle --to ml-prod --reason "role taken over"
      cardops brake customer-churn-v1 --release --reason "data removed" --outside-ci
    """
    if release and demote:
        raise UsageError("--release and --demote do not go together")
    workspace, _ = load_to_narrow(start)
    desired = workspace.desired
    print_findings(finding for finding in workspace.findings if finding.rule == "run/older-config")
    if release:
        _require_releaser(desired.config, outside_ci)
    cloud = connect(desired.config, "role")
    recorder = Recorder(
        workspace.root, record_file, ledger, "narrowing", f"{'release' if release else 'brake'}: {reason}"
    )
    run = BrakeRun(desired, cloud, reason, log)
    target = find_target(name, to, desired, cloud)
    plan = run.release(target) if release else run.pull(target, demote)
    click.echo(FORMATS[form](plan, run.results, None))
    for left in run.left:
        click.echo(f"still open: {escape_invisible(left)}", err=True)
    code = ExitCode.INCOMPLETE if undone(run) else ExitCode.DONE
    if recorder.wanted:
        _record(recorder, plan, run, code)
    return code


def _require_releaser(config: Config, outside_ci: bool) -> None:
    """Raise UsageError unless an approver releases it in CI, or --outside-ci was given."""
    if outside_ci:
        return
    if os.environ.get("CI", "").lower() not in ("1", "true"):
        raise UsageError("The brake is released in CI.", "Pass --outside-ci if no other apply is running.")
    members = {name for group in config.approvers.values() for name in group}
    if members and actor() not in members:
        raise UsageError(f"{actor()} is not in an approver group of cardops.yaml.", "Have one of its members do it.")


def _record(recorder: Recorder, plan: Plan, run: BrakeRun, code: ExitCode) -> None:
    record = RunRecord(recorder.started, now(), actor(), job(), int(code), "narrowing", recorder.reason, refused=False)
    seen = ObservedSnapshot(Observed({}, (), {}), observed_after(run.cloud, run.results))
    recorder.publish(statement(plan, run.results, seen, record), {})
