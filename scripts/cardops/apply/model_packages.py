"""Run the steps that set a model package's approval: look, compare, set."""

from cardops.model.errors import StaleResourceError
from cardops.model.ports import Registry
from cardops.model.registry import MARK_APPROVAL, MARK_COMMIT, MARK_REPOSITORY
from cardops.plan.steps import SetApproval, Step

LONGEST_DESCRIPTION = 1024


def run(port: Registry, step: Step, action: SetApproval, repository: str, commit: str) -> str:
    """One call sets approval, description and marks. Raises Moved when the approval is not what the plan saw."""
    live = port.describe(action.group, action.version)
    if live.approval is not action.seen and live.approval is not action.approval:
        raise StaleResourceError(f"{live.key} is {live.approval} now, the plan saw {action.seen}", "plan again")
    marks = {MARK_REPOSITORY: repository, MARK_COMMIT: commit, MARK_APPROVAL: action.approval.value}
    text = f"{action.because}, by commit {commit} of {repository}"
    if action.signoff:
        text += f"; signed off: {action.signoff}"
    port.set_approval(action.group, action.version, action.approval, text[:LONGEST_DESCRIPTION], marks)
    return action.approval.value
