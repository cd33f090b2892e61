"""Render changed fields as lines of a unified diff."""

import json
from collections.abc import Iterator
from typing import Any

from cardops.merge.diff import ABSENT, Change
from cardops.plan.steps import Step
from cardops.render.word_diff import marked, word_diff

MAX_LINE = 2_000
"""Longest value in one line of a diff, in characters. `plan.json` has the whole value."""


def step_lines(step: Step) -> list[str]:
    """Render a step, its reason and its changes."""
    return [f"  {step.kind}: {step.reason}", *(line for change in step.changes for line in change_lines(change))]


def change_lines(change: Change) -> Iterator[str]:
    """Render one field with the removed and the added value; multi-line texts line by line, long ones word by word."""
    yield f"@@ {change.path} @@"
    if pieces := word_diff(change.before, change.after):
        yield from (f"! {_cut(line)}" for line in marked(pieces).split("\n"))
        return
    for sign, value in (("-", change.before), ("+", change.after)):
        if value is not ABSENT:
            yield from (f"{sign} {_cut(line)}" for line in _lines(value))


def _lines(value: Any) -> list[str]:
    if isinstance(value, str) and "\n" in value.strip("\n"):
        return value.split("\n")
    return json.dumps(value, indent=2, ensure_ascii=False).split("\n")


def _cut(line: str) -> str:
    over = len(line) - MAX_LINE
    return line if over <= 0 else f"{line[:MAX_LINE]}… ({over} characters more in plan.json)"
