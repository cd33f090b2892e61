"""What an apply did, as text and JSON."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import click

from cardops.apply.run import Outcome, Result
from cardops.plan.steps import Plan
from cardops.render.findings import as_data, lines
from cardops.render.plans import held, nothing, rest
from cardops.render.visible import document, visible

COLOURS = {Outcome.FAILED: "red", Outcome.HELD: "yellow", Outcome.SKIPPED: "yellow"}


def line(result: Result) -> str:
    """One step on one line."""
    outcome = click.style(f"{result.outcome:>9}", fg=COLOURS.get(result.outcome, "green"))
    step = result.step
    return f"{outcome}  {visible(f'{step.kind} {step.resource} ({step.place}): {result.detail}')}"


def as_text(plan: Plan, results: Sequence[Result]) -> str:
    """What is held and why, findings, and the counts. The steps were printed while they ran."""
    counted = Counter(result.outcome for result in results if result.step.kind != "record")
    text = [
        f"     {click.style('held', fg='yellow')}  {visible(f'{key.name}: {why}')}"
        for key, why in sorted(plan.held.items())
    ]
    text += lines(plan.findings)
    what = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counted.items())) or nothing(plan)
    text.append(f"{click.style('Apply:', bold=True)} {what}; {rest(plan)}.")
    return "\n".join(text)


def as_json(plan: Plan, results: Sequence[Result]) -> str:
    """The document that policies/schemas/apply.schema.json describes. It holds no content."""
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
        "held": held(plan),
        "findings": [as_data(finding) for finding in plan.findings],
    }
    return document(found)


FORMATS: Mapping[str, Callable[[Plan, Sequence[Result]], str]] = {"text": as_text, "json": as_json}
