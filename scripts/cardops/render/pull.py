"""Render the results of a pull as text and JSON. They name fields; git's diff has the values."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import click

from cardops.commands.pull_edits import PulledCard, PullOutcome
from cardops.render.findings import as_data, lines_with_content

COLOURS = {
    PullOutcome.PULLED: "green",
    PullOutcome.UNCHANGED: "white",
    PullOutcome.CONFLICTING: "yellow",
    PullOutcome.REFUSED: "red",
}


def as_text(pulled: Sequence[PulledCard], branch: str, commit: str) -> str:
    """Render each changed card with its fields or findings, then the counts."""
    text = []
    for one in pulled:
        if one.outcome is PullOutcome.UNCHANGED:
            continue
        outcome = click.style(f"{one.outcome:>11}", fg=COLOURS[one.outcome])
        detail = one.why or f"{one.card.location.path}, from version {one.version}"
        text.append(f"{outcome}  {one.card.key.name}: {detail}")
        text += [f"             {change.path}" for change in one.changes if one.outcome is PullOutcome.PULLED]
        text += lines_with_content(one.findings)
    counted = Counter(one.outcome for one in pulled)
    what = ", ".join(f"{counted[outcome]} {outcome}" for outcome in PullOutcome if counted[outcome]) or "no cards"
    where = f" The branch {branch} is at {commit[:12]}." if commit else ""
    nothing = "" if counted.keys() - {PullOutcome.UNCHANGED} else "nothing to pull; "
    text.append(f"{click.style('Pull:', bold=True)} {nothing}{what}.{where}")
    return "\n".join(text)


def as_json(pulled: Sequence[PulledCard], branch: str, commit: str) -> str:
    """Render the document of policies/schemas/pull.schema.json. It contains no card content."""
    document = {
        "version": 1,
        "branch": branch,
        "commit": commit,
        "cards": [
            {
                "account": one.card.key.account,
                "region": one.card.key.region,
                "card": one.card.key.name,
                "path": one.card.location.path,
                "outcome": str(one.outcome),
                "live_version": one.version,
                "message": one.why,
                "changes": [change.path for change in one.changes],
                "findings": [as_data(finding) for finding in one.findings],
            }
            for one in pulled
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Sequence[PulledCard], str, str], str]] = {"text": as_text, "json": as_json}
