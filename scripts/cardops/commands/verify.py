"""Verify after an apply that the accounts whose access it changed can do what was granted, and no more."""

from collections.abc import Callable, Collection, Iterable

from cardops.access.cells import name_of
from cardops.access.differences import NOT_GRANTED, differences
from cardops.access.verify import ACCESS_PHASES, verify_plan
from cardops.apply.polling import Poller
from cardops.apply.results import StepOutcome, StepResult
from cardops.model.desired import CardKey, Desired
from cardops.model.errors import ExitCode
from cardops.model.findings import Finding, exit_code_for, plural
from cardops.model.ports import Cloud

MAX_SECONDS = 30.0
"""The time that RAM may take until consumers see what it did."""


def verify(
    cloud: Cloud,
    desired: Desired,
    results: Iterable[StepResult],
    today: str,
    held: Collection[CardKey],
    log: Callable[[str], None],
) -> list[Finding]:
    """Findings where access differs from what was granted; not for what a held card waits for.

    Accounts that cannot be asked are logged, and are not a finding.
    """
    done = (StepOutcome.CREATED, StepOutcome.UPDATED)
    steps = [one.step for one in results if one.outcome in done and one.step.phase in ACCESS_PHASES and one.step.cards]
    if not steps:
        return []
    log(f"verifying the access that {plural(len(steps), 'step')} changed")
    matrix, untried = verify_plan(cloud, desired, steps, today, Poller(log, longest=MAX_SECONDS).until)
    for of, why in matrix.unknown.items():
        log(f"not verified for {name_of(of, desired.config)}: {why}")
    if untried:
        log(f"{untried} more accounts and cards were not tried; `cardops access --verify` tries all")
    waiting = {str(key) for key in held}
    return [one for one in differences(matrix) if one.rule != NOT_GRANTED or one.card not in waiting]


def exit_code(findings: list[Finding]) -> ExitCode:
    """INCOMPLETE for a difference: what was applied is not what is so."""
    return ExitCode.INCOMPLETE if exit_code_for(findings) is ExitCode.DENIED else ExitCode.DONE
