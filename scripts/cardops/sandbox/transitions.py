"""Asynchronous state changes over time: associations, deleted shares, invitations.

Source of the states: ResourceShareAssociationStatus in botocore's RAM model. Deleted shares stay listed for about two
hours (RAM User Guide, "Deleting a resource share"); an invitation's record goes after seven days.
"""

from cardops.sandbox.core.operations import Call
from cardops.sandbox.state import Association, Invitation, Region, Share, State

LISTED_AFTER_END = 2 * 3600.0
INVITATION_RECORD = 7 * 24 * 3600.0
_ENDING = ("DISASSOCIATING", "DISASSOCIATED")


def begin(call: Call, share: Share, item: Association) -> None:
    """Start associating, or continue after an invitation; ends ASSOCIATED, or FAILED if a fault says so."""
    rule = call.faults.association("associate", item.kind, item.entity)
    seconds = call.options.associate_seconds if rule is None or rule.seconds is None else rule.seconds
    item.turns = "ASSOCIATED"
    if rule is not None and rule.fail is not None:
        item.turns, item.message = "FAILED", rule.fail
    item.due = call.now + seconds
    remind(call.state.region(share.owner, call.region), share, item.due)


def end(call: Call, share: Share, item: Association) -> None:
    """Start disassociating; access is gone at once, the state DISASSOCIATED comes after a while."""
    rule = call.faults.association("disassociate", item.kind, item.entity)
    seconds = call.options.disassociate_seconds if rule is None or rule.seconds is None else rule.seconds
    item.status, item.updated, item.message = "DISASSOCIATING", call.now, None
    item.due, item.turns = call.now + seconds, "DISASSOCIATED"
    remind(call.state.region(share.owner, call.region), share, item.due)


def retire(call: Call, share: Share) -> None:
    """Delete a share: its associations end, it is DELETING until they have, and DELETED while it is still listed."""
    region = call.state.region(share.owner, call.region)
    for item in _all(share):
        if item.status not in _ENDING:
            end(call, share, item)
    share.status, share.updated = "DELETING", call.now
    remind(region, share, call.now)
    _sweep_region(call, region)


def remind(region: Region, share: Share | None, due: float) -> None:
    """Schedule the region (and share) for a sweep at ``due``."""
    region.next_due = min(due, due if region.next_due is None else region.next_due)
    if share is not None:
        share.next_due = min(due, due if share.next_due is None else share.next_due)


def sweep(call: Call) -> None:
    """Apply every change that is due in the call's region, in all accounts."""
    for region in call.state.everywhere(call.region):
        if region.next_due is not None and region.next_due <= call.now:
            _sweep_region(call, region)


def _sweep_region(call: Call, region: Region) -> None:
    region.next_due = None
    for invitation in list(region.invitations.values()):
        _settle_invitation(call, region, invitation)
    for share in list(region.shares.values()):
        if share.next_due is not None and share.next_due <= call.now:
            _settle_share(region, share, call.now)
        if share.next_due is not None and share.arn in region.shares:
            remind(region, None, share.next_due)


def _settle_invitation(call: Call, region: Region, invitation: Invitation) -> None:
    expires = invitation.created + call.options.invitation_seconds
    if invitation.status == "PENDING" and expires <= call.now:
        invitation.status = "EXPIRED"
        withdraw(call.state, call.region, invitation, expires, "The invitation expired.")
    goes = max(invitation.created + INVITATION_RECORD, expires)
    if goes <= call.now:
        del region.invitations[invitation.arn]
    else:
        remind(region, None, expires if invitation.status == "PENDING" else goes)


def withdraw(state: State, name: str, invitation: Invitation, moment: float, why: str) -> None:
    """End the principal association that an unanswered or rejected invitation stands for."""
    sender = state.region(invitation.sender, name)
    share = sender.shares.get(invitation.share)
    item = share.principals.get(invitation.principal) if share else None
    if share and item and item.status == "ASSOCIATING":
        item.status, item.updated, item.message = "DISASSOCIATED", moment, why
        item.due, item.turns = moment + LISTED_AFTER_END, ""
        remind(sender, share, item.due)


def _settle_share(region: Region, share: Share, now: float) -> None:
    share.next_due = None
    for associations in (share.resources, share.principals):
        for item in list(associations.values()):
            _settle(associations, item, now)
            if item.due is not None and item.due > now:
                remind(region, share, item.due)
    if share.status == "DELETING" and not any(_busy(item) for item in _all(share)):
        share.status = "DELETED"
        share.updated = max([share.updated, *(item.updated for item in _all(share))])
        share.gone_at = share.updated + LISTED_AFTER_END
    if share.gone_at is not None and share.gone_at <= now:
        del region.shares[share.arn]
    elif share.gone_at is not None:
        remind(region, share, share.gone_at)


def _settle(associations: dict[str, Association], item: Association, now: float) -> None:
    while item.due is not None and item.due <= now:
        if item.turns == "":
            del associations[item.entity]
            return
        item.status, item.updated = item.turns, item.due
        ended = item.status == "DISASSOCIATED"
        item.due, item.turns = (item.due + LISTED_AFTER_END if ended else None), ""


def _all(share: Share) -> list[Association]:
    return [*share.resources.values(), *share.principals.values()]


def _busy(item: Association) -> bool:
    return item.status == "DISASSOCIATING"


def is_live(item: Association) -> bool:
    """Return True for an association that is in force or on its way: not ended, ending or failed."""
    return item.status not in (*_ENDING, "FAILED")
