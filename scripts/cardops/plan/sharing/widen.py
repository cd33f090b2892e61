"""The widening steps for one RAM share of a grant; its permission may narrow, too."""

from collections.abc import Collection

from cardops.desired.grants import DesiredGrant
from cardops.merge.diff import Change
from cardops.model.findings import Finding
from cardops.model.observed import ENDING_STATE, PRESENT_STATES, SUSPENDED, ObservedShare
from cardops.model.permissions import may_write
from cardops.plan.actions import AllowExternal, Associate, ReplacePermission
from cardops.plan.sharing import invitations, permissions
from cardops.plan.sharing.associations import in_transit, key_of, keys_of, live_cards, status_text
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
from cardops.plan.sharing.read_only import is_replaced, marks
from cardops.plan.sharing.shards import Shard
from cardops.plan.steps import Phase


def widen(grant: DesiredGrant, part: Shard, share: ObservedShare, wanted: set[str], context: SharingContext) -> Found:
    """Adds what git declares, and gives back what was lost."""
    yield from in_transit(grant, share)
    if grant.outside and not share.external:
        reason = f"{grant.to} is declared as `external: true`"
        allowed = (Change("external principals", "refused", "allowed"),)
        yield step(grant, part, Phase.WIDEN, "external", reason, AllowExternal(share.arn, True), allowed)
    yield from _permission(grant, part, share, context)
    anew = {arn for arn in live_cards(share) if arn in wanted - part.doubled and share.resources[arn] == SUSPENDED}
    for chunk in chunks(sorted({*part.added, *anew})):
        ending = tuple(arn for arn in chunk if share.resources.get(arn) in (ENDING_STATE, SUSPENDED))
        action, changes = Associate(share.arn, chunk, ending=ending), access(grant, chunk, gains=True)
        yield step(
            grant,
            part,
            Phase.SHARE,
            "share",
            f"{why(grant)}{status_text(share, chunk)}",
            action,
            changes,
            keys_of(chunk),
            requires=requirements(grant, chunk, context),
        )
    yield from _principal(grant, part, share, context)


def _principal(grant: DesiredGrant, part: Shard, share: ObservedShare, context: SharingContext) -> Found:
    state = share.principals.get(grant.principal, "not associated")
    holds = [arn for arn in live_cards(share) if arn in grant.resources]
    if grant.principal in share.invited:
        if grant.share.invitations == "leave":
            yield invitations.unanswered(grant, share)
        needs = requirements(grant, {*holds, *part.added}, context)
        yield from invitations.accepting(grant, key(grant, part), share, needs)
    replaced = is_replaced(grant, share, context)
    if (state in PRESENT_STATES and not replaced) or state == "SUSPENDING" or not (holds or part.added):
        return
    if waits := _waits(grant, holds, context, f"{grant.to} is {state} in the share"):
        yield waits
        return
    reason = f"{grant.to} is {state} in the share{status_text(share, [grant.principal])}"
    reason = "the role was made anew, and this one reads the cards" if replaced else reason
    ending = (grant.principal,) if state in (ENDING_STATE, SUSPENDED) or replaced else ()
    action = Associate(share.arn, (), (grant.principal,), ending, marks(grant, context) if replaced else {})
    changes = tuple(invitations.terms(grant))
    needs = requirements(grant, holds, context)
    yield step(grant, part, Phase.SHARE, "reconnect", reason, action, changes, keys_of(holds), requires=needs)
    needs = requirements(grant, {*holds, *part.added}, context)
    yield from invitations.accepting(grant, key(grant, part), share, needs)


def _permission(grant: DesiredGrant, part: Shard, share: ObservedShare, context: SharingContext) -> Found:
    """The declared permission in the place of the share's one; the share itself always stays."""
    kept = permissions.kept_permissions(grant, context.observed)
    current = kept is None or (share.permission_version == kept.version and kept.actions == grant.ram_level.actions)
    if permissions.is_foreign(grant, context.observed, context.repository) or (
        share.permission == grant.permission and current
    ):
        return
    before = share.permission.rsplit("/", 1)[-1] or "none"
    after = grant.permission.rsplit("/", 1)[-1]
    holds, narrows = live_cards(share), _narrows(grant, share)
    if not narrows and (waits := _waits(grant, holds, context, f"its permission is {before}")):
        yield waits
        return
    yield step(
        grant,
        part,
        Phase.NARROW if narrows else Phase.WIDEN,
        "permission",
        f"{grant.level.name} means {after}",
        ReplacePermission(share.arn, grant.permission),
        (
            Change("permission", before, after if before != after else f"{after} (current version)"),
            *kept_by(grant, context.config),
        ),
        keys_of(holds),
        requires={} if narrows else requirements(grant, [arn for arn in holds if arn in grant.resources], context),
    )


def _narrows(grant: DesiredGrant, share: ObservedShare) -> bool:
    """Losing the power to write is narrowing, whatever else comes with it."""
    loses_write = may_write(share.actions) and not may_write(grant.ram_level.actions)
    return loses_write or grant.ram_level.actions <= share.actions


def _waits(grant: DesiredGrant, holds: Collection[str], context: SharingContext, what: str) -> Finding | None:
    """A principal or a permission is for all cards of a share, so it cannot widen while one of them is held."""
    held = sorted(key_of(arn).name for arn in holds if key_of(arn) in context.held or arn in grant.unproven)
    if not held:
        return None
    message = f"{grant.label}: {what}, and this waits for {', '.join(held[:5])}"
    return Finding("share/waits", grant.share.location, message, "see what holds these cards", "warn")
