"""Run the steps that touch a card. Each looks at the live card before it writes, and again after."""

from collections.abc import Sequence

from cardops.apply.writing import CardWriter
from cardops.model import canonical
from cardops.model.desired import (
    APPLYING,
    APPROVED_BY,
    COMMIT,
    DIGEST,
    LOCKED,
    LOCKED_STATUSES,
    OWN_TAGS,
    PULL_REQUEST,
    VERSION,
    CardKey,
    Status,
)
from cardops.model.errors import CloudError, StaleResourceError
from cardops.model.observed import ObservedCard
from cardops.model.ports import Cards
from cardops.plan.steps import CreateCard, DeleteCard, SetStatus, SetTags, WriteContent


def create(port: Cards, key: CardKey, action: CreateCard) -> str:
    """One call: content, Draft and all tags together, so that no crash leaves a card without an owner."""
    port.create(key.name, action.card.content, Status.DRAFT, action.tags, action.card.kms_key_id)
    return "version 1"


def write_content(port: Cards, key: CardKey, action: WriteContent, commit: str) -> str:
    """Describe, write, describe: UpdateModelCard has no precondition, so a version in between is merged back.

    Raises Moved when the live card is not what the plan saw; nothing is written then.
    """
    live = port.describe(key.name)
    if live.version != action.version or _digest(live) != action.seen:
        raise StaleResourceError(
            f"{key.name} is at version {live.version} now, the plan saw {action.version}", "plan again"
        )
    writing = CardWriter(port, key, commit, action.content, live.content or b"{}", action.recovered)
    after = writing.finish(live.version)
    reviewed = live.status is not Status.APPROVED or after.content == action.content
    if reviewed:
        _keep_status(port, live, after)
    if writing.conflicts:
        port.remove_tags(key.arn, [APPLYING])
        paths = ", ".join(sorted(writing.conflicts))
        raise StaleResourceError(
            f"{key.name} was written meanwhile and differs in {paths}, which were left as they are", "plan again"
        )
    if not reviewed:
        raise StaleResourceError(
            f"{key.name} was Approved and somebody else wrote it meanwhile; their words are kept", "plan again"
        )
    _leave_tags(port, key, commit, action, after.version)
    merged = ", merged with another writer's" if writing.others else ""
    return f"version {after.version}{merged}"


def set_status(port: Cards, key: CardKey, action: SetStatus, commit: str) -> str:
    """Look, set, look again. For Approved the live content must be the reviewed one, before and after.

    Raises Moved where somebody else set a status since the plan; only narrowing goes on all the same.
    """
    live = port.describe(key.name)
    narrows = action.status.rank < live.status.rank and live.status is not Status.ARCHIVED
    if live.status not in (action.seen, action.status) and not narrows:
        raise StaleResourceError(f"{key.name} is {live.status} now, the plan saw {action.seen}", "plan again")
    _demand_reviewed(live, action)
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
    if not locked and (freed := port.tags(key.arn).keys() & {LOCKED, APPROVED_BY, PULL_REQUEST}):
        port.remove_tags(key.arn, sorted(freed))
    return f"{action.status}" + (f", {action.note}" if action.note else "")


def _keep_status(port: Cards, before: ObservedCard, after: ObservedCard) -> None:
    """Which status a new version has is not documented: another one than before is put back.

    Approved comes back only while the content is what was just written, as for every approval.
    """
    if after.status is before.status:
        return
    port.set_status(after.key.name, before.status)
    now = port.describe(after.key.name)
    if before.status is Status.APPROVED and _digest(now) != _digest(after):
        port.set_status(after.key.name, after.status)
    if now.status is not before.status:
        raise CloudError(f"{after.key.name} is {now.status} after a write, not {before.status}", "apply again")


def set_tags(port: Cards, key: CardKey, action: SetTags) -> str:
    """Tags only: what git took back goes first, what cardops remembers goes last.

    Raises Moved when they would claim a version that is no longer live.
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
    """Starts the deletion; AWS finishes it by itself. Raises Moved when the card is not what the plan saw."""
    live = port.describe(key.name)
    if (live.version, live.status) != (action.version, action.seen):
        raise StaleResourceError(
            f"{key.name} changed since it was planned (version {live.version}, {live.status})", "plan again"
        )
    port.delete(key.name)
    return "deletion started"


def _demand_reviewed(live: ObservedCard, action: SetStatus) -> None:
    if action.reviewed and _digest(live) != action.reviewed:
        raise StaleResourceError(
            f"{live.key.name}: the live content (version {live.version}) is not the reviewed content",
            "bring it into git with `cardops pull`, have it reviewed, and apply again",
        )


def _leave_tags(port: Cards, key: CardKey, commit: str, action: WriteContent, version: int) -> None:
    """Tags that git took back go first: once the declaration counts as applied nobody remembers them."""
    if action.untag:
        port.remove_tags(key.arn, action.untag)
    port.add_tags(key.arn, dict(action.tags) | {COMMIT: commit, DIGEST: action.declared_digest, VERSION: str(version)})
    port.remove_tags(key.arn, [APPLYING])


def _parted(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Declared tags, and those that cardops keeps."""
    return [key for key in keys if not key.startswith(OWN_TAGS)], [key for key in keys if key.startswith(OWN_TAGS)]


def _digest(live: ObservedCard) -> str:
    return canonical.digest(live.content or b"")
