"""Render the replay of a rule over past merges as text and JSON."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

import click

from cardops.commands.policy_replay import Replayed
from cardops.model.findings import Finding, plural
from cardops.policy.rules import Rule
from cardops.render.findings import as_data, lines


def replayed_as_text(rule: Rule, replayed: Sequence[Replayed]) -> str:
    """Render today's findings of the rule, a row for each merge, and the counts."""
    now, *merges = replayed
    text = [f"{click.style(rule.id, bold=True)}  {rule.title}", "", f"today: {plural(len(now.findings), 'finding')}"]
    text += [f"  {one}" for one in lines(now.findings)]
    for one in merges:
        if one.merge is not None:
            hit = _objects(one.findings)
            said = f"{one.merge.commit[:7]}  {one.merge.day}  {len(hit):>3}  {', '.join(hit)}".rstrip()
            text.append(click.style(said, dim=not hit))
    hits = sum(bool(one.findings) for one in merges)
    return "\n".join([*text, f"it would have found something at {hits} of {plural(len(merges), 'merge')}"])


def replayed_as_json(rule: Rule, replayed: Sequence[Replayed]) -> str:
    """Render `{version, rule, today: [finding], merges: [{commit, day, subject, findings}]}`, newest merge first."""
    now, *merges = replayed
    past = [
        {**one.merge._asdict(), "findings": [as_data(finding) for finding in one.findings]}
        for one in merges
        if one.merge is not None
    ]
    document = {"version": 1, "rule": rule.id, "today": [as_data(one) for one in now.findings], "merges": past}
    return json.dumps(document, indent=2, ensure_ascii=False)


REPLAY_FORMATS: Mapping[str, Callable[[Rule, Sequence[Replayed]], str]] = {
    "text": replayed_as_text,
    "json": replayed_as_json,
}


def _objects(findings: Iterable[Finding]) -> list[str]:
    """Return the names of the cards and shares in findings, or the files of findings without either."""
    return sorted({one.card.rpartition("/")[2] or one.share or one.location.path for one in findings})
