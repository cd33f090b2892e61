"""Look at each card once more right before a step gives access to it."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace

from cardops.model import canonical
from cardops.model.brake import brake_of
from cardops.model.desired import CardKey, Status
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.ports import Cloud
from cardops.model.provenance import is_managed
from cardops.plan.actions import Associate, CreateShare
from cardops.plan.steps import CardRequirement, Step


def refused_cards(cloud: Cloud, step: Step, repository: str, pool: Executor) -> dict[CardKey, str]:
    """Return the cards that are not what the step requires, with the reason.

    Every card is described anew, with its tags: neither the plan's look nor the index counts here. A card that
    cannot be read is refused.
    """
    keys = sorted(step.requires)
    found = pool.map(lambda key: _refusal(cloud, key, step.requires[key], repository), keys)
    return {key: why for key, why in zip(keys, found, strict=True) if why}


def without_cards(step: Step, left_out: Mapping[CardKey, str]) -> Step:
    """Return the step without these cards, and without any card if it can only be done for all of them.

    A bulk share goes on for the others; a principal, a permission or an invitation is for every card of the share.
    """
    kept = frozenset(step.cards - left_out.keys())
    arns = {key.arn for key in kept}
    if isinstance(step.action, CreateShare) or (isinstance(step.action, Associate) and step.action.resources):
        resources = tuple(arn for arn in step.action.resources if arn in arns)
        return replace(step, cards=kept, action=replace(step.action, resources=resources))
    return replace(step, cards=frozenset())


def _refusal(cloud: Cloud, key: CardKey, requirement: CardRequirement, repository: str) -> str:
    port = cloud.cards(key.place)
    try:
        live = port.describe(key.name)
        tags = port.tags(key.arn)
    except NotFoundError:
        return "it does not exist any more; plan again"
    except CloudError as problem:
        return f"it could not be looked at: {problem}"
    if live.processing:
        return "it is being deleted"
    if live.flaw:
        return live.flaw
    if not is_managed(tags, repository):
        return "this repository does not manage it any more; plan again"
    if brake_of(tags).stops(requirement.share, requirement.principal):
        return "the emergency brake is on; `cardops brake --release` ends it"
    if live.status not in requirement.statuses:
        allowed = " or ".join(status for status in Status if status in requirement.statuses)
        return f"it is {live.status} now, and git gives this access while {allowed}; plan again"
    if requirement.digest and canonical.digest(live.content or b"") != requirement.digest:
        return f"its content (version {live.version}) is not the content that git declares; plan again"
    return ""
