"""Select the steps that may run without a reviewed plan: they only end access and approvals."""

from cardops.model.desired import Status
from cardops.plan.actions import ReplacePermission
from cardops.plan.steps import DeleteCard, Phase, Plan, SetStatus, Step

ENDINGS = frozenset({Phase.LOCK, Phase.REVOKE, Phase.NARROW, Phase.WITHDRAW})


def narrowing_steps(plan: Plan, brake: bool) -> tuple[Step, ...]:
    """Select the steps that end access and approvals. Nothing is granted or deleted.

    A card that is Approved and that git does not declare Approved is demoted: whoever may write a card may set any
    status. With `brake`, every step that demotes or archives runs.
    """
    taken_up = {
        (step.place, step.action.permission.rpartition("/")[2])
        for step in plan.steps
        if step.phase is Phase.NARROW and isinstance(step.action, ReplacePermission)
    }
    return tuple(
        step
        for step in plan.steps
        if step.phase in ENDINGS
        or _demotes(step, brake)
        or (step.phase is Phase.PREPARE and (step.place, step.resource) in taken_up)
    )


def _demotes(step: Step, brake: bool) -> bool:
    if step.phase is not Phase.DEMOTE or isinstance(step.action, DeleteCard):
        return False
    ends_approval = isinstance(step.action, SetStatus) and step.action.seen is Status.APPROVED
    return brake or (step.kind == "demote" and ends_approval)
