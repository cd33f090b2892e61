"""Drift as text, as JSON, and as findings for every other format."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

import click

from cardops.drift import Difference, Drift, Kind
from cardops.findings import Finding, Level
from cardops.plan.steps import jsonable
from cardops.render.plans import change_line

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
    """Each kind with what it means, then its differences field by field, then the counts."""
    text: list[str] = []
    for kind, found in groupby(drift.differences, key=lambda difference: difference.kind):
        text += [f"{click.style(kind.value, fg=COLOURS[kind], bold=True)}: {MEANING[kind]}"]
        for difference in found:
            text += _lines(difference)
        text.append("")
    counted = Counter(difference.kind.value for difference in drift.differences)
    what = ", ".join(f"{counted[kind.value]} {kind.value}" for kind in Kind if counted[kind.value])
    text.append(f"{click.style('Drift:', bold=True)} {what or 'none'}")
    return "\n".join(text)


def as_json(drift: Drift) -> str:
    """The document that policies/schemas/drift.schema.json describes. It holds content: keep it as safe."""
    document = {
        "version": 1,
        "commit": drift.commit,
        "differs": drift.differs,
        "differences": [_as_data(difference) for difference in drift.differences],
        "unknown": [
            {"account": place.account, "region": place.region, "reason": why}
            for place, why in sorted(drift.unknown.items())
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_findings(drift: Drift) -> list[Finding]:
    """For the formats that show findings: the rule is `drift/` and the kind. They name fields and hold no content."""
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
    name = click.style(difference.resource, bold=True)
    yield f"  {name} ({difference.place}) {difference.what}: {difference.message}"
    if difference.when:
        by = f" by {difference.who}" if difference.who else ""
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


FORMATS: Mapping[str, Callable[[Drift], str]] = {"text": as_text, "json": as_json}
