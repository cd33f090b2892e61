"""Render the explanation of `cardops why` as text and JSON."""

from collections.abc import Callable, Mapping

import click

from cardops.audit.explain import Explanation
from cardops.render.escape import document, escape_invisible
from cardops.render.findings import as_data, lines


def as_text(why: Explanation) -> str:
    """Render why a card is held, since when, and who acts next; then its findings and the steps of the next apply."""
    card = why.card
    first = f"{card.key.name} ({card.key.place}): git says {card.status}, AWS says {why.live or 'nothing'}"
    text = [click.style(escape_invisible(first), bold=True)]
    if why.held:
        text.append(f"  {click.style('held', fg='yellow')}: {escape_invisible(why.held)}")
        since = f"{why.since.when} (commit {why.since.commit[:12]}) {why.since.job}".rstrip() if why.since else ""
        text.append(f"  since: {escape_invisible(since) or 'no record of a run tells'}")
        text.append(f"  next: {escape_invisible(why.who)}")
    elif not why.steps:
        text.append("  nothing holds it: AWS has what git declares")
    text += [
        f"  the next apply: {escape_invisible(f'{step.kind} {step.resource}: {step.reason}')}" for step in why.steps
    ]
    return "\n".join([*text, *lines(why.findings)])


def as_json(why: Explanation) -> str:
    """Render the document of policies/schemas/why.schema.json. It contains no card content."""
    card, since = why.card, why.since
    return document(
        {
            "version": 1,
            "account": card.key.account,
            "region": card.key.region,
            "card": card.key.name,
            "declared": card.status.value,
            "live": why.live,
            "held": why.held,
            "since": {"when": since.when, "commit": since.commit, "job": since.job} if since else None,
            "next": why.who,
            "steps": [{"kind": one.kind, "resource": one.resource, "reason": one.reason} for one in why.steps],
            "findings": [as_data(finding) for finding in why.findings],
        }
    )


FORMATS: Mapping[str, Callable[[Explanation], str]] = {"text": as_text, "json": as_json}
