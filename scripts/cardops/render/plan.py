"""Render a plan in every format. What is shown is what runs."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from cardops.merge.diff import ABSENT, Change
from cardops.model.findings import plural
from cardops.plan.steps import Plan, Step, jsonable
from cardops.plan.version_budget import DEFAULT_LIMIT, describe, new_versions
from cardops.render.escape import document, escape_invisible
from cardops.render.findings import as_data, lines_with_content
from cardops.render.formats import of_findings
from cardops.render.plan_comment import as_markdown
from cardops.render.plan_report import PlanReport
from cardops.render.word_diff import Piece, word_diff

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
MAX_VALUE = 200


def as_text(report: PlanReport) -> str:
    """Render the steps in their order of execution, field by field, then the counts and the digest."""
    plan, text = report.plan, list[str]()
    if report.steps:
        text += [LEGEND, ""]
    for step in report.steps:
        text += _step(step)
    if report.remainder is not None:
        text += _apart("Left over from earlier merges, applied with the next merge:", report.remainder.leftovers)
        text += _apart("Prevented by this change:", report.remainder.averted)
    if plan.held:
        text += [click.style("Held:", fg="yellow", bold=True)]
        text += [escape_invisible(f"  {key.name} ({key.place}): {why}") for key, why in sorted(plan.held.items())]
    text += lines_with_content(plan.findings)
    if versions := describe(report.steps, plan.version_limits):
        text.append(f"Versions: {versions}")
    text.append(_summary(plan, click.style("Plan:", bold=True)))
    return "\n".join(text)


def as_json(report: PlanReport) -> str:
    """Render the document of policies/schemas/plan.schema.json. It contains card content: protect it accordingly."""
    plan, remainder = report.plan, report.remainder
    found: dict[str, Any] = {
        "version": 1,
        "repository": plan.repository,
        "commit": plan.commit,
        "digest": plan.digest(),
        "digests": plan.digests(),
        "counts": counts(plan),
        "steps": [_as_data(step) for step in plan.steps],
        "held": blocked(plan),
        "new_versions": [
            {
                "account": card.account,
                "region": card.region,
                "card": card.name,
                "version": number,
                "limit": plan.version_limits.get(card.place, DEFAULT_LIMIT),
            }
            for card, number in new_versions(plan.steps)
        ],
        "findings": [as_data(finding) for finding in report.findings],
    }
    if remainder is not None:
        found["against"] = {
            "commit": remainder.base,
            "digests": remainder.digests(plan),
            "leftovers": sorted({step.key for step in remainder.leftovers}),
            "averted": sorted({step.key for step in remainder.averted}),
        }
    return document(found)


def counts(plan: Plan) -> dict[str, int]:
    """Count the steps of each kind, without tags-only bookkeeping."""
    return dict(sorted(Counter(step.kind for step in plan.differences()).items()))


def blocked(plan: Plan) -> list[dict[str, str]]:
    """List the held cards with the reasons."""
    return [
        {"account": key.account, "region": key.region, "card": key.name, "reason": why}
        for key, why in sorted(plan.held.items())
    ]


def _step(step: Step) -> list[str]:
    sign, colour = SIGNS.get(step.kind, ("~", "yellow"))
    head = click.style(escape_invisible(f"{sign} {step.kind} {step.resource}"), fg=colour, bold=True)
    reason = escape_invisible(step.reason)
    return [f"{head}  ({step.place})", f"    because {reason}", *map(change_line, step.changes), ""]


def _apart(title: str, steps: Sequence[Step]) -> list[str]:
    if not steps:
        return []
    said = [escape_invisible(f"  {step.kind} {step.resource} ({step.place}): {step.reason}") for step in steps]
    return [click.style(title, bold=True), *said, ""]


def change_line(change: Change) -> str:
    """Render one added, removed or changed field."""
    path = escape_invisible(change.path)
    if change.before is ABSENT:
        return f"    {click.style('+', fg='green')} {path}: {_value(change.after)}"
    if change.after is ABSENT:
        return f"    {click.style('-', fg='red')} {path}: {_value(change.before)}"
    if pieces := word_diff(change.before, change.after):
        return f"    {click.style('~', fg='yellow')} {path}: {''.join(map(_piece, pieces))}"
    return f"    {click.style('~', fg='yellow')} {path}: {_value(change.before)} → {_value(change.after)}"


def _piece(piece: Piece) -> str:
    """Render a run of words in colour, marked so that it can be read without colour too."""
    text = escape_invisible(piece.text)
    if piece.kind == "removed":
        return click.style(f"[-{text}-]", fg="red")
    return click.style(f"{{+{text}+}}", fg="green") if piece.kind == "added" else text


def _value(value: Any) -> str:
    text = escape_invisible(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def summary(report: PlanReport) -> str:
    """Summarize the plan in one line without user text."""
    return _summary(report.plan, "Plan:")


def _summary(plan: Plan, title: str) -> str:
    found = counts(plan)
    what = ", ".join(f"{number} to {kind}" for kind, number in found.items())
    return f"{title} {what or no_changes(plan)}{';' if what else ','} {remainder(plan)}. Digest {plan.digest()}"


def no_changes(plan: Plan) -> str:
    """Say that no step is left. Held cards may need steps once a person acts."""
    return "nothing to do yet" if plan.held else "nothing to do"


def remainder(plan: Plan) -> str:
    """Count the unchanged and the held cards."""
    waiting = f", {len(plan.held)} held" if plan.held else ""
    return f"{plural(plan.unchanged, 'card')} unchanged{waiting}"


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


FORMATS: Mapping[str, Callable[[PlanReport], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    **of_findings("plan", lambda report: report.findings, summary, lambda report: report.titles),
}
