"""`cardops evidence`: evaluation reports into a card's YAML."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.cli.options import find_root, load_work_tree, repository_option, write_atomically
from cardops.model.errors import ExitCode, UsageError
from cardops.model.findings import Finding, Location, exit_code_for
from cardops.render import findings as findings_view

if TYPE_CHECKING:
    from cardops.evidence.edits import MetricEvidence
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
@repository_option
def add(card: str, report: Path, evaluation: str | None, datasets: tuple[str, ...], start: Path) -> int:
    """Turn a report into metric groups of a card's evaluation_details. Does not call AWS.

    Reads SageMaker Clarify's analysis (bias, explainability), Model Monitor's model quality (binary, multiclass,
    regression) and the model card's own form. Adding a report again replaces what it said before. Comments and style
    of the file are kept; what of the report has no place in a card is listed.

    \b
    Examples:
      cardops evidence add customer-churn-v1 analysis.json --evaluation holdout
      cardops evidence add churn statistics.json --dataset s3://data/holdout.csv
    """
    name = evaluation if evaluation is not None else report.stem[:MOST_NAME]
    if not 0 < len(name) <= MOST_NAME:
        raise UsageError("an evaluation's name has 1 to 63 characters", "pass another --evaluation")
    return add_evidence(find_root(start), card, report, name, datasets)


def add_evidence(root: Path, name: str, path: Path, evaluation: str, datasets: tuple[str, ...]) -> int:
    """0 when the card holds the report's metrics; 1, and nothing written, for findings in the report or the card."""
    from cardops.evidence.edits import MetricEvidence

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
    return _write(root, card, desired.config, MetricEvidence(evaluation, report.groups, datasets))


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


def _write(root: Path, card: "Card", config: "Config", evidence: "MetricEvidence") -> int:
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
    if SECTION in card.live_sections:
        click.echo(f"note: live_sections names {SECTION}, so the live card keeps its own until git says Approved")
    return ExitCode.DONE


def _check(card: "Card", config: "Config", text: str) -> list[Finding]:
    from cardops.desired.cards import read_card
    from cardops.desired.sources import Overlay

    read = read_card(Overlay({card.location.path: text.encode()}), card.location.path, config)
    return [finding for finding in read.file.findings if finding.level == "deny"]
