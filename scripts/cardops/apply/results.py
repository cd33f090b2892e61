"""What became of steps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from cardops.errors import ExitCode
from cardops.plan.steps import Plan, Step

MOVED = "it moved since it was shown; nothing was written"
"""Why a step is held whose digest is not the one that somebody saw."""


class Outcome(StrEnum):
    """What a step did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """A step, what became of it, and a few words without content."""

    step: Step
    outcome: Outcome
    detail: str = ""


Report = Callable[[Result], None]


def exit_code(results: Iterable[Result], plan: Plan) -> ExitCode:
    """INCOMPLETE when anything failed, was skipped or is held."""
    undone = any(r.outcome in (Outcome.FAILED, Outcome.HELD, Outcome.SKIPPED) for r in results)
    refused = any(finding.level == "deny" for finding in plan.findings)
    return ExitCode.INCOMPLETE if undone or plan.held or refused else ExitCode.DONE
