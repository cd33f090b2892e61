"""Take over what nobody manages: look, and if nobody does, tag. Nothing but tags is written."""

from cardops import canonical
from cardops.errors import Moved
from cardops.model import REPOSITORY, CardKey
from cardops.plan.ram_actions import AdoptShare
from cardops.plan.steps import AdoptCard
from cardops.ports import Cards, Sharing


def adopt_card(port: Cards, key: CardKey, action: AdoptCard) -> str:
    """Raises Moved when the card is managed by now, or is not what the plan saw."""
    live = port.describe(key.name)
    seen = (live.version, live.status, canonical.digest(live.content or b""))
    if seen != (action.version, action.status, action.seen):
        raise Moved(f"{key.name} changed since it was planned (version {live.version}, {live.status})", "plan again")
    if owner := port.tags(key.arn).get(REPOSITORY):
        raise Moved(f"the repository {owner} manages {key.name} by now", "plan again")
    port.add_tags(key.arn, action.tags)
    return f"adopted at version {live.version}, {live.status}"


def adopt_share(port: Sharing, action: AdoptShare) -> str:
    """Raises Moved when somebody manages the share by now, NotFound when it is gone."""
    if owner := port.share_tags(action.share).get(REPOSITORY):
        raise Moved(f"the repository {owner} manages {action.share} by now", "plan again")
    port.tag_share(action.share, action.tags)
    return "adopted"
