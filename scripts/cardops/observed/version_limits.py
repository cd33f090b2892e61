"""Ask Service Quotas how many versions a card may have, where some card comes near AWS's default."""

from collections.abc import Mapping

from cardops.model.desired import AccountRegion
from cardops.model.errors import CloudError
from cardops.model.observed import Observed
from cardops.model.ports import Cloud

SERVICE, CODE = "sagemaker", "L-EF24FBDB"
WORTH_ASKING = 75
"""The number of versions of a card from which on the quota is asked for; below it no call is made."""


def version_limits(cloud: Cloud, observed: Observed) -> Mapping[AccountRegion, int]:
    """Return the quotas of the places that are worth a call and may be asked; others have AWS's default."""
    found: dict[AccountRegion, int] = {}
    for place in sorted({key.place for key, live in observed.cards.items() if live.version >= WORTH_ASKING}):
        try:
            found[place] = cloud.quotas(place).value(SERVICE, CODE)
        except CloudError:
            continue  # the role may not ask, so the default stands
    return found
