"""Take over what nobody manages: look, and if nobody does, tag. Nothing but tags is written."""

from cardops.model import canonical
from cardops.model.desired import REPOSITORY, CardKey
from cardops.model.errors import StaleResourceError
from cardops.model.ports import Cards, Sharing
from cardops.plan.actions import AdoptShare
from cardops.plan.steps import AdoptCard


def adopt_card(port: Cards, key: CardKey, action: AdoptCard) -> str:
    """Raises StaleResourceError when the card is managed by now, or is not what the plan saw."""
    live = port.describe(key.name)
    seen = (live.version, live.status, canonical.digest(live.content or b""))
    if seen != (action.version, action.status, action.seen):
        raise StaleResourceError(
            f"{key.name} changed since it was planned (version {live.version}, {live.status})", "plan again"
        )
    if owner := port.tags(key.arn).get(REPOSITORY):
        raise StaleResourceError(f"the repository {owner} manages {key.name} by now", "plan again")
    port.add_tags(key.arn, action.tags)
    return f"adopted at version {live.version}, {live.status}"


def adopt_share(port: Sharing, action: AdoptShare) -> str:
    """Raises StaleResourceError when somebody manages the share by now, NotFoundError when it is gone."""
    if owner := port.share_tags(action.share).get(REPOSITORY):
        raise StaleResourceError(f"the repository {owner} manages {action.share} by now", "plan again")
    port.tag_share(action.share, action.tags)
    return "adopted"
