"""The narrowing steps for one RAM share of a grant: they never wait for anything."""

from collections.abc import Collection

from cardops.desired.grants import DesiredGrant
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import Status
from cardops.model.observed import SUSPENDED, ObservedShare
from cardops.plan.actions import AllowExternal, Disassociate
from cardops.plan.sharing.associations import is_live, key_of, keys_of, live_cards, status_text
from cardops.plan.sharing.grant_steps import Found, SharingContext, access, chunks, step
from cardops.plan.sharing.read_only import is_replaced, role_replaced
from cardops.plan.sharing.shards import Shard
from cardops.plan.steps import Phase, Step


def narrow(grant: DesiredGrant, part: Shard, share: ObservedShare, wanted: set[str], context: SharingContext) -> Found:
    """Ends what git does not declare, and what RAM suspended, so that it can be shared anew.

    A share that is marked for adoption stays open to the outside, as it was found, until the mark is removed.
    """
    live = live_cards(share)
    kept = (set(grant.resources) | set(context.untouchable)) - part.doubled - context.stopped
    gone = [(arn, _lapsed(grant, arn, context)) for arn in live if arn not in kept]
    for kind, planned in (("expire", True), ("revoke", False)):
        for chunk in chunks([arn for arn, lapsed in gone if lapsed is planned]):
            whys = sorted({_why_not(grant, part, arn, context) for arn in chunk})
            changes = access(grant, chunk, gains=False)
            yield _revoke(grant, part, "; ".join(whys), Disassociate(share.arn, chunk), changes, chunk, kind)
    for chunk in chunks([arn for arn in live if arn in kept & wanted and share.resources[arn] == SUSPENDED]):
        reason = f"RAM suspended it, so it is shared anew{status_text(share, chunk)}"
        changes = access(grant, chunk, gains=False)
        yield _revoke(grant, part, reason, Disassociate(share.arn, chunk), changes, chunk)
    strangers = [who for who, state in sorted(share.principals.items()) if is_live(state) and who != grant.principal]
    if strangers:
        changes = tuple(Change(f"access[{who}]", grant.level.name, ABSENT) for who in strangers)
        reason = "git declares no access for them in this share"
        yield _revoke(grant, part, reason, Disassociate(share.arn, (), tuple(strangers)), changes, live)
    if share.principals.get(grant.principal) == SUSPENDED:
        reason = f"RAM suspended {grant.to}, so it is shared anew{status_text(share, [grant.principal])}"
        yield _revoke(grant, part, reason, Disassociate(share.arn, (), (grant.principal,)), (), live)
    if is_replaced(grant, share, context):
        yield role_replaced(grant, share)
        reason = "the role was deleted and made anew, so its access is given anew"
        yield _revoke(grant, part, reason, Disassociate(share.arn, (), (grant.principal,)), (), live)
    if share.external and not grant.outside and share.arn not in grant.adopts:
        changes = (Change("external principals", "allowed", "refused"),)
        reason = f"{grant.to} is not declared as `external: true`"
        action = AllowExternal(share.arn, False)
        yield step(grant, part, Phase.NARROW, "external", reason, action, changes, keys_of(live))


def _lapsed(grant: DesiredGrant, arn: str, context: SharingContext) -> bool:
    return _status(arn, context) in grant.lapsed


def _status(arn: str, context: SharingContext) -> Status | None:
    card = context.declared.get(arn)
    return card.status if card else None


def _why_not(grant: DesiredGrant, part: Shard, arn: str, context: SharingContext) -> str:
    if arn in part.doubled:
        return "another share of this grant holds it already"
    if arn in context.stopped:
        return "the emergency brake is on"
    status = _status(arn, context)
    if status is not None and _lapsed(grant, arn, context):
        return f"{grant.label} while {status} expired on {grant.lapsed[status]}"
    if status is not None and status not in grant.during:
        return f"{key_of(arn).name} is {status}"
    if status is None and key_of(arn) in context.observed.cards:
        return f"{key_of(arn).name} is no longer declared"
    return f"git declares no {grant.level.name} for {grant.to} on it"


def _revoke(
    grant: DesiredGrant,
    part: Shard,
    reason: str,
    action: Disassociate,
    changes: tuple[Change, ...],
    cards: Collection[str],
    kind: str = "revoke",
) -> Step:
    return step(grant, part, Phase.REVOKE, kind, reason, action, changes, keys_of(cards))
