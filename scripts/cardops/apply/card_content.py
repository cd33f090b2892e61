"""Write a card's content while others may write it too: UpdateModelCard has no precondition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cardops.apply.cards import free_tags
from cardops.merge.three_way import merge
from cardops.model import canonical
from cardops.model.desired import (
    APPLYING,
    COMMIT,
    DIGEST,
    VERSION,
    CardKey,
    Status,
)
from cardops.model.errors import CloudError, StaleResourceError
from cardops.model.observed import ObservedCard
from cardops.model.ports import Cards
from cardops.plan.steps import WriteContent

HINT = "have its content written anew, as JSON that every reader understands alike; then apply again"
MOST_REWRITES = 3
"""How often a write is merged with another writer's before cardops gives up."""


def write_content(port: Cards, key: CardKey, action: WriteContent, commit: str) -> str:
    """Describe, write, describe: UpdateModelCard has no precondition, so a version in between is merged back.

    While the card is Approved nothing is merged: the signed content is put back, or the card is demoted. Raises
    StaleResourceError when the live card is not what the plan saw; nothing is written then.
    """
    live = port.describe(key.name)
    if live.flaw:
        raise StaleResourceError(f"{key.name}: {live.flaw}", HINT)
    if live.version != action.version or canonical.digest(live.content or b"") != action.seen:
        raise StaleResourceError(
            f"{key.name} is at version {live.version} now, the plan saw {action.version}", "plan again"
        )
    if live.status is Status.APPROVED:
        return _write_signed(port, key, action, commit, live)
    writing = CardWriter(port, key, commit, action.content, live.content or b"{}", action.recovered)
    after = writing.finish(live.version)
    _keep_status(port, live, after)
    if writing.conflicts:
        port.remove_tags(key.arn, [APPLYING])
        paths = ", ".join(sorted(writing.conflicts))
        raise StaleResourceError(
            f"{key.name} was written meanwhile and differs in {paths}, which were left as they are", "plan again"
        )
    _leave_tags(port, key, commit, action, after.version)
    merged = ", merged with another writer's" if writing.others else ""
    return f"version {after.version}{merged}"


def _write_signed(port: Cards, key: CardKey, action: WriteContent, commit: str, live: ObservedCard) -> str:
    """Write content that was signed off into an Approved card, and nobody else's words with it.

    What somebody wrote meanwhile stays in the card's version history only. Raises StaleResourceError when they go on
    writing; the card is demoted then, since its content is not what was signed.
    """
    version = live.version
    for _ in range(MOST_REWRITES):
        announced = {APPLYING: f"{commit}/{canonical.digest(action.content)}/{version}"}
        port.add_tags(key.arn, dict(action.recovered) | announced)
        port.write_content(key.name, action.content)
        after = port.describe(key.name)
        if after.content == action.content:
            _keep_status(port, live, after)
            _leave_tags(port, key, commit, action, after.version)
            others = range(live.version + 1, after.version)
            return f"version {after.version}" + (f"; {_put_aside(others)}" if others else "")
        version = after.version
    _demote(port, key)
    port.remove_tags(key.arn, [APPLYING])
    raise StaleResourceError(
        f"{key.name} was written by somebody else while it was Approved, so it was demoted to PendingReview",
        "apply again when they are done; `cardops history` shows their versions",
    )


def _put_aside(versions: range) -> str:
    first, last = versions[0], versions[-1]
    names = f"version {first}" if first == last else f"versions {first} to {last}"
    return f"somebody else's {names} came between and is only in the history now; `cardops history` shows it"


def _demote(port: Cards, key: CardKey) -> None:
    port.set_status(key.name, Status.PENDING_REVIEW)
    free_tags(port, key)


@dataclass(slots=True)
class CardWriter:
    """One write, and what it has to hold once others wrote as well.

    `ours` is what shall be live, `theirs` the last content that somebody else left, both canonical JSON;
    `conflicts` are fields that both changed: they stay as the others wrote them. `recovered` tags go with the
    announcement of this write, which takes the place of that of an interrupted one.
    """

    port: Cards
    key: CardKey
    commit: str
    ours: bytes
    theirs: bytes
    recovered: Mapping[str, str] = field(default_factory=dict)
    others: bool = False
    conflicts: set[str] = field(default_factory=set)
    _sent: set[bytes] = field(default_factory=set)

    def finish(self, version: int) -> ObservedCard:
        """Writes over `version` until what is live holds everybody's; the card as it is live then.

        Raises StaleResourceError when others go on writing.
        """
        for _ in range(MOST_REWRITES):
            announced = {APPLYING: f"{self.commit}/{canonical.digest(self.ours)}/{version}"}
            self.port.add_tags(self.key.arn, dict(self.recovered) | announced)
            self.port.write_content(self.key.name, self.ours)
            self._sent.add(self.ours)
            after = self.port.describe(self.key.name)
            if after.version == version + 1 and after.content == self.ours:
                return after
            self._merge_back(range(version + 1, after.version + 1))
            version = after.version
            if after.content == self.ours:
                return after
        raise StaleResourceError(f"{self.key.name} is being written by somebody else", "apply again when they are done")

    def _merge_back(self, versions: Iterable[int]) -> None:
        """Merge other writers' changes, computed from what they last wrote: they may never have seen ours."""
        for version in versions:
            seen = self.port.describe(self.key.name, version)
            found = seen.content or b"{}"
            if seen.flaw:
                raise StaleResourceError(f"{self.key.name}: in version {version}, {seen.flaw}", HINT)
            if found in self._sent:
                continue
            base, theirs = canonical.from_bytes(self.theirs), canonical.from_bytes(found)
            merged = merge(base, theirs, canonical.from_bytes(self.ours))
            self.conflicts |= {conflict.path for conflict in merged.conflicts}
            self.ours, self.theirs, self.others = canonical.to_bytes(merged.content), found, True


def _keep_status(port: Cards, before: ObservedCard, after: ObservedCard) -> None:
    """Put the status back if the new version has another one: AWS does not document which it gets.

    Approved comes back only while the content is what was just written, as for every approval.
    """
    if after.status is before.status:
        return
    port.set_status(after.key.name, before.status)
    now = port.describe(after.key.name)
    if before.status is Status.APPROVED and now.content != after.content:
        port.set_status(after.key.name, after.status)
    if now.status is not before.status:
        raise CloudError(f"{after.key.name} is {now.status} after a write, not {before.status}", "apply again")


def _leave_tags(port: Cards, key: CardKey, commit: str, action: WriteContent, version: int) -> None:
    """Tags that git took back go first: once the declaration counts as applied nobody remembers them."""
    if action.untag:
        port.remove_tags(key.arn, action.untag)
    port.add_tags(key.arn, dict(action.tags) | {COMMIT: commit, DIGEST: action.declared_digest, VERSION: str(version)})
    port.remove_tags(key.arn, [APPLYING])
