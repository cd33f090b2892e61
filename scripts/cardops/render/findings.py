"""Findings as text and JSON."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import click

from cardops.findings import Finding, Level

COLOURS: Mapping[Level, str] = {"deny": "red", "warn": "yellow", "audit": "cyan"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What validate looked at: cards and shares considered and declared, and what it found."""

    considered: tuple[int, int]
    declared: tuple[int, int]
    findings: tuple[Finding, ...]


def line(finding: Finding) -> str:
    """One finding on one line, with colours that the terminal may strip."""
    hint = f" (hint: {finding.hint})" if finding.hint else ""
    rule = click.style(f"{finding.rule} {finding.level}", fg=COLOURS[finding.level])
    waived = f" [suppressed: {finding.suppressed}]" if finding.suppressed else ""
    return f"{click.style(str(finding.location), bold=True)}: {rule}: {finding.message}{hint}{waived}"


def as_text(checked: Checked) -> str:
    """Every finding on a line, then the counts."""
    levels = Counter(finding.level for finding in checked.findings if not finding.suppressed)
    counted = ", ".join(f"{levels[level]} {level}" for level in COLOURS if levels[level]) or "no findings"
    (cards, shares), (all_cards, all_shares) = checked.considered, checked.declared
    last = f"{cards} cards and {shares} shares considered of {all_cards} and {all_shares} declared: {counted}"
    return "\n".join([*map(line, checked.findings), last])


def as_json(checked: Checked) -> str:
    """The document that policies/schemas/validate.schema.json describes."""
    document = {
        "version": 1,
        "considered": _counts(checked.considered),
        "declared": _counts(checked.declared),
        "findings": [as_data(finding) for finding in checked.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_data(finding: Finding) -> Mapping[str, str | int | bool]:
    """A finding as an object: places flat, suppressed as the waiver's reason or empty."""
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


FORMATS: Mapping[str, Callable[[Checked], str]] = {"text": as_text, "json": as_json}


def lines(findings: Iterable[Finding]) -> list[str]:
    """Findings without the counts."""
    return [line(finding) for finding in findings]
