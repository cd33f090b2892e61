"""Render drift as text and JSON, and as findings for every other format."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

import click

from cardops.drift.model import Difference, Drift, Kind
from cardops.model.findings import Finding, Level, plural
from cardops.plan.steps import jsonable
from cardops.render.escape import document, escape_invisible
from cardops.render.field_diff import change_lines
from cardops.render.formats import of_findings
from cardops.render.links import NO_LINKS
from cardops.render.listing import finding_parts, unread_part
from cardops.render.markdown import fit, folded_diff, html_code
from cardops.render.plan import change_line

MARKER = "<!-- cardops:drift -->"

MEANING: Mapping[Kind, str] = {
    Kind.CONTRIBUTED: "written through the API and not yet in git; `cardops pull` brings it there",
    Kind.CONFLICTING: "changed in git and in AWS; the card waits for somebody",
    Kind.TAMPERED: "changed behind git's back; `cardops apply` puts it right, or git has to say it",
    Kind.MISSING: "git declares it, and it is gone from AWS",
    Kind.UNMANAGED: "git does not know it; `cardops import` writes it down",
}
COLOURS: Mapping[Kind, str] = {
    Kind.CONTRIBUTED: "cyan",
    Kind.CONFLICTING: "yellow",
    Kind.TAMPERED: "red",
    Kind.MISSING: "red",
    Kind.UNMANAGED: "white",
}
LEVELS: Mapping[Kind, Level] = {
    Kind.CONTRIBUTED: "warn",
    Kind.CONFLICTING: "deny",
    Kind.TAMPERED: "deny",
    Kind.MISSING: "deny",
    Kind.UNMANAGED: "audit",
}


def as_text(drift: Drift) -> str:
    """Render each kind of drift with its meaning and differences, then the counts."""
    text: list[str] = []
    for kind, found in groupby(drift.differences, key=lambda difference: difference.kind):
        text += [f"{click.style(kind.value, fg=COLOURS[kind], bold=True)}: {MEANING[kind]}"]
        for difference in found:
            text += _lines(difference)
        text.append("")
    text.append(f"{click.style('Drift:', bold=True)} {summary(drift)}")
    return "\n".join(text)


def summary(drift: Drift) -> str:
    """Count the differences of each kind."""
    counted = Counter(difference.kind.value for difference in drift.differences)
    return ", ".join(f"{counted[kind.value]} {kind.value}" for kind in Kind if counted[kind.value]) or "none"


def as_markdown(drift: Drift) -> str:
    """Render the verdict, a line for each difference, and its folded fields."""
    sign = "⛔" if drift.unknown else "⚠️" if drift.differs else "✅"
    unread = f"; not whole: {plural(len(drift.unknown), 'place')} could not be read" if drift.unknown else ""
    parts = [unread_part({str(place): why for place, why in drift.unknown.items()})]
    parts += finding_parts(as_findings(drift), NO_LINKS)
    for difference in drift.differences:
        changed = [line for change in difference.changes for line in change_lines(change)]
        heading = f"{html_code(difference.resource)}: {difference.kind}"
        parts.append(folded_diff(heading, changed, "lines of differences", 6))
    shown = [part for part in parts if part.items]
    return fit(
        f"{sign} **Drift: {summary(drift)}{unread}.**", shown, MARKER, "All of it is in `cardops drift --format json`."
    ).text


def as_json(drift: Drift) -> str:
    """Render the document of policies/schemas/drift.schema.json. It contains card content: protect it accordingly."""
    found = {
        "version": 1,
        "commit": drift.commit,
        "differs": drift.differs,
        "differences": [_as_data(difference) for difference in drift.differences],
        "unknown": [
            {"account": place.account, "region": place.region, "reason": why}
            for place, why in sorted(drift.unknown.items())
        ],
    }
    return document(found)


def as_findings(drift: Drift) -> list[Finding]:
    """Convert differences to findings with the rule `drift/KIND`. They name fields and contain no card content."""
    return [
        Finding(
            f"drift/{difference.kind}",
            difference.location,
            f"{difference.resource}: {_without_values(difference)}",
            MEANING[difference.kind],
            LEVELS[difference.kind],
            str(difference.card) if difference.card else "",
        )
        for difference in drift.differences
    ]


def _lines(difference: Difference) -> Iterator[str]:
    name = click.style(escape_invisible(difference.resource), bold=True)
    yield f"  {name} ({difference.place}) {escape_invisible(f'{difference.what}: {difference.message}')}"
    if difference.when:
        by = f" by {escape_invisible(difference.who)}" if difference.who else ""
        yield f"      last changed {difference.when}{by}"
    yield from (f"  {change_line(change)}" for change in difference.changes)


def _without_values(difference: Difference) -> str:
    paths = ", ".join(change.path for change in difference.changes[:5])
    more = f", and {len(difference.changes) - 5} more" if len(difference.changes) > 5 else ""
    message = difference.message
    if difference.kind is Kind.CONFLICTING:
        message = "git and the live card changed one field"
    return f"{message} ({paths}{more})" if paths else message


def _as_data(difference: Difference) -> dict[str, Any]:
    return {
        "kind": difference.kind.value,
        "what": difference.what,
        "account": difference.place.account,
        "region": difference.place.region,
        "resource": difference.resource,
        "message": difference.message,
        "path": difference.location.path,
        "line": difference.location.line,
        "column": difference.location.column,
        "when": difference.when,
        "who": difference.who,
        "changes": [
            {"path": change.path, "before": jsonable(change.before), "after": jsonable(change.after)}
            for change in difference.changes
        ],
    }


FORMATS: Mapping[str, Callable[[Drift], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    **of_findings("drift", as_findings, lambda drift: f"Drift: {summary(drift)}"),
}
