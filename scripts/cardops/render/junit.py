"""Render findings as JUnit XML: one suite, with a case for each file and rule.

JUnit XML has no standard. This is the subset that Jenkins, GitLab and Azure Pipelines share: one failure a case.
"""

from collections.abc import Iterable
from html import escape

from cardops.model.findings import Finding
from cardops.render.escape import escape_invisible
from cardops.render.findings import plain_line


def junit(command: str, findings: Iterable[Finding]) -> str:
    """Fail a case for a deny finding that is not waived; skip it for waived ones; print others as its output.

    A run without findings has one passing case, because some systems treat an empty suite as an error.
    """
    cases: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        cases.setdefault((finding.location.path, finding.rule), []).append(finding)
    failed = sum(any(_fails(finding) for finding in found) for found in cases.values())
    skipped = sum(all(finding.suppressed for finding in found) for found in cases.values())
    counts = f'tests="{len(cases) or 1}" failures="{failed}" errors="0" skipped="{skipped}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="cardops" {_without_skipped(counts)}>']
    lines.append(f'  <testsuite name="cardops {command}" {counts} time="0">')
    for (path, rule), found in cases.items():
        lines += _case(path, rule, found)
    if not cases:
        lines.append(f'    <testcase classname="cardops" name="{command}" time="0"/>')
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"])


def _without_skipped(counts: str) -> str:
    return counts.rpartition(" ")[0]


def _case(path: str, rule: str, found: list[Finding]) -> list[str]:
    head = f'    <testcase classname="{_xml(path)}" name="{_xml(rule)}" file="{_xml(path)}" time="0">'
    failures = [finding for finding in found if _fails(finding)]
    others = [finding for finding in found if not _fails(finding)]
    body: list[str] = []
    if failures:
        body.append(f'      <failure type="{_xml(rule)}" message="{_xml(failures[0].message)}">{_lines(failures)}')
        body[-1] += "</failure>"
    elif all(finding.suppressed for finding in found):
        body.append(f'      <skipped message="waived: {_xml(found[0].suppressed)}"/>')
    if others:
        body.append(f"      <system-out>{_lines(others)}</system-out>")
    return [head, *body, "    </testcase>"]


def _fails(finding: Finding) -> bool:
    return finding.level == "deny" and not finding.suppressed


def _lines(findings: Iterable[Finding]) -> str:
    return "\n".join(escape(plain_line(finding)) for finding in findings)


def _xml(text: str) -> str:
    """Escape text for XML. `escape_invisible` has removed every character that XML forbids."""
    return escape(escape_invisible(text))
