"""Taking up a share in the account that it is shared with."""

from cardops.apply.polling import Poller
from cardops.model.errors import StaleResourceError
from cardops.model.ports import Invitations
from cardops.plan.steps import Step


def accept(port: Invitations, step: Step, share: str, token: str, patience: Poller) -> str:
    """Accepts the invitation to a share (by ARN), unless it is accepted already. Raises Moved when there is none."""
    if port.accepted(share):
        return "accepted already"
    if patience.until(lambda: "" if port.pending(share) else f"the invitation to {step.resource}"):
        raise StaleResourceError(
            f"account {step.place.account} has no invitation to {step.resource}", "apply again in a while"
        )
    port.accept(port.pending(share), token)
    return "accepted"
