"""Render a plan as a pull-request comment: verdict, changes, access and findings."""

from collections import Counter
from collections.abc import Iterable, Iterator

from cardops.model.desired import CardKey
from cardops.model.findings import plural
from cardops.plan.steps import Step
from cardops.render.field_diff import step_lines
from cardops.render.listing import finding_parts, listing, refusal, unread_part
from cardops.render.markdown import LIMIT, Part, code, fit, fold, folded_diff, html_code, prose
from cardops.render.plan_report import PlanReport
from cardops.render.signoff_summary import signing_parts
from cardops.render.step_phrases import access_changes, can_phrase, describe_step, listed, net_access, principal, where

MARKER = "<!-- cardops:plan -->"
"""The last line of the comment. It identifies the comment, so that it is edited in place."""

ARTIFACT = "All of it is in `plan.json`, the artifact of this run."
NAMED = 3
"""The verdict names at most this many principals that gain access; the section below names all."""

SHORT = 140
"""Longest reason in the table, in characters. The finding below has the whole reason."""

VERBS = {
    "share": "shared with",
    "revoke": "access ended for",
    "unshare": "access ended for",
    "expire": "access expired for",
}


def as_markdown(report: PlanReport, limit: int = LIMIT) -> str:
    """Render the comment. It never exceeds `limit`, and user text in it stays text."""
    parts = [
        unread_part(report.unknown),
        *_table(report),
        *_access(report),
        *finding_parts(report.findings, report.links),
        *signing_parts(report),
        *_apart(report),
        *step_parts(report.steps),
    ]
    return fit(_verdict(report), [part for part in parts if part.items], _last(report), ARTIFACT, limit)


def _verdict(report: PlanReport) -> str:
    if report.unknown:
        return f"⛔ **This plan is not whole: {plural(len(report.unknown), 'place')} could not be read.**"
    if refused := refusal(report.findings):
        return refused
    if report.held:
        return f"✋ **{plural(len(report.held), 'card')} would wait for somebody.**"
    steps = report.steps
    if not steps:
        return "✅ **Merging this changes nothing in AWS.**"
    cards = {key for step in steps for key in step.cards} | {one.card for one in access_changes(steps) if one.card}
    changes = f"changes {plural(len(cards), 'card')}" if cards else f"makes {plural(len(steps), 'step')} in AWS"
    return f"✅ **Merging this {changes}{_gaining(report)}.**"


def _gaining(report: PlanReport) -> str:
    gains = sorted({who for (who, _), verb, _ in _abilities(report) if verb == "will be able to"})
    if not gains:
        return ""
    named = ", ".join(map(code, gains)) if len(gains) <= NAMED else plural(len(gains), "principal")
    return f", and {named} will gain access"


def _table(report: PlanReport) -> Iterator[Part]:
    """Render a row for each card or other resource and account."""
    rows: dict[tuple[str, str], list[str]] = {}
    for step in report.steps:
        for name, said in _effects(step, report):
            said_before = rows.setdefault((name, where(step.place, report.config)), [])
            if said not in said_before:
                said_before.append(said)
    for key, why in sorted(report.held.items()):
        rows.setdefault((key.name, where(key.place, report.config)), []).append(f"**held**: {prose(_short(why))}")
    lines = [f"| {code(name)} | {code(account)} | {' · '.join(said)} |" for (name, account), said in rows.items()]
    yield Part("| card | account | what would happen |\n| :-- | :-- | :-- |", tuple(lines), "rows", 1)


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _effects(step: Step, report: PlanReport) -> Iterator[tuple[str, str]]:
    """Yield each card that a step affects, or its resource, with the effect."""
    accessed = list(access_changes([step]))
    for change in accessed:
        who = code(principal(change.who, report.config)[0])
        yield change.card.name if change.card else change.share, f"{VERBS.get(step.kind, 'access changed for')} {who}"
    if not accessed:
        for name in sorted(key.name for key in step.cards) or [step.resource]:
            yield name, describe_step(step)


def _abilities(report: PlanReport) -> Iterator[tuple[tuple[str, CardKey], str, str]]:
    for who_and_card, net in net_access(report.steps, report.config).items():
        for verb, what in can_phrase(net):
            yield who_and_card, verb, listed(what)


def _access(report: PlanReport) -> Iterator[Part]:
    lines = [_sentence(who, card, f"{verb} {what}", report) for (who, card), verb, what in _abilities(report)]
    for step in report.steps:
        if step.kind in ("permission", "permission-version", "create-permission"):
            lines.append(f"- what {code(step.resource)} allows: {describe_step(step)} ({prose(step.reason)})")
    yield listing("**Access**", lines, 2)


def _sentence(who: str, card: CardKey, what: str, report: PlanReport) -> str:
    name, account = principal(who, report.config)
    return f"- {code(name)}{f' ({code(account)})' if account else ''} {what} {code(card.name)}"


def _apart(report: PlanReport) -> Iterator[Part]:
    """Render steps that happen without this change too, and steps that this change prevents."""
    if report.remainder is None:
        return
    for steps, title in (
        (
            report.remainder.leftovers,
            "Left over from before, and applied with the next merge whatever this change does",
        ),
        (report.remainder.averted, "Would have been applied without this change, and will not be"),
    ):
        lines = [
            f"- {code(name)} ({code(where(step.place, report.config))}): {said}"
            for step in steps
            for name, said in _effects(step, report)
        ]
        if lines:
            yield fold(f"{title} ({len(lines)})", lines, "leftovers", 5)


def step_parts(steps: Iterable[Step]) -> Iterator[Part]:
    """Render the changed fields of each resource, folded."""
    by_resource: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        by_resource.setdefault((step.resource, step.key), []).extend(step_lines(step))
    for (resource, _), lines in by_resource.items():
        fields = sum(line.startswith("@@") for line in lines)
        yield folded_diff(f"{html_code(resource)}: {plural(fields, 'field')}", lines, "lines of differences", 6)


def _last(report: PlanReport) -> str:
    counted = Counter("narrowing" if step.narrowing else "other" for step in report.steps)
    order = "access that ends comes first, access that begins last"
    text = [f"**On merge** `cardops apply` makes {plural(sum(counted.values()), 'step')}; {order}."]
    if report.to_sign:
        text.append("A card becomes Approved only if its live content is exactly what is signed here.")
    if report.plan.held:
        text.append(f"{plural(len(report.plan.held), 'held card')} will wait; the others go on.")
    text.append("What moves in AWS until then is held and shown again.")
    return f"{' '.join(text)}\n\nPlan digest `{report.plan.digest()}`\n\n{MARKER}"
