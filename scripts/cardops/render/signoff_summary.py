"""Summarize for the approver what a signature covers: content, evidence, findings and access."""

from collections.abc import Iterator

from cardops.model import canonical
from cardops.model.findings import plural
from cardops.plan.approvals import SignatureRequest
from cardops.render.field_diff import change_lines
from cardops.render.markdown import Part, code, folded_diff, html_code, prose
from cardops.render.plan_report import PlanReport
from cardops.render.step_phrases import can_phrase, listed, net_access, principal


def signing_parts(report: PlanReport) -> Iterator[Part]:
    """Render, for each card that this change approves, the summary and the content that the signature covers."""
    for signed in report.to_sign:
        name = signed.card.key.name
        title = f"**Approving this signs {code(name)}**, with digest {code(signed.card.digest)}:\n"
        yield Part(title, tuple(_covered(signed, report)), "lines on signatures", 4)
        lines = [line for change in signed.changes() for line in change_lines(change)]
        since = "since the last Approved version" if signed.before else "never Approved before: all of it"
        if signed.card.origin:
            since = "all of it, as its origin has it now"
        summary = f"Content of {html_code(name)} that is signed ({since})"
        yield folded_diff(summary, lines, "lines of signed content", 4)


def _covered(signed: SignatureRequest, report: PlanReport) -> Iterator[str]:
    changed = len(signed.changes())
    if origin := signed.card.origin:
        yield f"- content: all of it, copied from {code(f'{origin.account}/{origin.card}')}; git holds none of it"
    elif signed.before is None:
        yield "- content: all of it, since no version of it was Approved before"
    else:
        fields = f"{plural(changed, 'field')} changed"
        yield f"- content: {fields} since it was last Approved, in commit {code(signed.commit[:12])}"
    yield f"- evidence: {_evidence(signed)}"
    key = signed.card.key
    own = [one for one in report.findings if one.card == str(key) or one.location.path == signed.card.location.path]
    if not own:
        yield "- findings: none"
    for finding in own:
        waived = f", waived: {prose(finding.suppressed)}" if finding.suppressed else ""
        yield f"- finding: {code(finding.rule)} {finding.level}: {prose(finding.message)}{waived}"
    yield from _who(signed, report)


def _evidence(signed: SignatureRequest) -> str:
    content = canonical.from_bytes(signed.card.content)
    evaluations = content.get("evaluation_details") or []
    if not evaluations:
        return "none: the card has no evaluation"
    return ", ".join(f"{code(one['name'])} ({_metrics(one)})" for one in evaluations)


def _metrics(evaluation: dict[str, list[dict[str, list[object]]]]) -> str:
    number = sum(len(group.get("metric_data", ())) for group in evaluation.get("metric_groups", ()))
    return plural(number, "metric")


def _who(signed: SignatureRequest, report: PlanReport) -> Iterator[str]:
    gains = False
    for (who, key), net in net_access(report.steps, report.config).items():
        for verb, what in can_phrase(net) if key == signed.card.key else ():
            name, account = principal(who, report.config)
            gains = True
            yield f"- access: {code(name)}{f' ({code(account)})' if account else ''} {verb} {listed(what)} it"
    if not gains:
        yield "- access: nobody gains or loses any"
