"""External principals: pending and expired invitations, and RAM's limit of open ones.

Sources: AWS RAM User Guide ("Accepting and rejecting resource share invitations": 12 hours for most resource types)
and Service Quotas (L-238C96EE: 250 pending invitations for each sharing account and Region).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from cardops.desired.grants import DesiredGrant, account_of
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import AccountRegion, CardKey
from cardops.model.findings import Finding, Location
from cardops.model.observed import ObservedShare
from cardops.plan.actions import AcceptInvitation, Associate, CreateShare
from cardops.plan.steps import CardRequirement, Phase, Step

PENDING_LIMIT = 250
VALID = timedelta(hours=12)


def terms(grant: DesiredGrant) -> Iterator[Change]:
    """Describe what a new share or principal means for an account outside the organization."""
    if grant.outside:
        yield Change("external principals", ABSENT, "allowed")
        who = "cardops accepts it" if grant.share.invitations == "accept" else f"{grant.to} has to accept it"
        yield Change("invitation", ABSENT, f"{who} within {VALID // timedelta(hours=1)} hours")


def accepting(
    grant: DesiredGrant, key: str, share: ObservedShare | None, requires: Mapping[CardKey, CardRequirement]
) -> Iterator[Step]:
    """Accept the invitation in the consumer's account, where the share says `accept`.

    `requires` are the cards that the share holds then, and what each must be.
    """
    if not grant.outside or grant.share.invitations != "accept":
        return
    yield Step(
        Phase.ACCEPT,
        "accept",
        AccountRegion(account_of(grant.principal), grant.place.region),
        grant.name,
        key,
        f"{grant.to} is outside the organization and the share says `invitations: accept`",
        AcceptInvitation(share.arn if share else "", grant.place, grant.principal),
        (Change("invitation", "pending", "accepted"),),
        share.arn if share else "absent",
        frozenset(requires),
        share.updated if share else "",
        requires,
    )


def unanswered(grant: DesiredGrant, share: ObservedShare) -> Finding:
    """Report a pending invitation: which account has to accept it, where, and until when."""
    account = account_of(grant.principal)
    return Finding(
        "share/invitation-pending",
        grant.share.location,
        f"{grant.label}: account {account} has to accept the invitation to the share {share.name!r} of "
        f"{grant.place.account} in {grant.place.region}{_until(share.invited[grant.principal])}",
        "accept it there in RAM, under `Shared with me`; once it has expired, the next apply sends another one",
        "warn",
    )


def queue(steps: Iterable[Step], shares: Iterable[ObservedShare]) -> tuple[list[Step], list[Finding]]:
    """Drop the steps that would exceed RAM's limit of open invitations, and report what waits."""
    room: dict[AccountRegion, int] = {}
    for share in shares:
        room[share.place] = room.get(share.place, PENDING_LIMIT) - len(share.invited)
    waiting: dict[AccountRegion, set[str]] = {}
    kept = sorted(steps, key=lambda step: (step.phase, step.place, step.key))
    for step in kept:
        if _invites(step):
            room[step.place] = room.get(step.place, PENDING_LIMIT) - 1
            if room[step.place] < 0:
                waiting.setdefault(step.place, set()).add(step.key)
    later = {key for keys in waiting.values() for key in keys}
    left = [step for step in kept if step.narrowing or step.key not in later]
    return left, [_queued(place, len(keys)) for place, keys in sorted(waiting.items())]


def _invites(step: Step) -> bool:
    match step.action:
        case CreateShare(external=external):
            return external
        case Associate(principals=(_, *_)):
            return any(change.path == "invitation" for change in step.changes)
    return False


def _queued(place: AccountRegion, number: int) -> Finding:
    return Finding(
        "share/invitations-queued",
        Location("cardops.yaml"),
        f"{number} invitation(s) from {place} wait: RAM allows {PENDING_LIMIT} pending ones for each sharing account",
        "apply again when pending ones are accepted or have expired; each apply sends as many as there is room for",
        "warn",
    )


def _until(sent: str) -> str:
    try:
        end = datetime.fromisoformat(sent).astimezone(UTC) + VALID
    except ValueError:
        return ""
    return f" until about {end:%Y-%m-%d %H:%M} UTC"
