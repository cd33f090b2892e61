"""After an apply: whether the accounts whose access it changed can do what was granted, and no more."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from cardops.access.cells import name_of
from cardops.cli.console import log
from cardops.model.errors import ExitCode
from cardops.model.findings import Finding, exit_code_for
from cardops.render.escape import escape_invisible

if TYPE_CHECKING:
    from cardops.apply.results import StepResult
    from cardops.model.desired import CardKey, Desired
    from cardops.model.ports import Cloud

LONGEST = 30.0
"""How many seconds RAM may take until consumers find what it did."""


def verify(
    cloud: "Cloud", desired: "Desired", results: "Iterable[StepResult]", today: str, held: "Collection[CardKey]"
) -> list[Finding]:
    """What differs. Accounts that cannot be asked are told, and are no finding; nor is what a held card waits for."""
    from cardops.access.differences import NOT_GRANTED, differences
    from cardops.access.verify import ACCESS_PHASES, verify_plan
    from cardops.apply.polling import Poller
    from cardops.apply.results import StepOutcome

    done = (StepOutcome.CREATED, StepOutcome.UPDATED)
    steps = [one.step for one in results if one.outcome in done and one.step.phase in ACCESS_PHASES and one.step.cards]
    if not steps:
        return []
    log(f"verifying the access that {len(steps)} step(s) changed")
    matrix, untried = verify_plan(cloud, desired, steps, today, Poller(log, longest=LONGEST).until)
    for of, why in matrix.unknown.items():
        log(f"not verified for {name_of(of, desired.config)}: {escape_invisible(why)}")
    if untried:
        log(f"{untried} more accounts and cards were not tried; `cardops access --verify` tries all")
    waiting = {str(key) for key in held}
    return [one for one in differences(matrix) if one.rule != NOT_GRANTED or one.card not in waiting]


def exit_code(findings: list[Finding]) -> ExitCode:
    """INCOMPLETE for a difference: what was applied is not what is so."""
    return ExitCode.INCOMPLETE if exit_code_for(findings) is ExitCode.DENIED else ExitCode.DONE
