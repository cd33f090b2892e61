"""Render the results of an apply as text, JSON and a comment.

`again` is the new plan for stale resources that were held, or None."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import click

from cardops.apply.results import StepOutcome, StepResult
from cardops.plan.steps import Plan
from cardops.render.apply_comment import as_markdown
from cardops.render.escape import document, escape_invisible
from cardops.render.findings import as_data, lines
from cardops.render.plan import blocked, no_changes, remainder
from cardops.render.run_summary import RunSummary

COLOURS = {StepOutcome.FAILED: "red", StepOutcome.HELD: "yellow", StepOutcome.SKIPPED: "yellow"}


def line(result: StepResult) -> str:
    """Render the result of one step on one line."""
    outcome = click.style(f"{result.outcome:>9}", fg=COLOURS.get(result.outcome, "green"))
    step = result.step
    return f"{outcome}  {escape_invisible(f'{step.kind} {step.resource} ({step.place}): {result.detail}')}"


def as_text(plan: Plan, results: Sequence[RunSummary], again: Plan | None = None) -> str:
    """Render held cards with reasons, findings and counts. The steps were printed while they ran."""
    counted = Counter(result.outcome for result in results if result.step.kind != "record")
    text = [
        f"     {click.style('held', fg='yellow')}  {escape_invisible(f'{key.name}: {why}')}"
        for key, why in sorted(plan.held.items())
    ]
    text += lines(plan.findings)
    what = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counted.items())) or no_changes(plan)
    text.append(f"{click.style('Apply:', bold=True)} {what}; {remainder(plan)}.")
    if again is not None:
        text.append(f"Held because it moved; look at the plan, then release it with --expect {again.digest()}")
    return "\n".join(text)


def as_json(plan: Plan, results: Sequence[RunSummary], again: Plan | None = None) -> str:
    """Render the document of policies/schemas/apply.schema.json. It contains no card content."""
    found = {
        "version": 1,
        "commit": plan.commit,
        "digest": plan.digest(),
        "outcomes": [
            {
                "kind": result.step.kind,
                "account": result.step.place.account,
                "region": result.step.place.region,
                "resource": result.step.resource,
                "outcome": result.outcome.value,
                "detail": result.detail,
            }
            for result in results
        ],
        "held": blocked(plan),
        "release": again.digest() if again else "",
        "findings": [as_data(finding) for finding in plan.findings],
    }
    return document(found)


FORMATS: Mapping[str, Callable[[Plan, Sequence[RunSummary], Plan | None], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
}
