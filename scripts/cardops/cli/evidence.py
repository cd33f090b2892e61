"""`cardops evidence`: evaluation reports into a card's YAML."""

from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.cli.options import find_root, load_work_tree, repository_option, write_atomically
from cardops.evidence.edits import MetricEvidence
from cardops.model.desired import Status
from cardops.model.errors import ExitCode, UsageError
from cardops.model.findings import Finding, Location, exit_code_for
from cardops.render import findings as findings_view

if TYPE_CHECKING:
    from cardops.evidence.reports import EvidenceReport
    from cardops.model.desired import Card, Config, Desired

MOST_NAME = 63
SECTION = "evaluation_details"


@click.group()
def command() -> None:
    """Add what evaluation jobs found to cards.

    \b
    Example:
      cardops evidence add customer-churn-v1 analysis.json --evaluation holdout
    """


@command.command()
@click.argument("card")
@click.argument("report", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--evaluation", metavar="NAME", help="The evaluation to add it to. Default: the report's file name.")
@click.option("--dataset", "datasets", metavar="URI", multiple=True, help="Where its data is kept. Repeatable.")
@click.option("--evaluated-on", metavar="DATE", help="The day of the evaluation, as YYYY-MM-DD.")
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
    name = evaluation if evaluation is not None else report.stem[:MOST_NAME]
    if not 0 < len(name) <= MOST_NAME:
        raise UsageError("an evaluation's name has 1 to 63 characters", "pass another --evaluation")
    fields = _texts({"evaluation_observation": observation, "evaluation_job_arn": job_arn})
    metadata = _texts({"evaluated on": _day(evaluated_on), "evaluated by": evaluated_by})
    return add_evidence(find_root(start), card, report, MetricEvidence(name, (), datasets, fields, metadata))


def _texts(options: dict[str, str | None]) -> dict[str, str]:
    """Return the options that were given. Raises UsageError for an empty one."""
    given = {key: value for key, value in options.items() if value is not None}
    for key, value in given.items():
        if not value.strip():
            raise UsageError(f"the value for {key.replace('_', ' ')} is empty", "leave the option out, or pass a text")
    return given


def _day(text: str | None) -> str | None:
    if text is not None:
        try:
            date.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{text!r} is not a date", "write YYYY-MM-DD") from None
    return text


def add_evidence(root: Path, name: str, path: Path, new: MetricEvidence) -> int:
    """Return 0 if the card has the report's metrics; 1, with nothing written, for findings in the report or card."""

    desired = load_work_tree(root).desired
    if desired is None:
        raise UsageError("cardops.yaml cannot be used", "run `cardops validate`")
    card = _find(name, desired)
    report = _read(path)
    if isinstance(report, Finding):
        click.echo("\n".join(findings_view.lines([report])), err=True)
        return ExitCode.DENIED
    for one in report.unmapped:
        click.echo(f"not mapped: {one}")
    return _write(root, card, desired.config, new._replace(groups=report.groups))


def _find(name: str, desired: "Desired") -> "Card":
    from cardops.desired.selectors import selected

    found = list(selected(name, desired.cards, desired.config)) if "*" not in name and "?" not in name else []
    if len(found) == 1:
        return desired.cards[found[0]]
    if found:
        raise UsageError(f"several cards are named {name!r}", "write account/name")
    close = get_close_matches(name, [key.name for key in desired.cards], 1)
    hint = f"did you mean {close[0]!r}?" if close else "`cardops validate` names cards whose files are not valid"
    raise UsageError(f"no valid card {name!r} is declared", hint)


def _read(path: Path) -> "EvidenceReport | Finding":
    from cardops.evidence.reports import UnknownReport, convert_report
    from cardops.importers.json_reader import parse_json
    from cardops.strict_yaml.errors import YamlError

    try:
        report = convert_report(parse_json(path.read_bytes()))
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from problem
    except YamlError as refused:
        return Finding(refused.rule, Location(str(path), refused.line, refused.column), refused.message, refused.hint)
    except UnknownReport as unknown:
        return Finding("evidence/unknown-report", Location(str(path)), str(unknown), "pass one of these reports")
    if report.groups:
        return report
    left = "; ".join(map(str, report.unmapped[:3])) or "it is empty"
    return Finding("evidence/nothing-mapped", Location(str(path)), f"no metric could be mapped: {left}", "")


def _write(root: Path, card: "Card", config: "Config", evidence: MetricEvidence) -> int:
    from cardops.evidence.edits import edits, removed
    from cardops.model import canonical
    from cardops.model.findings import plural
    from cardops.strict_yaml.editor import edit

    target = root / card.location.path
    content = canonical.from_bytes(card.content)
    changes = edits(content, evidence)
    if not changes:
        click.echo(f"{card.location.path}: holds this report already; nothing was changed")
        return ExitCode.DONE
    text = edit(target.read_bytes().decode(), changes)
    findings = _check(card, config, text)
    click.echo("\n".join(findings_view.lines(findings)), err=True, nl=bool(findings))
    if exit_code_for(findings) is not ExitCode.DONE:
        click.echo(f"{card.location.path}: nothing was written, since it would not be valid", err=True)
        return ExitCode.DENIED
    write_atomically(target, text)
    for gone in removed(content, evidence):
        click.echo(f"removed: {gone} (the report no longer has it)")
    count = sum(len(group["metric_data"]) for group in evidence.groups)
    what = f"{plural(count, 'metric')} in {plural(len(evidence.groups), 'group')}"
    click.echo(f"{card.location.path}: {what} under the evaluation {evidence.evaluation!r}")
    if card.status is Status.APPROVED:
        click.echo(f"note: {card.key.name} is Approved, so this change needs the sign-off that approving it needs")
    if SECTION in card.live_sections:
        click.echo(f"note: live_sections names {SECTION}, so the live card keeps its own until git says Approved")
    return ExitCode.DONE


def _check(card: "Card", config: "Config", text: str) -> list[Finding]:
    from cardops.desired.cards import read_card
    from cardops.desired.sources import Overlay

    read = read_card(Overlay({card.location.path: text.encode()}), card.location.path, config)
    return [finding for finding in read.file.findings if finding.level == "deny"]
