"""Find drift by comparing two plans: differences in AWS that no commit explains. Pure.

A step that the plan of HEAD and the plan of the commit that was applied last have in common was caused by no
commit in between, so somebody caused it in AWS.
"""

from collections.abc import Iterator
from dataclasses import replace

from cardops.drift.model import Difference, Drift, Kind, of, seen
from cardops.drift.sharing import access, foreign_shares
from cardops.merge.diff import Change, diff
from cardops.model import canonical
from cardops.model.desired import (
    COMMIT,
    DIGEST,
    LOCKED,
    LOCKED_STATUSES,
    OWN_TAGS,
    REPOSITORY,
    VERSION,
    Card,
    CardKey,
    Desired,
    Status,
)
from cardops.model.findings import Location
from cardops.model.observed import ObservedCard
from cardops.model.provenance import is_managed, records_version
from cardops.plan import hub_copies as copies
from cardops.plan.card_merge import MergeInputs, conflict_values, content_to_pull, merge_card
from cardops.plan.inputs import PlanInputs
from cardops.plan.model_packages import MOVED
from cardops.plan.retirement import retiring_cards
from cardops.plan.sharing.associations import keys_of, ours
from cardops.plan.steps import Plan


def find_drift(inputs: PlanInputs, head: Plan, applied: Desired | None, before: Plan) -> Drift:
    """Everything that differs.

    `applied` is the tree of the newest commit that AWS carries (None where nothing was applied), `before` its
    plan against the same observation.
    """
    copied = copies.resolve(inputs.desired, inputs.observed, inputs.bases)
    inputs = replace(inputs, desired=copied.desired)
    found = [
        *_declared(inputs, head, applied),
        *_registry(inputs, head),
        *(access(inputs, head, before) if applied else ()),
        *foreign_shares(inputs),
        *_unmanaged(inputs, applied),
    ]
    order = list(Kind)
    found.sort(key=lambda one: (order.index(one.kind), one.place, one.resource, one.what, one.message))
    return Drift(inputs.desired.commit, tuple(found), inputs.observed.unknown)


def _declared(inputs: PlanInputs, head: Plan, applied: Desired | None) -> Iterator[Difference]:
    config, shared = inputs.desired.config, _once_shared(inputs)
    for key, card in inputs.desired.cards.items():
        if key.place in inputs.observed.unknown:
            continue
        was_applied = key in shared or (applied is not None and key in applied.cards)
        live = inputs.observed.cards.get(key)
        if why := inputs.observed.unreadable.get(key, ""):
            yield of(card, Kind.TAMPERED, "content", f"the card cannot be read: {why}")
        elif live is None:
            if was_applied:
                yield of(card, Kind.MISSING, "card", "the card was applied and is gone")
        elif not is_managed(live.tags, config.repository):
            yield _not_ours(card, live, was_applied)
        elif live.content is not None:
            yield from _card(_sides(inputs, card, live), waiting=key in head.held)


def _once_shared(inputs: PlanInputs) -> set[CardKey]:
    """Cards that were applied, whatever became of them since: a share of ours holds them, or did a while ago."""
    shares = (share for share in inputs.observed.shares if ours(share, inputs.desired.config.repository))
    return {key for share in shares for key in keys_of(share.resources)}


def _not_ours(card: Card, live: ObservedCard, was_applied: bool) -> Difference:
    owner = live.tags.get(REPOSITORY)
    if was_applied or (owner is None and any(tag.startswith(OWN_TAGS) for tag in live.tags)):
        return seen(card, live, Kind.TAMPERED, "tags", "its ownership tag is gone, or the card is another one")
    by = f"the repository {owner} manages it" if owner else "nobody manages it"
    return seen(card, live, Kind.UNMANAGED, "card", f"git declares a card of this name, and {by}")


def _sides(inputs: PlanInputs, card: Card, live: ObservedCard) -> MergeInputs:
    base, unmerged = inputs.bases.get(card.key), inputs.unmerged.get(card.key)
    if base is None and live.tags.get(DIGEST) == card.digest:
        base = card
    if live.status is Status.ARCHIVED and retiring_cards(card.key, inputs.desired.config):
        card, base = card._replace(status=live.status), base and base._replace(status=live.status)
    desired = inputs.desired
    return MergeInputs(card, live, base, desired.config.repository, desired.commit, inputs.today, unmerged=unmerged)


def _card(sides: MergeInputs, waiting: bool) -> Iterator[Difference]:
    card, live, base = sides.card, sides.live, sides.base
    if base is None:
        commit = live.tags.get(COMMIT, "no commit")
        message = f"git cannot say what was applied: its tag names {commit[:12]}, which has no such card"
        yield seen(card, live, Kind.TAMPERED, "tags", message)
    else:
        yield from _status(sides, base, waiting)
        yield from _tags(card, live, base)
    if live.status in LOCKED_STATUSES and LOCKED not in live.tags:
        yield seen(card, live, Kind.TAMPERED, "lock", f"the card is {live.status} and its lock is gone")
    if live.status in LOCKED_STATUSES and base is not None:
        now, then = canonical.from_bytes(live.content or b"{}"), canonical.from_bytes(base.content)
        if changes := tuple(diff(then, now, "content")):
            message = f"the content changed while the card is {live.status}"
            yield seen(card, live, Kind.TAMPERED, "content", message, changes)
        return
    merged = merge_card(sides)
    if merged.conflicts:
        fields = (f"{one.path} ({conflict_values(one)})" for one in merged.conflicts)
        message = "git and the live card changed one field: " + "; ".join(fields)
        changes = tuple(Change(one.path, one.git, one.live) for one in merged.conflicts)
        yield seen(card, live, Kind.CONFLICTING, "content", message, changes)
        return
    declared = canonical.from_bytes(card.content)
    if contributed := tuple(diff(declared, content_to_pull(sides, merged), "content")):
        message = f"{len(contributed)} field(s) written through the API are not in git"
        yield seen(card, live, Kind.CONTRIBUTED, "content", message, contributed)


def _status(sides: MergeInputs, base: Card, waiting: bool) -> Iterator[Difference]:
    """A card that waits may be behind its declaration; ahead of it nobody but a person can bring it."""
    card, live = sides.card, sides.live
    if live.status is base.status or (waiting and live.status.rank < base.status.rank):
        return
    change = Change("status", base.status.value, live.status.value)
    message = f"git declared {base.status}, and the card is {live.status}"
    yield seen(card, live, Kind.TAMPERED, "status", message, (change,))


def _tags(card: Card, live: ObservedCard, base: Card) -> Iterator[Difference]:
    now = {key: live.tags[key] for key in base.tags if key in live.tags}
    if changes := tuple(diff(dict(base.tags), now, "tags")):
        yield seen(card, live, Kind.TAMPERED, "tags", "tags that git declares were changed", changes)
    if not records_version(live):
        message = f"the tag {VERSION} is not what cardops wrote"
        yield seen(card, live, Kind.TAMPERED, "tags", message)


def _registry(inputs: PlanInputs, head: Plan) -> Iterator[Difference]:
    """Yield model packages whose approval was set outside cardops."""
    moved = {finding.card: finding.message for finding in head.findings if finding.rule == MOVED}
    for key, card in inputs.desired.cards.items():
        if message := moved.get(str(key)):
            yield of(card, Kind.TAMPERED, "registry", message.removeprefix(f"{key.name}: "))


def _unmanaged(inputs: PlanInputs, applied: Desired | None) -> Iterator[Difference]:
    repository, config = inputs.desired.config.repository, Location("cardops.yaml")
    known = inputs.desired.cards.keys() | (applied.cards.keys() if applied else set()) | inputs.broken
    for key, live in inputs.observed.cards.items():
        owner = live.tags.get(REPOSITORY)
        if key in known or (owner == repository and live.status is Status.ARCHIVED):
            continue
        kind, by = Kind.UNMANAGED, "git does not declare it"
        if owner not in (None, repository):
            by = f"the repository {owner} manages it"
        elif LOCKED in live.tags and live.status not in LOCKED_STATUSES:
            kind, by = Kind.TAMPERED, f"it was retired, and is {live.status} again"
        yield Difference(kind, "card", key.place, key.name, by, config, when=live.modified, card=key)
    ours_arns = {key.arn for key in known}
    for share in inputs.observed.shares:
        if not ours(share, repository) and not ours_arns & share.resources.keys():
            message = "git does not declare this share"
            yield Difference(Kind.UNMANAGED, "share", share.place, share.name, message, config, when=share.updated)
