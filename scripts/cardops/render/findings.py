"""Render findings as text and JSON, and provide the data behind the other formats."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import click

from cardops.model.catalogue import TITLES
from cardops.model.findings import Finding, Level
from cardops.render.escape import document, escape_invisible
from cardops.render.links import NO_LINKS, Links

COLOURS: Mapping[Level, str] = {"deny": "red", "warn": "yellow", "audit": "cyan"}


class ValidationReport(NamedTuple):
    """The findings of validate, with the number of cards and shares considered and declared, and the rules' titles."""

    considered: tuple[int, int]
    declared: tuple[int, int]
    findings: tuple[Finding, ...]
    links: Links = NO_LINKS
    titles: Mapping[str, str] = TITLES


def line(finding: Finding) -> str:
    """Render one finding on one line, with colours."""
    rule = click.style(escape_invisible(f"{finding.rule} {finding.level}"), fg=COLOURS[finding.level])
    return f"{click.style(escape_invisible(str(finding.location)), bold=True)}: {rule}: {_said(finding)}"


def plain_line(finding: Finding) -> str:
    """Render one finding on one line without colours, for files and logs."""
    return f"{escape_invisible(f'{finding.location}: {finding.rule} {finding.level}')}: {_said(finding)}"


def summary(checked: ValidationReport) -> str:
    """Summarize the run in one line without user text."""
    waived = sum(bool(finding.suppressed) for finding in checked.findings)
    (cards, shares), (all_cards, all_shares) = checked.considered, checked.declared
    looked = f"{cards} cards and {shares} shares considered of {all_cards} and {all_shares} declared"
    return f"{looked}: {counted(checked.findings)}{f', {waived} waived' if waived else ''}"


def counted(findings: Iterable[Finding]) -> str:
    """Count findings by level, such as `2 deny, 1 warn`, leaving out waived ones."""
    levels = Counter(finding.level for finding in findings if not finding.suppressed)
    return ", ".join(f"{levels[level]} {level}" for level in COLOURS if levels[level]) or "no findings"


def as_text(checked: ValidationReport) -> str:
    """Render a line for each finding, then the counts."""
    return "\n".join([*map(line, checked.findings), summary(checked)])


def as_json(checked: ValidationReport) -> str:
    """Render the document of policies/schemas/validate.schema.json."""
    return document(
        {
            "version": 1,
            "considered": _counts(checked.considered),
            "declared": _counts(checked.declared),
            "findings": [as_data(finding) for finding in checked.findings],
        }
    )


def as_data(finding: Finding) -> Mapping[str, str | int | bool]:
    """Convert a finding to a flat object. `suppressed` is the waiver's reason, or empty."""
    return {
        "rule": finding.rule,
        "level": finding.level,
        "path": finding.location.path,
        "line": finding.location.line,
        "column": finding.location.column,
        "message": finding.message,
        "hint": finding.hint,
        "suppressed": finding.suppressed,
    }


def _counts(pair: tuple[int, int]) -> dict[str, int]:
    return {"cards": pair[0], "shares": pair[1]}


def lines(findings: Iterable[Finding]) -> list[str]:
    """Render a line for each finding, without card content."""
    return [line(finding) for finding in findings]


def lines_with_content(findings: Iterable[Finding]) -> list[str]:
    """Render a line for each finding, with the card content that a requested plan or pull may show."""
    return [line(one._replace(message=f"{one.message} ({one.detail})") if one.detail else one) for one in findings]


def _said(finding: Finding) -> str:
    hint = f" (hint: {finding.hint})" if finding.hint else ""
    waived = f" [suppressed: {finding.suppressed}]" if finding.suppressed else ""
    return escape_invisible(f"{finding.message}{hint}{waived}")
