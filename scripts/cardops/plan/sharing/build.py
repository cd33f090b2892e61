"""Plan all grants against all live RAM shares."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from cardops.desired.grants import DesiredGrant, grants
from cardops.model.desired import AccountRegion, CardKey
from cardops.model.findings import Finding, plural
from cardops.model.observed import ObservedShare
from cardops.plan.inputs import PlanInputs
from cardops.plan.sharing import invitations, permissions, shares
from cardops.plan.sharing.associations import ours
from cardops.plan.sharing.grant_steps import SharingContext
from cardops.plan.sharing.read_only import judge
from cardops.plan.sharing.shards import by_grant
from cardops.plan.steps import Step

Live = Mapping[tuple[AccountRegion, str], list[ObservedShare]]


def sharing(
    inputs: PlanInputs, held: Mapping[CardKey, str], waiting: Collection[tuple[AccountRegion, str]]
) -> tuple[list[Step], list[Finding]]:
    """Steps in no particular order, and what stands in their way; none for grants that wait (place and id)."""
    config, observed = inputs.desired.config, inputs.observed
    places = {share.place for share in observed.shares} | {key.place for key in inputs.desired.cards}
    everywhere = grants(inputs.desired, places, inputs.today)
    declared = [grant for grant in everywhere if grant.place not in observed.unknown]
    live = by_grant(observed.shares, config.repository)
    context = _situation(inputs, held)
    found: list[Step | Finding] = []
    needing: list[DesiredGrant] = []
    brakes = inputs.brakes()
    for each in (one for one in declared if (one.place, one.id) not in waiting):
        of_grant = live.get((each.place, each.id), [])
        grant, told = judge(each, inputs.read_only, context.declared)
        found += told
        denied = grant.share.name in inputs.blocked_shares
        stopped = frozenset(key.arn for key, brake in brakes.items() if brake.stops(grant.share.name, grant.principal))
        if stopped & grant.resources.keys():
            found.append(_braked(grant, stopped))
            kept = {arn: key for arn, key in grant.resources.items() if arn not in stopped}
            grant = replace(grant, resources=kept)
        here = replace(context, stopped=stopped)
        found += (one for one in shares.steps(grant, of_grant, here) if not denied or _goes_on(one))
        needing.append(grant)
    found += permissions.steps(config, needing, observed)
    found += _undeclared(inputs, declared, live)
    findings = [one for one in found if isinstance(one, Finding)]
    steps, queued = invitations.queue((one for one in found if isinstance(one, Step)), observed.shares)
    return steps, findings + queued


def _braked(grant: DesiredGrant, stopped: Collection[str]) -> Finding:
    cards = sum(arn in stopped for arn in grant.resources)
    message = f"{grant.label}: the emergency brake is on for {plural(cards, 'card')}, so nothing is given"
    return Finding("share/braked", grant.share.location, message, "`cardops brake --release` ends it", "warn")


def _goes_on(found: Step | Finding) -> bool:
    """Tell whether a step or finding stays for a share that a rule denies: it narrows, or it is a finding."""
    return isinstance(found, Finding) or found.narrowing


def _situation(inputs: PlanInputs, held: Mapping[CardKey, str]) -> SharingContext:
    observed, config = inputs.observed, inputs.desired.config
    declared = {card.key.arn: card for card in inputs.desired.cards.values()}
    foreign = {(share.place, share.name): share for share in observed.shares if not ours(share, config.repository)}
    stay = _untouchable(inputs)
    return SharingContext(observed, config, held.keys(), stay, declared, foreign, inputs.read_only)


def _untouchable(inputs: PlanInputs) -> set[str]:
    """Cards that are shared and whose files do not say, or not validly, whether they still may be."""
    shared = {arn for share in inputs.observed.shares for arn in share.resources} if inputs.unreadable else set()
    return {key.arn for key in (*inputs.broken, *inputs.renamed)} | shared - {key.arn for key in inputs.desired.cards}


def _undeclared(inputs: PlanInputs, declared: Iterable[DesiredGrant], live: Live) -> list[Step]:
    """The end of shares that nothing declares; none while a share's file cannot be read."""
    if inputs.unsure_shares:
        return []
    kept = {(grant.place, grant.id) for grant in declared}
    gone = (share for key, found in live.items() if key not in kept for share in found)
    return [shares.retire(share, "git no longer declares this grant") for share in gone]
