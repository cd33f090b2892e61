"""A plan as text and JSON: what is shown is what runs."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import click

from cardops.diff import ABSENT, Change
from cardops.plan.steps import Plan, Step, jsonable
from cardops.render.findings import as_data, lines

SIGNS = {
    "create": ("+", "green"),
    "share": ("+", "green"),
    "reconnect": ("+", "green"),
    "create-permission": ("+", "green"),
    "promote": ("↑", "green"),
    "approve-package": ("↑", "green"),
    "demote": ("↓", "yellow"),
    "withdraw-package": ("↓", "yellow"),
    "archive": ("↓", "yellow"),
    "retire": ("-", "red"),
    "delete": ("-", "red"),
    "revoke": ("-", "red"),
    "unshare": ("-", "red"),
    "expire": ("-", "red"),
    "accept": ("+", "green"),
}
LEGEND = "+ create or share   ~ change   ↑ promote   ↓ demote   - revoke or retire"
LONGEST = 200


def as_text(plan: Plan) -> str:
    """The steps in the order in which they run, field by field, then the counts and the digest."""
    text: list[str] = []
    steps = plan.differences()
    if steps:
        text += [LEGEND, ""]
    for step in steps:
        text += _step(step)
    if plan.held:
        text += [click.style("Held, waiting for somebody:", fg="yellow", bold=True)]
        text += [f"  {key.name} ({key.place}): {why}" for key, why in sorted(plan.held.items())]
    text += lines(plan.findings)
    text.append(_summary(plan))
    return "\n".join(text)


def as_json(plan: Plan) -> str:
    """The document that policies/schemas/plan.schema.json describes. It holds content: keep it as safe."""
    document = {
        "version": 1,
        "repository": plan.repository,
        "commit": plan.commit,
        "digest": plan.digest(),
        "digests": plan.digests(),
        "counts": counts(plan),
        "steps": [_as_data(step) for step in plan.steps],
        "held": held(plan),
        "findings": [as_data(finding) for finding in plan.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def counts(plan: Plan) -> dict[str, int]:
    """How many steps of each kind, without bookkeeping."""
    return dict(sorted(Counter(step.kind for step in plan.differences()).items()))


def held(plan: Plan) -> list[dict[str, str]]:
    """The cards that wait for somebody, and why."""
    return [
        {"account": key.account, "region": key.region, "card": key.name, "reason": why}
        for key, why in sorted(plan.held.items())
    ]


def _step(step: Step) -> list[str]:
    sign, colour = SIGNS.get(step.kind, ("~", "yellow"))
    head = click.style(f"{sign} {step.kind} {step.resource}", fg=colour, bold=True)
    return [f"{head}  ({step.place})", f"    because {step.reason}", *map(change_line, step.changes), ""]


def change_line(change: Change) -> str:
    """One field: added, removed or changed."""
    if change.before is ABSENT:
        return f"    {click.style('+', fg='green')} {change.path}: {_value(change.after)}"
    if change.after is ABSENT:
        return f"    {click.style('-', fg='red')} {change.path}: {_value(change.before)}"
    return f"    {click.style('~', fg='yellow')} {change.path}: {_value(change.before)} → {_value(change.after)}"


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _summary(plan: Plan) -> str:
    found = counts(plan)
    what = ", ".join(f"{number} to {kind}" for kind, number in found.items())
    unchanged = f"{plan.unchanged} cards unchanged"
    if not found:
        return f"Plan: nothing to do, {unchanged}. Digest {plan.digest()}"
    return f"{click.style('Plan:', bold=True)} {what}; {unchanged}. Digest {plan.digest()}"


def _as_data(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "account": step.place.account,
        "region": step.place.region,
        "resource": step.resource,
        "key": step.key,
        "reason": step.reason,
        "changes": [
            {"path": change.path, "before": jsonable(change.before), "after": jsonable(change.after)}
            for change in step.changes
        ],
    }


FORMATS: Mapping[str, Callable[[Plan], str]] = {"text": as_text, "json": as_json}
