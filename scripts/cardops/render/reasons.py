"""What holds a card, as text and JSON."""

from collections.abc import Callable, Mapping

import click

from cardops.render.findings import as_data, lines
from cardops.render.visible import document, visible
from cardops.why import Why


def as_text(why: Why) -> str:
    """The card, what holds it, since when and who is next; then its findings, and what an apply would do."""
    card = why.card
    first = f"{card.key.name} ({card.key.place}): git says {card.status}, AWS says {why.live or 'nothing'}"
    text = [click.style(visible(first), bold=True)]
    if why.held:
        text.append(f"  {click.style('held', fg='yellow')}: {visible(why.held)}")
        since = f"{why.since.when} (commit {why.since.commit[:12]}) {why.since.job}".rstrip() if why.since else ""
        text.append(f"  since: {visible(since) or 'no record of a run tells'}")
        text.append(f"  next: {visible(why.who)}")
    elif not why.steps:
        text.append("  nothing holds it: AWS has what git declares")
    text += [f"  the next apply: {visible(f'{step.kind} {step.resource}: {step.reason}')}" for step in why.steps]
    return "\n".join([*text, *lines(why.findings)])


def as_json(why: Why) -> str:
    """The document that policies/schemas/why.schema.json describes. It holds no content."""
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


FORMATS: Mapping[str, Callable[[Why], str]] = {"text": as_text, "json": as_json}
