"""Results of applied steps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from cardops.model.errors import ExitCode
from cardops.plan.steps import Plan, Step

STALE = "it moved since it was shown; nothing was written"
"""Why a step is held whose digest is not the one that somebody saw."""

UNSEEN = "no plan that was reviewed shows this; nothing was written"
"""Why a step is held that widens and belongs to no reviewed plan, as of two changes that widen only together."""

RELEASABLE = frozenset({STALE, UNSEEN})
"""The reasons to hold a step that go when somebody releases the whole plan by its digest."""


class StepOutcome(StrEnum):
    """The outcome of a step."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step, what became of it, and a few words without content."""

    step: Step
    outcome: StepOutcome
    detail: str = ""


Report = Callable[[StepResult], None]


def exit_code(results: Iterable[StepResult], plan: Plan) -> ExitCode:
    """INCOMPLETE when anything failed, was skipped or is held."""
    undone = any(r.outcome in (StepOutcome.FAILED, StepOutcome.HELD, StepOutcome.SKIPPED) for r in results)
    refused = any(finding.level == "deny" for finding in plan.findings)
    return ExitCode.INCOMPLETE if undone or plan.held or refused else ExitCode.DONE
