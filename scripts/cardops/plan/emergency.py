"""The emergency brake, and the hourly look at the calendar: what runs without a digest that somebody saw."""

from cardops.plan.actions import ReplacePermission
from cardops.plan.steps import DeleteCard, Phase, Plan, Step

ENDINGS = frozenset({Phase.LOCK, Phase.REVOKE, Phase.NARROW})


def narrowing_steps(plan: Plan, brake: bool) -> tuple[Step, ...]:
    """The plan's steps that end access; with `brake` also those that demote. Nothing is granted or deleted."""
    kept = ENDINGS | {Phase.DEMOTE} if brake else ENDINGS
    taken_up = {
        (step.place, step.action.permission.rpartition("/")[2])
        for step in plan.steps
        if step.phase is Phase.NARROW and isinstance(step.action, ReplacePermission)
    }
    return tuple(
        step
        for step in plan.steps
        if (step.phase in kept and not isinstance(step.action, DeleteCard))
        or (step.phase is Phase.PREPARE and (step.place, step.resource) in taken_up)
    )
