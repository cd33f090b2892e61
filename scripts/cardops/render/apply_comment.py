"""Render the results of an apply as a comment on the pull request that it applied."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cardops.apply.results import RELEASABLE, StepOutcome
from cardops.model.findings import Finding, plural
from cardops.plan.steps import Plan, Step
from cardops.render.links import NO_LINKS
from cardops.render.listing import finding_parts, listing
from cardops.render.markdown import code, fit, prose
from cardops.render.plan_comment import step_parts
from cardops.render.run_summary import RunSummary

MARKER = "<!-- cardops:apply -->"
"""The last line of the comment. It identifies the comment, so that it is edited in place."""

UNDONE = (StepOutcome.HELD, StepOutcome.FAILED, StepOutcome.SKIPPED)


def as_markdown(plan: Plan, results: Sequence[RunSummary], again: Plan | None) -> str:
    """Render the verdict, open steps with reasons, findings, the fields of stale steps, and the release digest."""
    parts = [
        listing("**Not done**", [*_waiting(plan), *_undone(results)], 1),
        *finding_parts(_denied(plan), NO_LINKS),
        *(step_parts(_moved(again, results)) if again else ()),
    ]
    shown = [part for part in parts if part.items]
    return fit(_verdict(plan, results), shown, _last(plan, results, again), "All of it is in this run's record.").text


def _verdict(plan: Plan, results: Iterable[RunSummary]) -> str:
    counted = Counter(result.outcome for result in results if result.step.kind != "record")
    done = sum(number for outcome, number in counted.items() if outcome not in UNDONE)
    if counted[StepOutcome.FAILED]:
        return f"⛔ **{plural(counted[StepOutcome.FAILED], 'step')} failed; {done} done.**"
    if counted[StepOutcome.HELD] or plan.held:
        waiting = {
            key for result in results if result.outcome in UNDONE for key in result.step.cards
        } | plan.held.keys()
        return (
            f"✋ **Applied in part: {plural(len(waiting), 'card')} waiting for somebody, {plural(done, 'step')} done.**"
        )
    return f"✅ **Applied: {plural(done, 'step')}.**" if done else "✅ **Nothing was left to do.**"


def _waiting(plan: Plan) -> Iterator[str]:
    for key, why in sorted(plan.held.items()):
        yield f"- {code(key.name)} is held: {prose(why)}"


def _undone(results: Iterable[RunSummary]) -> Iterator[str]:
    for result in results:
        if result.outcome in UNDONE:
            step = result.step
            yield f"- {code(step.resource)} ({step.kind}) {result.outcome}: {prose(result.detail)}"


def _denied(plan: Plan) -> list[Finding]:
    return [finding for finding in plan.findings if finding.level == "deny"]


def _moved(again: Plan, results: Iterable[RunSummary]) -> list[Step]:
    """Return the steps that would now apply to resources held as stale."""
    keys = {result.step.key for result in results if result.detail in RELEASABLE}
    return [step for step in again.differences() if step.key in keys]


def _last(plan: Plan, results: Iterable[RunSummary], again: Plan | None) -> str:
    text = [f"Commit {code(plan.commit[:12])}."]
    if again is not None:
        text.append(
            "What moved in AWS since it was shown is held; nothing was written to it. Above is what would happen to "
            f"it now. To release it, run the workflow by hand with the digest `{again.digest()}`."
        )
    return f"{' '.join(text)}\n\n{MARKER}"
