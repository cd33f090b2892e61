"""Run the steps that set a model package's approval: look, compare, set."""

from cardops.model.desired import Status
from cardops.model.errors import CloudError, StaleResourceError
from cardops.model.ports import Cloud, Registry
from cardops.model.registry import MARK_APPROVAL, MARK_COMMIT, MARK_REPOSITORY, Approval
from cardops.plan.steps import SetApproval, Step

LONGEST_DESCRIPTION = 1024


def run(cloud: Cloud, step: Step, action: SetApproval, repository: str, commit: str) -> str:
    """Set approval, description and marks in one call. Raises StaleResourceError when the plan saw another approval.

    An approval is taken back at once if the card is not Approved any more when it is set: a newer run may have
    demoted the card meanwhile, and found nothing to withdraw.
    """
    port = cloud.registry(step.place)
    live = port.describe(action.group, action.version)
    if live.approval is not action.seen and live.approval is not action.approval:
        raise StaleResourceError(f"{live.key} is {live.approval} now, the plan saw {action.seen}", "plan again")
    _set(port, action, action.approval, repository, commit)
    if action.approval is Approval.APPROVED and (why := _not_approved(cloud, step)):
        _set(port, action, Approval.PENDING, repository, commit)
        raise StaleResourceError(f"{live.key} was not approved: {why}", "plan again")
    return action.approval.value


def _set(port: Registry, action: SetApproval, approval: Approval, repository: str, commit: str) -> None:
    marks = {MARK_REPOSITORY: repository, MARK_COMMIT: commit, MARK_APPROVAL: approval.value}
    text = f"{action.because}, by commit {commit} of {repository}"
    if action.signoff:
        text += f"; signed off: {action.signoff}"
    port.set_approval(action.group, action.version, approval, text[:LONGEST_DESCRIPTION], marks)


def _not_approved(cloud: Cloud, step: Step) -> str:
    """Explain why the package may not be approved now; empty if it may."""
    for key in sorted(step.cards):
        try:
            status = cloud.cards(key.place).describe(key.name).status
        except CloudError as problem:
            return f"{key.name} could not be looked at: {problem}"
        if status is not Status.APPROVED:
            return f"{key.name} is {status} now"
    return ""
