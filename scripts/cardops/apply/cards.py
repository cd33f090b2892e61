"""Run the steps that touch a card. Each looks at the live card before it writes, and again after."""

from collections.abc import Sequence

from cardops.model import canonical
from cardops.model.brake import brake_of
from cardops.model.desired import (
    APPROVED_BY,
    COMMIT,
    DIGEST,
    LOCKED,
    LOCKED_STATUSES,
    OPEN_STATUSES,
    OWN_TAGS,
    PULL_REQUEST,
    REPOSITORY,
    SIGNED,
    VERSION,
    CardKey,
    Status,
)
from cardops.model.errors import CloudError, NotFoundError, StaleResourceError
from cardops.model.observed import ObservedCard
from cardops.model.ports import Cards
from cardops.plan.steps import AdoptCard, CreateCard, DeleteCard, SetStatus, SetTags


def create(port: Cards, key: CardKey, action: CreateCard) -> str:
    """Create a card as Draft with content and all tags in one call, so that no crash leaves it without an owner."""
    port.create(key.name, action.card.content, Status.DRAFT, action.tags, action.card.kms_key_id)
    return "version 1"


def set_status(port: Cards, key: CardKey, action: SetStatus, commit: str) -> str:
    """Set a status and look before and after. For Approved the live content must be the reviewed one both times.

    Raises StaleResourceError where somebody else set a status since the plan; only narrowing goes on all the same.
    """
    try:
        live = port.describe(key.name)
    except NotFoundError:
        raise
    except CloudError:
        if action.seen is not Status.APPROVED or action.status not in OPEN_STATUSES:
            raise
        return _demote_unseen(port, key, action)
    narrows = action.status.rank < live.status.rank and live.status is not Status.ARCHIVED
    if live.status not in (action.seen, action.status) and not narrows:
        raise StaleResourceError(f"{key.name} is {live.status} now, the plan saw {action.seen}", "plan again")
    _demand_reviewed(live, action)
    if action.status is Status.APPROVED and brake_of(port.tags(key.arn)).stops_everything:
        raise StaleResourceError(f"{key.name}: the emergency brake is on", "`cardops brake --release` ends it")
    if live.status is not action.status:
        port.set_status(key.name, action.status)
        after = port.describe(key.name)
        if action.reviewed and _digest(after) != action.reviewed:
            port.set_status(key.name, live.status)
            _demand_reviewed(after, action)
        if after.status is not action.status:
            raise CloudError(f"{key.name} is {after.status} after it was set to {action.status}", "apply again")
        live = after
    locked = action.status in LOCKED_STATUSES
    tags = {LOCKED: "true"} if locked else {}
    if action.declared_digest:
        tags |= {COMMIT: commit, DIGEST: action.declared_digest, VERSION: str(live.version)}
    if tags := tags | dict(action.signed):
        port.add_tags(key.arn, tags)
    if not locked and action.settles:
        free_tags(port, key)
    return f"{action.status}" + (f", {action.note}" if action.note else "")


def _demote_unseen(port: Cards, key: CardKey, action: SetStatus) -> str:
    """End an approval though the card cannot be described: its key may be disabled, and narrowing waits for nothing."""
    port.set_status(key.name, action.status)
    free_tags(port, key)
    return f"{action.status}, though the card could not be read"


def free_tags(port: Cards, key: CardKey) -> None:
    """Remove the tags that only an Approved or Archived card has."""
    if freed := port.tags(key.arn).keys() & {LOCKED, APPROVED_BY, PULL_REQUEST, SIGNED}:
        port.remove_tags(key.arn, sorted(freed))


def set_tags(port: Cards, key: CardKey, action: SetTags) -> str:
    """Change tags only: tags that git took back go first, cardops' own go last.

    Raises StaleResourceError when they would claim a version that is no longer live.
    """
    if action.version:
        live = port.describe(key.name)
        if live.version != action.version:
            raise StaleResourceError(
                f"{key.name} is at version {live.version}, the plan saw {action.version}", "plan again"
            )
    declared, own = _parted(action.remove)
    if declared:
        port.remove_tags(key.arn, declared)
    if action.add:
        port.add_tags(key.arn, action.add)
    if own:
        port.remove_tags(key.arn, own)
    return "tags"


def delete(port: Cards, key: CardKey, action: DeleteCard) -> str:
    """Start the deletion. Raises StaleResourceError when the card is not what the plan saw."""
    live = port.describe(key.name)
    if (live.version, live.status) != (action.version, action.seen):
        raise StaleResourceError(
            f"{key.name} changed since it was planned (version {live.version}, {live.status})", "plan again"
        )
    port.delete(key.name)
    return "deletion started"


def adopt(port: Cards, key: CardKey, action: AdoptCard) -> str:
    """Adopt a card by tagging it. Raises StaleResourceError when it is managed or changed by now."""
    live = port.describe(key.name)
    seen = (live.version, live.status, _digest(live))
    if seen != (action.version, action.status, action.seen):
        raise StaleResourceError(
            f"{key.name} changed since it was planned (version {live.version}, {live.status})", "plan again"
        )
    if owner := port.tags(key.arn).get(REPOSITORY):
        raise StaleResourceError(f"the repository {owner} manages {key.name} by now", "plan again")
    port.add_tags(key.arn, action.tags)
    return f"adopted at version {live.version}, {live.status}"


def _demand_reviewed(live: ObservedCard, action: SetStatus) -> None:
    if action.reviewed and _digest(live) != action.reviewed:
        raise StaleResourceError(
            f"{live.key.name}: the live content (version {live.version}) is not the reviewed content",
            "bring it into git with `cardops pull`, have it reviewed, and apply again",
        )


def _parted(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split tag keys into declared ones and cardops' own."""
    return [key for key in keys if not key.startswith(OWN_TAGS)], [key for key in keys if key.startswith(OWN_TAGS)]


def _digest(live: ObservedCard) -> str:
    return canonical.digest(live.content or b"")
