"""After an apply: whether the accounts whose access it changed can do what was granted, and no more."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from cardops.cli.told import told
from cardops.errors import ExitCode
from cardops.findings import Finding, verdict
from cardops.matrix.cells import name_of
from cardops.render.visible import visible

if TYPE_CHECKING:
    from cardops.apply.results import Result
    from cardops.model import CardKey, Desired
    from cardops.ports import Cloud

LONGEST = 30.0
"""How many seconds RAM may take until consumers find what it did."""


def verify(
    cloud: "Cloud", desired: "Desired", results: "Iterable[Result]", today: str, held: "Collection[CardKey]"
) -> list[Finding]:
    """What differs. Accounts that cannot be asked are told, and are no finding; nor is what a held card waits for."""
    from cardops.apply.results import Outcome
    from cardops.apply.waiting import Patience
    from cardops.matrix.differences import NOT_GRANTED, differences
    from cardops.verify import ACCESS_PHASES, after

    done = (Outcome.CREATED, Outcome.UPDATED)
    steps = [one.step for one in results if one.outcome in done and one.step.phase in ACCESS_PHASES and one.step.cards]
    if not steps:
        return []
    told(f"verifying the access that {len(steps)} step(s) changed")
    matrix, untried = after(cloud, desired, steps, today, Patience(told, longest=LONGEST).until)
    for of, why in matrix.unknown.items():
        told(f"not verified for {name_of(of, desired.config)}: {visible(why)}")
    if untried:
        told(f"{untried} more accounts and cards were not tried; `cardops access --verify` tries all")
    waiting = {str(key) for key in held}
    return [one for one in differences(matrix) if one.rule != NOT_GRANTED or one.card not in waiting]


def code_of(findings: list[Finding]) -> ExitCode:
    """INCOMPLETE for a difference: what was applied is not what is so."""
    return ExitCode.INCOMPLETE if verdict(findings) is ExitCode.DENIED else ExitCode.DONE
