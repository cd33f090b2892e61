"""Render the checks of `cardops doctor` as text and JSON."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import click

from cardops.commands.doctor import Check
from cardops.model.findings import plural
from cardops.render.escape import document, escape_invisible

COLOURS = {"ok": "green", "problem": "red", "unknown": "yellow"}


def line(check: Check) -> str:
    """Render one check on one line, and what to do below it."""
    outcome = click.style(f"{check.outcome:>7}", fg=COLOURS[check.outcome])
    text = f"{outcome}  {escape_invisible(f'{check.subject}: {check.message}')}"
    return f"{text}\n         → {escape_invisible(check.fix)}" if check.fix else text


def summary(checks: Iterable[Check]) -> str:
    """Count the checks by outcome."""
    counted = Counter(check.outcome for check in checks)
    problems = plural(counted["problem"], "problem") if counted["problem"] else "no problem"
    heading = click.style("Doctor:", bold=True)
    return f"{heading} {counted['ok']} ok, {problems}, {counted['unknown']} unknown."


def as_text(checks: Sequence[Check]) -> str:
    """Render a line for each check, then the counts."""
    return "\n".join([*map(line, checks), summary(checks)])


def as_json(checks: Sequence[Check]) -> str:
    """Render `{version, checks: [{subject, outcome, message, fix}]}`."""
    return document({"version": 1, "checks": [check._asdict() for check in checks]})


FORMATS: Mapping[str, Callable[[Sequence[Check]], str]] = {"text": as_text, "json": as_json}
