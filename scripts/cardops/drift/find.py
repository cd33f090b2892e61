"""Drift: what differs in AWS from what git declared, and that no commit explains. Pure: it is given two plans.

A step that the plan of HEAD and the plan of the commit that was applied last have in common was caused by no
commit in between, so somebody caused it in AWS.
"""

from collections.abc import Iterator
from dataclasses import replace

from cardops import canonical
from cardops.diff import Change, diff
from cardops.drift.differences import Difference, Drift, Kind, of, seen
from cardops.drift.sharing import access, foreign_shares
from cardops.location import Location
from cardops.model import (
    COMMIT,
    DIGEST,
    LOCKED,
    LOCKED_STATUSES,
    OWN_TAGS,
    REPOSITORY,
    VERSION,
    Card,
    Desired,
    ObservedCard,
    Status,
)
from cardops.plan import copies
from cardops.plan.associations import ours
from cardops.plan.build import Given
from cardops.plan.conflicts import three_values
from cardops.plan.registry import MOVED
from cardops.plan.sides import Sides, content_to_pull, merge_sides
from cardops.plan.steps import Plan


def find(given: Given, head: Plan, applied: Desired | None, before: Plan) -> Drift:
    """Everything that differs.

    `applied` is the tree of the newest commit that AWS carries (None where nothing was applied), `before` its
    plan against the same observation.
    """
    copied = copies.resolve(given.desired, given.observed, given.bases)
    given = replace(given, desired=copied.desired)
    found = [
        *_declared(given, head, applied),
        *_registry(given, head),
        *access(given, head, before),
        *foreign_shares(given),
        *_unmanaged(given, applied),
    ]
    order = list(Kind)
    found.sort(key=lambda one: (order.index(one.kind), one.place, one.resource, one.what, one.message))
    return Drift(given.desired.commit, tuple(found), given.observed.unknown)


def _declared(given: Given, head: Plan, applied: Desired | None) -> Iterator[Difference]:
    repository = given.desired.config.repository
    for key, card in given.desired.cards.items():
        if key.place in given.observed.unknown:
            continue
        was_applied = applied is not None and key in applied.cards
        live = given.observed.cards.get(key)
        if live is None:
            if was_applied:
                yield of(card, Kind.MISSING, "card", "the card was applied and is gone")
        elif live.tags.get(REPOSITORY) != repository:
            if was_applied or any(tag.startswith(OWN_TAGS) for tag in live.tags):
                yield seen(card, live, Kind.TAMPERED, "tags", "its ownership tag is gone, or the card is another one")
        elif live.content is not None:
            base, unmerged = given.bases.get(key), given.unmerged.get(key)
            if base is None and live.tags.get(DIGEST) == card.digest:
                base = card
            sides = Sides(card, live, base, repository, given.desired.commit, given.today, unmerged=unmerged)
            yield from _card(sides, waiting=key in head.held)


def _card(sides: Sides, waiting: bool) -> Iterator[Difference]:
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
    merged = merge_sides(sides)
    if merged.conflicts:
        message = "git and the live card changed one field: " + "; ".join(map(three_values, merged.conflicts))
        changes = tuple(Change(one.path, one.git, one.live) for one in merged.conflicts)
        yield seen(card, live, Kind.CONFLICTING, "content", message, changes)
        return
    declared = canonical.from_bytes(card.content)
    if contributed := tuple(diff(declared, content_to_pull(sides, merged), "content")):
        message = f"{len(contributed)} field(s) written through the API are not in git"
        yield seen(card, live, Kind.CONTRIBUTED, "content", message, contributed)


def _status(sides: Sides, base: Card, waiting: bool) -> Iterator[Difference]:
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
    left = live.tags.get(VERSION, "")
    if not left.isdecimal() or int(left) > live.version:
        message = f"the tag {VERSION} is not what cardops wrote"
        yield seen(card, live, Kind.TAMPERED, "tags", message)


def _registry(given: Given, head: Plan) -> Iterator[Difference]:
    """Model packages whose approval somebody else decided on."""
    moved = {finding.card: finding.message for finding in head.findings if finding.rule == MOVED}
    for key, card in given.desired.cards.items():
        if message := moved.get(str(key)):
            yield of(card, Kind.TAMPERED, "registry", message.removeprefix(f"{key.name}: "))


def _unmanaged(given: Given, applied: Desired | None) -> Iterator[Difference]:
    repository, config = given.desired.config.repository, Location("cardops.yaml")
    known = given.desired.cards.keys() | (applied.cards.keys() if applied else set()) | given.broken
    for key, live in given.observed.cards.items():
        owner = live.tags.get(REPOSITORY)
        if key in known or (owner == repository and live.status is Status.ARCHIVED):
            continue
        by = f"the repository {owner} manages it" if owner not in (None, repository) else "git does not declare it"
        yield Difference(Kind.UNMANAGED, "card", key.place, key.name, by, config, when=live.modified, card=key)
    ours_arns = {key.arn for key in known}
    for share in given.observed.shares:
        if not ours(share, repository) and not ours_arns & share.resources.keys():
            message = "git does not declare this share"
            yield Difference(Kind.UNMANAGED, "share", share.place, share.name, message, config, when=share.updated)
