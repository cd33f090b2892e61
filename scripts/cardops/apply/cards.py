"""Run the steps that touch a card. Each looks at the live card before it writes, and again after."""

from cardops import canonical
from cardops.errors import CloudError, Moved
from cardops.merge import merge
from cardops.model import (
    APPLYING,
    COMMIT,
    DIGEST,
    LOCKED,
    LOCKED_STATUSES,
    VERSION,
    CardKey,
    ObservedCard,
    Status,
)
from cardops.plan.steps import CreateCard, DeleteCard, SetStatus, SetTags, WriteContent
from cardops.ports import Cards

MOST_REWRITES = 3
"""How often a write is merged with another writer's before cardops gives up."""


def create(port: Cards, key: CardKey, action: CreateCard) -> str:
    """One call: content, Draft and all tags together, so that no crash leaves a card without an owner."""
    port.create(key.name, action.content, Status.DRAFT, action.tags, action.kms_key_id)
    return "version 1"


def write_content(port: Cards, key: CardKey, action: WriteContent, commit: str) -> str:
    """Describe, write, describe: UpdateModelCard has no precondition, so a version in between is merged back.

    Raises Moved when the live card is not what the plan saw; nothing is written then.
    """
    live = port.describe(key.name)
    if live.version != action.version or _digest(live) != action.seen:
        raise Moved(f"{key.name} is at version {live.version} now, the plan saw {action.version}", "plan again")
    before, content = live, action.content
    for _ in range(MOST_REWRITES):
        port.add_tags(key.arn, {APPLYING: f"{commit}/{canonical.digest(content)}"})
        port.write_content(key.name, content)
        after = port.describe(key.name)
        if after.version == before.version + 1 and _digest(after) == canonical.digest(content):
            _leave_tags(port, key, commit, action.declared_digest, after.version)
            return f"version {after.version}"
        content = _merge_back(port, key, before, content, after)
        before = after
        if content == after.content:
            _leave_tags(port, key, commit, action.declared_digest, after.version)
            return f"version {after.version}, merged with another writer's"
    raise Moved(f"{key.name} is being written by somebody else", "apply again when they are done")


def set_status(port: Cards, key: CardKey, action: SetStatus, commit: str) -> str:
    """Look, set, look again. For Approved the live content must be the reviewed one, before and after."""
    live = port.describe(key.name)
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
    if tags:
        port.add_tags(key.arn, tags)
    if not locked and LOCKED in port.tags(key.arn):
        port.remove_tags(key.arn, [LOCKED])
    return f"{action.status}"


def set_tags(port: Cards, key: CardKey, action: SetTags) -> str:
    """Tags only. Raises Moved when they would claim a version that is no longer live."""
    if action.version:
        live = port.describe(key.name)
        if live.version != action.version:
            raise Moved(f"{key.name} is at version {live.version}, the plan saw {action.version}", "plan again")
    if action.add:
        port.add_tags(key.arn, action.add)
    if action.remove:
        port.remove_tags(key.arn, action.remove)
    return "tags"


def delete(port: Cards, key: CardKey, action: DeleteCard) -> str:
    """Starts the deletion; AWS finishes it by itself."""
    port.delete(key.name)
    return "deletion started"


def _demand_reviewed(live: ObservedCard, action: SetStatus) -> None:
    if action.reviewed and _digest(live) != action.reviewed:
        raise Moved(
            f"{live.key.name}: the live content (version {live.version}) is not the reviewed content",
            "bring it into git with `cardops pull`, have it reviewed, and apply again",
        )


def _merge_back(port: Cards, key: CardKey, before: ObservedCard, sent: bytes, after: ObservedCard) -> bytes:
    """The content that holds what we sent and what others wrote since `before`."""
    base, merged = canonical.from_bytes(before.content or b"{}"), canonical.from_bytes(sent)
    for version in range(before.version + 1, after.version + 1):
        theirs = port.describe(key.name, version)
        if theirs.content == sent:
            continue
        result = merge(base, merged, canonical.from_bytes(theirs.content or b"{}"))
        if result.conflicts:
            paths = ", ".join(conflict.path for conflict in result.conflicts)
            raise Moved(f"{key.name}: version {version} was written meanwhile and differs in {paths}", "pull it")
        merged = result.content
    return canonical.to_bytes(merged)


def _leave_tags(port: Cards, key: CardKey, commit: str, declared: str, version: int) -> None:
    port.add_tags(key.arn, {COMMIT: commit, DIGEST: declared, VERSION: str(version)})
    port.remove_tags(key.arn, [APPLYING])


def _digest(live: ObservedCard) -> str:
    return canonical.digest(live.content or b"")
