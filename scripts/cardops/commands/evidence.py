"""Add an evaluation report to a card's file."""

from dataclasses import dataclass
from pathlib import Path

from cardops.commands.workspace import Workspace, write_atomically
from cardops.desired.cards import read_card
from cardops.desired.sources import Overlay
from cardops.evidence.edits import MetricEvidence, edits, removed
from cardops.evidence.reports import EvidenceReport, UnknownReport, convert_report
from cardops.importers.json_reader import parse_json
from cardops.model import canonical
from cardops.model.desired import Card, Config
from cardops.model.errors import ExitCode, UsageError
from cardops.model.findings import Finding, Location, exit_code_for
from cardops.strict_yaml.editor import edit
from cardops.strict_yaml.errors import YamlError

SECTION = "evaluation_details"


@dataclass(frozen=True, slots=True)
class AddedEvidence:
    """The result of adding a report: `written`, or `refused` for findings in the resulting card.

    `unmapped` says what of the report has no place in a card, `removed` which metrics an earlier report had.
    """

    card: Card
    evaluation: str
    findings: tuple[Finding, ...] = ()
    unmapped: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    groups: int = 0
    metrics: int = 0
    written: bool = False
    refused: bool = False


def add_evidence(workspace: Workspace, card: Card, report: Path, new: MetricEvidence) -> AddedEvidence:
    """Write the report's metrics into the card's file, unless that would not be valid. Raises UsageError.

    `new` says for which evaluation, and what else to write about it; its groups come from the report.
    """
    evaluation = new.evaluation
    found = _read(report)
    if isinstance(found, Finding):
        return AddedEvidence(card, evaluation, (found,))
    unmapped, evidence = tuple(map(str, found.unmapped)), new._replace(groups=found.groups)
    target = workspace.root / card.location.path
    content = canonical.from_bytes(card.content)
    changes = edits(content, evidence)
    if not changes:
        return AddedEvidence(card, evaluation, unmapped=unmapped)
    text = edit(target.read_bytes().decode(), changes)
    findings = _check(card, workspace.config, text)
    if exit_code_for(findings) is not ExitCode.DONE:
        return AddedEvidence(card, evaluation, findings, unmapped, refused=True)
    write_atomically(target, text)
    metrics = sum(len(group["metric_data"]) for group in evidence.groups)
    gone = tuple(map(str, removed(content, evidence)))
    return AddedEvidence(card, evaluation, findings, unmapped, gone, len(evidence.groups), metrics, written=True)


def _read(path: Path) -> EvidenceReport | Finding:
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


def _check(card: Card, config: Config, text: str) -> tuple[Finding, ...]:
    read = read_card(Overlay({card.location.path: text.encode()}), card.location.path, config)
    return tuple(finding for finding in read.file.findings if finding.level == "deny")
