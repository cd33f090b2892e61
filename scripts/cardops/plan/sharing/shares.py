"""Plan the steps for one declared grant and its live RAM shares."""

from collections.abc import Iterator, Sequence

from cardops.desired.grants import SHARE_NAME_LIMIT, DesiredGrant
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import GRANT, Config
from cardops.model.findings import Finding
from cardops.model.observed import ObservedShare
from cardops.plan.actions import Associate, CreateShare, DeleteShare
from cardops.plan.sharing import invitations, permissions
from cardops.plan.sharing.associations import is_external, key_of, keys_of, live_cards, status_text
from cardops.plan.sharing.grant_steps import (
    Found,
    SharingContext,
    access,
    chunks,
    kept_by,
    key,
    requirements,
    step,
    why,
)
from cardops.plan.sharing.narrow import narrow
from cardops.plan.sharing.read_only import marks
from cardops.plan.sharing.shards import Shard, empty_shards, number_of, split, tag
from cardops.plan.sharing.widen import widen
from cardops.plan.steps import Phase, Step


def steps(grant: DesiredGrant, shares: Sequence[ObservedShare], context: SharingContext) -> Found:
    """All steps for one grant. Nothing is added for a held card; whatever must end is ended all the same."""
    if grant.ended:
        yield from (retire(share, grant.ended, planned=bool(grant.lapsed)) for share in shares)
        return
    doubles = empty_shards(shares)
    yield from (retire(share, "another share stands for this grant already") for share in doubles)
    usable, failed = [], {}
    for share in (one for one in shares if one not in doubles):
        if problem := is_external(grant, share):
            yield problem
            if problem.level == "deny":
                return
        if share.status == "FAILED":
            failed[number_of(share)] = share
            yield retire(share, f"RAM failed to make it{status_text(share, [share.arn])}")
        else:
            usable.append(share)
    wanted = {arn for arn, key in grant.resources.items() if key not in context.held} - grant.unproven
    if permissions.is_foreign(grant, context.observed, context.repository):
        wanted = set()
    for part in split(wanted, usable):
        if part.share is None:
            yield from _create(grant, part, context, failed.get(part.number))
            continue
        yield from narrow(grant, part, part.share, wanted, context)
        if part.share.status == "ACTIVE":
            yield from widen(grant, part, part.share, wanted, context)


def retire(share: ObservedShare, reason: str, planned: bool = False) -> Step:
    """The end of a share; a `planned` one is not among what the safety limits count card by card."""
    cards = live_cards(share)
    return Step(
        Phase.REVOKE,
        "expire" if planned else "unshare",
        share.place,
        share.name,
        f"{share.place.account}/{share.place.region}/{share.tags.get(GRANT, share.arn)}",
        reason,
        DeleteShare(share.arn, () if planned else tuple(cards)),
        _ended(share),
        share.arn,
        keys_of(cards),
        share.updated,
    )


def _ended(share: ObservedShare) -> tuple[Change, ...]:
    """Describe who loses which card. The permission stands for the level, which is not declared any more."""
    level = share.permission.rsplit("/", 1)[-1] or "granted"
    names = [f".{key_of(arn).name}" for arn in sorted(live_cards(share))] or [""]
    return tuple(Change(f"access[{who}]{name}", level, ABSENT) for who in sorted(share.principals) for name in names)


def _create(grant: DesiredGrant, part: Shard, context: SharingContext, failed: ObservedShare | None) -> Found:
    """A new share. `failed` is one in whose place it comes."""
    for name in (grant.name, grant.share.name):
        if (stranger := context.foreign.get((grant.place, name))) is not None:
            yield Finding(
                "ownership/foreign-share",
                grant.share.location,
                f"a share named {stranger.name!r} exists in {grant.place} and cardops does not own it",
                "rename the declared share, or remove the other one; nothing was changed",
            )
            return
    first, *more = chunks(part.added)
    name = f"{grant.name[: SHARE_NAME_LIMIT - 4]} {part.number + 1}" if part.number else grant.name
    to, permission, mark = grant.principal, grant.permission, tag(grant, part.number)
    action = CreateShare(name, to, first, permission, grant.outside, mark, marks(grant, context))
    changes = (*access(grant, first, gains=True), *_terms(grant, context.config))
    needs = requirements(grant, first, context)
    yield step(grant, part, Phase.SHARE, "share", why(grant), action, changes, keys_of(first), failed, needs)
    for chunk in more:
        associate = Associate("", chunk)
        changes = access(grant, chunk, gains=True)
        needs = requirements(grant, chunk, context)
        yield step(grant, part, Phase.SHARE, "share", why(grant), associate, changes, keys_of(chunk), failed, needs)
    yield from invitations.accepting(grant, key(grant, part), None, requirements(grant, part.added, context))


def _terms(grant: DesiredGrant, config: Config) -> Iterator[Change]:
    """Return the terms of a new share: its actions, its means of read-only, and principals outside the organization."""
    yield Change("actions", ABSENT, sorted(grant.ram_level.actions))
    yield from kept_by(grant, config)
    yield from invitations.terms(grant)
