"""The report for auditors as text, JSON and CSV; `policy_report_html` and `oscal` are its other forms."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from cardops.commands.policy_report import PolicyReport
from cardops.model.findings import plural
from cardops.policy.assessment import STATES, Assessed
from cardops.policy.coverage import CoveredClause, PackCoverage
from cardops.render.oscal import report_as_oscal
from cardops.render.policy_report_html import report_as_html
from cardops.render.report_rows import DISCLAIMER, Row, card_of, exceptions, rows

COLOURS = {"satisfied": "green", "not satisfied": "red", "waived": "yellow", "undecided": "red"}
COLUMNS = (
    *(
        "pack",
        "pack version",
        "clause",
        "title",
        "applies from",
        "applies",
        "kind",
        "name",
        "rule",
        "level",
        "state",
        "reason",
    ),
    *("path", "line", "commit", "file sha256", "rule sha256", "waived by", "waived until"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_as_text(report: PolicyReport) -> str:
    """Counts for each pack, then each clause that applies with what is not satisfied, and the exceptions."""
    lines = [f"{report.tool and 'cardops ' + report.tool}, commit {report.commit[:12]}, as of {report.on}"]
    if report.uncommitted:
        lines.append(f"{plural(len(report.uncommitted), 'file')} not committed: {', '.join(report.uncommitted[:5])}")
    for covered in report.packs:
        lines += ["", *_pack(report, covered)]
    lines += ["", click.style("Waivers and overrides", bold=True), *(exceptions_as_lines(report) or ["  none"])]
    return "\n".join([*lines, "", DISCLAIMER])


def exceptions_as_lines(report: PolicyReport) -> list[str]:
    """One line for each waiver and override, with its place."""
    return [
        f"  {one['kind']} of {one['rule']} for {one['for']}: {one['what']} ({one['path']}:{one['line']})"
        for one in exceptions(report)
    ]


def _pack(report: PolicyReport, covered: PackCoverage) -> Iterator[str]:
    pack = covered.pack
    yield click.style(f"{pack.title} (version {pack.version}, {pack.status})", bold=True)
    if not covered.applies:
        yield f"  Nothing of it applies on {report.on}."
        return
    found = list(rows(report, covered))
    counts = Counter(row.state for row in found)
    yield "  " + ", ".join(f"{counts[state]} {state}" for state in counts)
    for row in found:
        if row.state in ("not satisfied", "waived", "undecided"):
            state = click.style(row.state, fg=COLOURS[row.state])
            about = f"{row.clause.clause.id}  {row.kind} {row.name}  {row.rule}"
            yield f"  {about} {state}: {row.reason} ({row.path}:{row.line})"


def report_as_json(report: PolicyReport) -> str:
    """Render everything: `{version, tool, commit, on, uncommitted, packs, rules, cards, exceptions, results}`.

    `results` are `[{pack, clause, applies_from, applies, kind, name, rule, level, state, reason, path, line, waiver}]`;
    `state` is one of satisfied, not satisfied, waived, not applicable, undecided, at each change, no rule, and not
    evidenced by a card. `rules` has the digest and the parameters in force by id, `cards` the digest of the file and
    the sign-off that the ledger knows.
    """
    document = {
        "version": 1,
        "tool": report.tool,
        "commit": report.commit,
        "on": report.on,
        "uncommitted": list(report.uncommitted),
        "note": DISCLAIMER,
        "packs": [_pack_data(covered) for covered in report.packs],
        "rules": {name: _rule_data(report, some) for name, some in sorted(report.assessed.items())},
        "cards": [card_of(report, subject) for subject in report.subjects],
        "exceptions": exceptions(report),
        "results": [_row_data(row) for covered in report.packs for row in rows(report, covered)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _pack_data(covered: PackCoverage) -> dict[str, Any]:
    pack = covered.pack
    return {
        "id": pack.id,
        "title": pack.title,
        "citation": pack.citation,
        "text_version": pack.version,
        "source": pack.source,
        "status": pack.status,
        "applies": covered.applies,
    }


def _rule_data(report: PolicyReport, some: tuple[Assessed, ...]) -> dict[str, Any]:
    rule = some[0].rule
    place = rule.place("id")
    return {
        "title": rule.title,
        "on": rule.on,
        "sha256": report.rule_digests[rule.id],
        "params": report.params(rule),
        "references": list(rule.references),
        "path": place.path,
        "line": place.line,
        "counts": {state: count for state in STATES if (count := sum(one.state == state for one in some))},
    }


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "pack": row.pack,
        "clause": row.clause.clause.id,
        "applies_from": row.clause.applies_from,
        "applies": row.applies,
        "kind": row.kind,
        "name": row.name,
        "rule": row.rule,
        "level": row.level,
        "state": row.state,
        "reason": row.reason,
        "path": row.path,
        "line": row.line,
        "waiver": {"by": row.waived_by, "until": row.waived_until} if row.waived_by else None,
    }


def report_as_csv(report: PolicyReport) -> str:
    """Render one line for each pack, clause, rule and card, for a spreadsheet; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for covered in report.packs:
        for row in rows(report, covered):
            writer.writerow([_cell(value) for value in _cells(report, covered, row)])
    return text.getvalue().rstrip("\n")


def _cells(report: PolicyReport, covered: PackCoverage, row: Row) -> tuple[Any, ...]:
    clause: CoveredClause = row.clause
    return (
        *(row.pack, covered.pack.version, clause.clause.id, clause.clause.title, clause.applies_from),
        *("yes" if row.applies else "no", row.kind, row.name, row.rule, row.level, row.state, row.reason),
        *(row.path, row.line or "", report.commit, report.digests.get(row.path, "")),
        *(report.rule_digests.get(row.rule, ""), row.waived_by, row.waived_until),
    )


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


REPORT_FORMATS: Mapping[str, Callable[[PolicyReport], str]] = {
    "text": report_as_text,
    "json": report_as_json,
    "csv": report_as_csv,
    "html": report_as_html,
    "oscal": report_as_oscal,
}
