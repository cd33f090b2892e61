"""Summarize for the approver what a signature covers: content, evidence, findings and access."""

from collections.abc import Iterator, Mapping
from typing import Any

from cardops.model import canonical
from cardops.model.desired import Card
from cardops.model.findings import plural
from cardops.plan.approvals import SignatureRequest
from cardops.render.field_diff import change_lines
from cardops.render.markdown import Part, code, folded_diff, html_code, prose
from cardops.render.plan_report import PlanReport
from cardops.render.step_phrases import can_phrase, listed, net_access, principal

PURPOSE = 300
"""Longest purpose in the summary, in characters. The signed content below has the whole text."""

METRICS = 8
"""Metrics in the summary: those that changed first."""

Metrics = Mapping[str, Any]


def signing_parts(report: PlanReport) -> Iterator[Part]:
    """Render, for each card that this change approves, the summary and the content that the signature covers."""
    for signed in report.to_sign:
        name = signed.card.key.name
        title = f"**Approving this signs {code(name)}**, with digest {code(signed.card.digest)}:\n"
        yield Part(title, tuple(_covered(signed, report)), "lines on signatures", 0, required=True)
        lines = [line for change in signed.changes() for line in change_lines(change)]
        since = "since the last Approved version" if signed.before else "never Approved before: all of it"
        if signed.card.origin:
            since = "all of it, as its origin has it now"
        summary = f"Content of {html_code(name)} that is signed ({since})"
        yield folded_diff(summary, lines, "lines of signed content", 1, required=True)


def _covered(signed: SignatureRequest, report: PlanReport) -> Iterator[str]:
    now = canonical.from_bytes(signed.card.content)
    before = canonical.from_bytes(signed.before.content) if signed.before else {}
    yield from _essence(signed.card, now, signed.before, before)
    yield from _numbers(metrics(now), metrics(before) if signed.before else None)
    yield f"- content: {_extent(signed)}"
    yield f"- evidence: {_evidence(now)}"
    key = signed.card.key
    own = [one for one in report.findings if one.card == str(key) or one.location.path == signed.card.location.path]
    if not own:
        yield "- findings: none"
    for finding in own:
        waived = f", waived: {prose(finding.suppressed)}" if finding.suppressed else ""
        yield f"- finding: {code(finding.rule)} {finding.level}: {prose(finding.message)}{waived}"
    yield from _access(signed, report)


def _essence(card: Card, now: Mapping[str, Any], old: Card | None, before: Mapping[str, Any]) -> Iterator[str]:
    """Yield the purpose, the risk rating and the owner, each with its value before if that was another one."""
    uses, uses_before = now.get("intended_uses") or {}, before.get("intended_uses") or {}
    purpose = str(uses.get("purpose_of_model") or "")
    cut = f"{purpose[:PURPOSE]}…" if len(purpose) > PURPOSE else purpose
    yield f"- purpose: {prose(cut) if purpose else 'not stated'}"
    yield f"- risk rating: {_change(uses_before.get('risk_rating') if old else None, uses.get('risk_rating'))}"
    yield f"- owner: {_change(old.owner if old else None, card.owner)}"


def _change(before: object, after: object) -> str:
    text = code(str(after)) if after else "not stated"
    return f"{code(str(before))} → {text}" if before and before != after else text


def metrics(content: Mapping[str, Any]) -> Metrics:
    """Return the simple metrics of a card's evaluations by `evaluation / group / metric`."""
    return {
        " / ".join((str(evaluation.get("name", "")), str(group.get("name", "")), str(metric.get("name", "")))): (
            metric.get("value")
        )
        for evaluation in content.get("evaluation_details") or ()
        for group in evaluation.get("metric_groups") or ()
        for metric in group.get("metric_data") or ()
        if not isinstance(metric.get("value"), list)
    }


def _numbers(now: Metrics, before: Metrics | None) -> Iterator[str]:
    known = before or {}
    names = [name for name in {**known, **now} if before is None or now.get(name) != known.get(name)]
    for name in names[:METRICS]:
        if name not in now:
            yield f"- metric {code(name)}: removed, was {code(str(known[name]))}"
        else:
            yield f"- metric {code(name)}: {_change(known.get(name), now[name])}"
    if len(names) > METRICS:
        yield f"- {plural(len(names) - METRICS, 'more metric')} {'that changed ' if before is not None else ''}below"


def _extent(signed: SignatureRequest) -> str:
    if origin := signed.card.origin:
        return f"all of it, copied from {code(f'{origin.account}/{origin.card}')}; git has none of it"
    if signed.before is None:
        return "all of it, since no version of it was Approved before"
    fields = plural(len(signed.changes()), "field")
    return f"{fields} changed since it was last Approved, in commit {code(signed.commit[:12])}"


def _evidence(content: Mapping[str, Any]) -> str:
    evaluations = content.get("evaluation_details") or []
    if not evaluations:
        return "none: the card has no evaluation"
    return ", ".join(f"{code(str(one['name']))} ({_count(one)})" for one in evaluations)


def _count(evaluation: Mapping[str, Any]) -> str:
    return plural(sum(len(group.get("metric_data", ())) for group in evaluation.get("metric_groups", ())), "metric")


def _access(signed: SignatureRequest, report: PlanReport) -> Iterator[str]:
    changes = False
    for (who, key), net in net_access(report.steps, report.config).items():
        for verb, what in can_phrase(net) if key == signed.card.key else ():
            name, account = principal(who, report.config)
            changes = True
            yield f"- access: {code(name)}{f' ({code(account)})' if account else ''} {verb} {listed(what)} it"
    if not changes:
        yield "- access: nobody gains or loses any"
    for who, ability in report.readers.get(signed.card.key, {}).items():
        yield f"- access: {code(principal(who, report.config)[0])} can {ability} it already"
