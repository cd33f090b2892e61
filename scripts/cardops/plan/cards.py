"""Plan the steps for one declared card."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from cardops.desired import hub_copies as copies
from cardops.merge.diff import ABSENT, Change, LazyChanges, diff
from cardops.merge.three_way import Merged
from cardops.model import canonical
from cardops.model.desired import (
    APPLYING,
    APPROVED_BY,
    COMMIT,
    DIGEST,
    LOCKED,
    LOCKED_STATUSES,
    REPOSITORY,
    SIGNED,
    VERSION,
    Card,
    CardKey,
    Status,
)
from cardops.model.observed import ObservedCard
from cardops.model.provenance import records_version
from cardops.plan.approvals import RECORDED, Approval
from cardops.plan.blocked import Blocked, held
from cardops.plan.card_merge import MergeInputs, conflict_finding, merge_card
from cardops.plan.steps import Action, CreateCard, Phase, SetStatus, SetTags, Step, WriteContent


class Tags(NamedTuple):
    """Declared tags to add or replace and to remove, and how that reads."""

    add: dict[str, str]
    remove: tuple[str, ...]
    changes: tuple[Change, ...]


def create(card: Card, repository: str, commit: str, approval: Approval | None = None) -> Iterator[Step]:
    """A new card starts as Draft, whatever git says, and is promoted from there."""
    tags = dict(card.tags) | {REPOSITORY: repository, COMMIT: commit, DIGEST: card.digest, VERSION: "1"}
    yield _step(
        card.key,
        Phase.CONTENT,
        "create",
        f"git declares it in {card.location.path}",
        CreateCard(card, tags),
        LazyChanges(partial(_made, card)),
        "absent",
    )
    if card.status is not Status.DRAFT:
        status = _status_step(card, Status.DRAFT, "absent", True, approval)
        yield replace(status, phase=Phase.PROMOTE)  # also to Archived: there has to be a card first


def _made(card: Card) -> Sequence[Change]:
    return (
        Change("status", ABSENT, Status.DRAFT.value),
        *([Change("kms_key_id", ABSENT, card.kms_key_id)] if card.kms_key_id else ()),
        *diff({}, canonical.from_bytes(card.content), "content"),
        *diff({}, card.tags, "tags"),
    )


def update(sides: MergeInputs) -> Iterator[Step]:
    """Yield the steps for an existing card of ours. Raises Blocked for a conflict or unreviewed content."""
    card, live = sides.card, sides.live
    if live.status is Status.ARCHIVED and card.status is not Status.ARCHIVED:
        raise held(card, "status/archived-is-final", "an Archived card cannot come back", "declare a new card")
    merged = _merged(sides)
    sent = canonical.to_bytes(merged.content)
    seen = canonical.digest(live.content or b"")
    sees = f"version {live.version} {live.status} {seen}"
    if live.status in LOCKED_STATUSES and card.status in LOCKED_STATUSES and LOCKED not in live.tags:
        yield lock(live, sees)
    writes = canonical.digest(sent) != seen
    tags = _tags(sides)
    if writes:
        yield _content_step(sides, merged.content, tags, sees)
    if card.status is not live.status:
        advances = not ((writes or tags.changes) and _demotes(card, live.status))
        yield _status_step(card, live.status, sees, advances, sides.approval)
    elif LOCKED in live.tags and live.status not in LOCKED_STATUSES:
        freed = SetTags({}, tuple(key for key in (LOCKED, *RECORDED) if key in live.tags))
        yield _step(card.key, Phase.RECORD, "unlock", f"the card is {live.status}", freed, (), sees)
    if writes:
        return
    applied = {COMMIT: sides.commit, DIGEST: card.digest, VERSION: str(live.version)} | _signed(sides)
    done = tuple({APPLYING} & live.tags.keys())
    if tags.changes:
        action = SetTags(tags.add | applied, tags.remove + done, live.version)
        yield _step(card.key, Phase.CONTENT, "tag", "git declares other tags", action, tags.changes, sees)
    elif live.tags.get(DIGEST) != card.digest or done or _unrecorded(sides) or not records_version(live):
        action = SetTags(applied, done, live.version)
        yield _step(card.key, Phase.RECORD, "record", "git declared it anew", action, (), sees)


def lock(live: ObservedCard, sees: str) -> Step:
    """The tag that a policy of the organization can go by."""
    reason, tags = f"the card is {live.status}", SetTags({LOCKED: "true"})
    return _step(live.key, Phase.LOCK, "lock", reason, tags, (), sees)


def withdraw(card: Card, live: ObservedCard) -> Iterator[Step]:
    """End the approval of a held card where git took it back, or where nobody signed it off: narrowing never waits."""
    if live.status is not Status.APPROVED:
        return
    if card.status.rank < live.status.rank:
        yield _status_step(card, live.status, f"version {live.version} {live.status}", advances=False, approval=None)
    elif card.status is Status.APPROVED:
        yield from unsigned(live)


def unsigned(live: ObservedCard) -> Iterator[Step]:
    """End an approval that carries no sign-off: who may write a card may set its status, but none of our tags."""
    if APPROVED_BY in live.tags:
        return
    reason = "it was set to Approved outside cardops, and no sign-off is recorded"
    action = SetStatus(Status.PENDING_REVIEW, live.status)
    change = Change("status", live.status.value, Status.PENDING_REVIEW.value)
    yield _step(live.key, Phase.DEMOTE, "demote", reason, action, (change,), f"version {live.version} {live.status}")


def _merged(sides: MergeInputs) -> Merged:
    card = sides.card
    if card.origin is not None:
        return _copied(sides)
    merged = merge_card(sides)
    if merged.conflicts:
        raise Blocked(*(conflict_finding(sides, conflict) for conflict in merged.conflicts))
    if card.status is Status.APPROVED and merged.contributed:
        paths = ", ".join(change.path for change in merged.contributed[:5])
        raise held(
            card,
            "content/not-in-git",
            f"the live card has content that nobody reviewed in git ({paths})",
            "bring it into git with `cardops pull`, and have it reviewed; or remove it from the live card",
        )
    return merged


def _copied(sides: MergeInputs) -> Merged:
    """Return a hub copy's content. Raises Blocked if the copy itself was edited: edits belong into the origin."""
    card, base = sides.card, sides.base.content if sides.base else None
    if edited := copies.edits(base, card.content, sides.live.content or b"{}"):
        origin = f"{card.origin.account}/{card.origin.card}" if card.origin else ""
        raise held(
            card,
            "hub/edited",
            f"somebody wrote into the copy itself ({', '.join(edited[:5])}); it is kept, and the copy waits",
            f"write it into {origin}, from where it comes back, or put the copy back to version "
            f"{sides.live.tags.get(VERSION, '?')}",
        )
    return Merged(canonical.from_bytes(card.content), (), ())


def _content_step(sides: MergeInputs, content: Any, tags: Tags, sees: str) -> Step:
    """Content and declared tags in one step: only together do they tell that a declaration was applied."""
    card, live = sides.card, sides.live
    if card.status is Status.ARCHIVED:
        raise held(card, "content/changed-while-archiving", "archiving carries no content change", "archive first")
    seen = canonical.digest(live.content or b"")
    action = WriteContent(
        canonical.to_bytes(content),
        live.version,
        seen,
        card.digest,
        tags.add | _signed(sides),
        tags.remove,
        _recovered(sides),
    )
    changes = (*diff(canonical.from_bytes(live.content or b"{}"), content, "content"), *tags.changes)
    return _step(
        card.key,
        Phase.CONTENT,
        "update",
        "its origin moved" if card.origin else "git declares other content",
        action,
        changes,
        sees,
    )


def _recovered(sides: MergeInputs) -> dict[str, str]:
    """A base that is not the one of the tags is that of an interrupted write; the next one may be interrupted too."""
    live, base = sides.live, sides.base
    commit = live.tags.get(APPLYING, "").partition("/")[0]
    if not commit or base is None or base.digest == live.tags.get(DIGEST):
        return {}
    return {COMMIT: commit, DIGEST: base.digest, VERSION: str(live.version)}


def _tags(sides: MergeInputs) -> Tags:
    card, live = sides.card, sides.live
    add = {key: value for key, value in card.tags.items() if live.tags.get(key) != value}
    once = sides.base.tags if sides.base else {}
    remove = tuple(sorted(key for key in once if key not in card.tags and key in live.tags))
    before = {key: live.tags[key] for key in [*add, *remove] if key in live.tags}
    return Tags(add, remove, tuple(diff(before, add, "tags")))


def _demotes(card: Card, before: Status) -> bool:
    return card.status.rank < before.rank or card.status is Status.ARCHIVED


def _signed(sides: MergeInputs) -> dict[str, str]:
    """The tags that record the sign-off, for what changes while the card stays Approved."""
    stays = sides.card.status is sides.live.status is Status.APPROVED
    return dict(sides.approval.tags(sides.card)) if stays and sides.approval else {}


def _unrecorded(sides: MergeInputs) -> bool:
    tags = sides.live.tags
    return bool(_signed(sides)) and (APPROVED_BY not in tags or tags.get(SIGNED) != sides.card.declared)


def _status_step(card: Card, before: Status, sees: str, advances: bool, approval: Approval | None) -> Step:
    """`advances`: the declaration is applied with it. A demotion before the content, or of a held card, is not."""
    demotes = _demotes(card, before)
    kind = "archive" if card.status is Status.ARCHIVED else "demote" if demotes else "promote"
    note = approval.note if approval else ""
    said = f" ({note})" if note else ""
    return _step(
        card.key,
        Phase.DEMOTE if demotes else Phase.PROMOTE,
        kind,
        (f"git and its origin allow {card.status}" if card.origin else f"git declares {card.status}") + said,
        SetStatus(
            card.status,
            before,
            canonical.digest(card.content) if card.status is Status.APPROVED else "",
            card.digest if advances else "",
            approval.tags(card) if approval else {},
            note,
        ),
        (Change("status", before.value, card.status.value),),
        sees,
    )


def _step(
    key: CardKey, phase: Phase, kind: str, reason: str, action: Action, changes: Sequence[Change], sees: str
) -> Step:
    place = key.place
    return Step(phase, kind, place, key.name, str(key), reason, action, changes, sees, frozenset({key}))
