"""Render a plan as a pull-request comment: verdict, changes, access and findings."""

from collections.abc import Iterable, Iterator, Mapping

from cardops.model.findings import plural
from cardops.plan.steps import Step
from cardops.render.access_lines import access_parts, effects
from cardops.render.field_diff import step_lines
from cardops.render.listing import existing_part, finding_parts, refusal, some, unread_part
from cardops.render.markdown import LIMIT, Part, code, fit, fold, folded_diff, html_code, prose
from cardops.render.plan_report import PlanReport
from cardops.render.signoff_summary import signing_parts
from cardops.render.step_phrases import access_changes, describe_step, principal, where

MARKER = "<!-- cardops:plan -->"
"""The last line of the comment. It identifies the comment, so that it is edited in place."""

ARTIFACT = "Everything is in `plan.json`, the artifact of this run."
NAMED = 3
"""The verdict names at most this many principals that gain access; the section below names all."""

SHORT = 140
"""Longest reason in the table, in characters. The finding below has the whole reason."""

ALIKE = 5
"""More cards with equal changes than this share one row of the table."""

VERBS = {
    "share": "shared with",
    "revoke": "access ended for",
    "unshare": "access ended for",
    "expire": "access expired for",
}


def as_markdown(report: PlanReport, limit: int = LIMIT) -> str:
    """Render the comment. It never exceeds `limit`, and user text in it stays text.

    New access, what is signed and deny findings are never left out silently: where they do not fit, the verdict says
    that this comment is not enough for a review.
    """
    parts = [
        unread_part(report.unknown),
        *signing_parts(report),
        *access_parts(report),
        *finding_parts(report.introduced, report.links),
        *_table(report),
        *_apart(report),
        *step_parts(report.steps),
        existing_part([one for one in report.findings if one in report.existing], report.links),
    ]
    shown = [part for part in parts if part.items]
    fitted = fit(_verdict(report), shown, _last(report), ARTIFACT, limit)
    if fitted.missing:
        return fit(_too_large(fitted.missing), shown, _last(report), ARTIFACT, limit).text
    return fitted.text


def _too_large(missing: Mapping[str, int]) -> str:
    left = ", ".join(f"{number} {what}" for what, number in missing.items())
    return f"⛔ **Too large to review here: {left} are not shown. Split this pull request, or read `plan.json`.**"


def _verdict(report: PlanReport) -> str:
    if report.unknown:
        return f"⛔ **This plan is incomplete: {plural(len(report.unknown), 'place')} could not be read.**"
    if refused := refusal(report.introduced):
        return refused
    if report.held:
        return f"✋ **{plural(len(report.held), 'card')} would be held.**"
    steps = report.steps
    if not steps:
        return "✅ **Merging this changes nothing in AWS.**"
    cards = {key for step in steps for key in step.cards} | {one.card for one in access_changes(steps) if one.card}
    changes = f"changes {plural(len(cards), 'card')}" if cards else f"makes {plural(len(steps), 'step')} in AWS"
    if not report.to_sign:
        return f"✅ **Merging this {changes}{_gaining(report)}.**"
    signed = some([one.card.key.name for one in report.to_sign], "card")
    return f"✍️ **Your approval signs {signed}. Merging this {changes}{_gaining(report)}.**"


def _gaining(report: PlanReport) -> str:
    gains = list(dict.fromkeys(one.who for one in effects(report) if one.widens))
    if not gains:
        return ""
    named = ", ".join(map(code, gains)) if len(gains) <= NAMED else plural(len(gains), "principal")
    return f", and {named} will gain access"


def _table(report: PlanReport) -> Iterator[Part]:
    """Render a row for each card or other resource and account; many cards with equal effects share a row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for step in report.steps:
        for name, effect in _effects(step, report):
            effects_so_far = rows.setdefault((name, where(step.place, report.config)), [])
            if effect not in effects_so_far:
                effects_so_far.append(effect)
    for key, why in sorted(report.held.items()):
        rows.setdefault((key.name, where(key.place, report.config)), []).append(f"**held**: {prose(_short(why))}")
    alike: dict[tuple[str, str], list[str]] = {}
    for (name, account), so_far in rows.items():
        alike.setdefault((account, " · ".join(so_far)), []).append(name)
    lines = [
        f"| {text} | {code(account)} | {effect} |"
        for (account, effect), names in alike.items()
        for text in ([some(names, "card")] if len(names) > ALIKE else map(code, names))
    ]
    yield Part("| card | account | change |\n| :-- | :-- | :-- |", tuple(lines), "rows", 2)


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


def _apart(report: PlanReport) -> Iterator[Part]:
    """Render steps that happen without this change too, and steps that this change prevents."""
    if report.remainder is None:
        return
    for steps, title in (
        (report.remainder.leftovers, "Left over from earlier merges: applied with the next merge in any case"),
        (report.remainder.averted, "Prevented: these steps would be applied without this change"),
    ):
        lines = [
            f"- {code(name)} ({code(where(step.place, report.config))}): {effect}"
            for step in steps
            for name, effect in _effects(step, report)
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
    steps = plural(len(report.steps), "step")
    text = [f"**On merge**, `cardops apply` runs {steps}: access ends first and begins last."]
    if report.to_sign:
        text.append("A card becomes Approved only if its live content is exactly what is signed here.")
    if report.plan.held:
        text.append(f"{plural(len(report.plan.held), 'held card')} will wait; everything else goes on.")
    text.append("Resources that change in AWS before the merge are held and shown again.")
    return f"{' '.join(text)}\n\nPlan digest `{report.plan.digest()}`\n\n{MARKER}"
