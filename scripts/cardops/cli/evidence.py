"""`cardops evidence`: add evaluation reports to a card's file."""

from pathlib import Path

import click

from cardops.cli.console import print_findings
from cardops.cli.options import Group, day_or_today, file_type, repository_option
from cardops.commands.evidence import SECTION, AddedEvidence, add_evidence
from cardops.commands.workspace import find_card, load_workspace
from cardops.evidence.edits import MetricEvidence
from cardops.model.desired import Status
from cardops.model.errors import ExitCode, UsageError
from cardops.model.findings import exit_code_for, plural

MAX_NAME = 63


def day_or_none(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Parse a day written YYYY-MM-DD, if there is one."""
    return None if value is None else day_or_today(context, parameter, value)


@click.group(cls=Group)
def command() -> None:
    """Add what evaluation jobs found to cards.

    \b
    Example:
      cardops evidence add customer-churn-v1 analysis.json --evaluation holdout
    """


@command.command()
@click.argument("card")
@click.argument("report", type=file_type())
@click.option("--evaluation", metavar="NAME", help="The evaluation to add it to. Default: the report's file name.")
@click.option("--dataset", "datasets", metavar="URI", multiple=True, help="Where its data is kept. Repeatable.")
@click.option("--evaluated-on", metavar="DATE", callback=day_or_none, help="The day of the evaluation, as YYYY-MM-DD.")
@click.option("--evaluated-by", metavar="WHO", help="The person or team that did the evaluation.")
@click.option("--observation", metavar="TEXT", help="A sentence about the result, for people.")
@click.option("--job-arn", metavar="ARN", help="The job that made the report.")
@repository_option
def add(
    card: str,
    report: Path,
    evaluation: str | None,
    datasets: tuple[str, ...],
    evaluated_on: str | None,
    evaluated_by: str | None,
    observation: str | None,
    job_arn: str | None,
    start: Path,
) -> int:
    """Turn a report into metric groups of a card's evaluation_details. Does not call AWS.

    Reads the reports of SageMaker Clarify (bias, explainability), Model Monitor (model quality), foundation-model
    evaluations and SageMaker Pipelines, MLflow's runs and metrics, and the model card's own form. Adding a report again
    replaces its earlier version. Comments and style of the file are kept. Parts of the report without a place in a card
    are listed.

    \b
    Examples:
      cardops evidence add customer-churn-v1 analysis.json --evaluation holdout
      cardops evidence add churn statistics.json --dataset s3://data/holdout.csv --evaluated-on 2026-09-30
    """
    name = evaluation if evaluation is not None else report.stem[:MAX_NAME]
    if not 0 < len(name) <= MAX_NAME:
        raise UsageError("an evaluation's name has 1 to 63 characters", "pass another --evaluation")
    workspace = load_workspace(start)
    about = {"evaluation_observation": observation, "evaluation_job_arn": job_arn}
    who = {"evaluated on": evaluated_on, "evaluated by": evaluated_by}
    evidence = MetricEvidence(name, (), datasets, _given(about), _given(who))
    return _show(add_evidence(workspace, find_card(card, workspace.desired), report, evidence))


def _given(options: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in options.items() if value is not None}


def _show(added: AddedEvidence) -> ExitCode:
    path = added.card.location.path
    for one in added.unmapped:
        click.echo(f"not mapped: {one}")
    print_findings(added.findings)
    if exit_code_for(added.findings) is not ExitCode.DONE:
        if added.refused:
            click.echo(f"{path}: nothing was written, since it would not be valid", err=True)
        return ExitCode.DENIED
    if not added.written:
        click.echo(f"{path}: holds this report already; nothing was changed")
        return ExitCode.DONE
    for gone in added.removed:
        click.echo(f"removed: {gone} (the report no longer has it)")
    what = f"{plural(added.metrics, 'metric')} in {plural(added.groups, 'group')}"
    click.echo(f"{path}: {what} under the evaluation {added.evaluation!r}")
    if added.card.status is Status.APPROVED:
        name = added.card.key.name
        click.echo(f"note: {name} is Approved, so this change needs the sign-off that approving it needs")
    if SECTION in added.card.live_sections:
        click.echo(f"note: live_sections names {SECTION}, so the live card keeps its own until git says Approved")
    return ExitCode.DONE
