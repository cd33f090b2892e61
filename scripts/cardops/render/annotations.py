"""Render findings as GitHub workflow annotations, which the runner reads from standard output.

The runner decodes exactly `%25`, `%0D` and `%0A` in a message, and also `%3A` and `%2C` in a property
(actions/runner, ActionCommand). It shows at most ten annotations of each kind for each step.
"""

from collections.abc import Iterable, Mapping, Sequence

from cardops.model.findings import Finding, Level
from cardops.render.escape import escape_invisible
from cardops.render.findings import plain_line

MOST = 10
"""GitHub shows this many annotations of one kind for one step and silently drops the rest."""

COMMANDS: Mapping[Level, str] = {"deny": "error", "warn": "warning", "audit": "notice"}


def annotations(findings: Iterable[Finding], summary: str, title: str = "cardops") -> str:
    """Render the most severe findings first. The rest become plain log lines; the summary is last."""
    shown: list[str] = []
    left_out: list[Finding] = []
    by_command: dict[str, list[Finding]] = {command: [] for command in COMMANDS.values()}
    for finding in findings:
        by_command["notice" if finding.suppressed else COMMANDS[finding.level]].append(finding)
    for command, found in by_command.items():
        room = MOST - 1 if command == "notice" else MOST
        shown += [_annotation(command, finding) for finding in found[:room]]
        left_out += found[room:]
    return "\n".join([*shown, *map(plain_line, left_out), _summary(summary, left_out, title)])


def _annotation(command: str, finding: Finding) -> str:
    at = finding.location
    waived = f" [waived: {finding.suppressed}]" if finding.suppressed else ""
    hint = f" (hint: {finding.hint})" if finding.hint else ""
    properties = {
        "file": at.path,
        "line": str(at.line),
        "col": str(at.column),
        "title": f"{finding.rule} {finding.level}",
    }
    return _command(command, properties, f"{finding.message}{hint}{waived}")


def _summary(summary: str, left_out: Sequence[Finding], title: str) -> str:
    rest = f"; {len(left_out)} more in this step's log, since GitHub shows {MOST} of a kind" if left_out else ""
    return _command("notice", {"title": title}, f"{summary}{rest}")


def _command(command: str, properties: Mapping[str, str], message: str) -> str:
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {given}::{_data(message)}"


def _data(text: str) -> str:
    return escape_invisible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
