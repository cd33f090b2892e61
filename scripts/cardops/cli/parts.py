"""Parts of a repository: the accounts and regions that a command is asked for."""

from collections.abc import Iterable

import click

from cardops.model.desired import AccountRegion
from cardops.model.errors import UsageError
from cardops.plan.partitions import account_region_of

partition_option = click.option(
    "--partition",
    "partitions",
    multiple=True,
    metavar="ACCOUNT/REGION",
    help="Only what this account's id and region own. Repeatable.",
)


def places_named(texts: Iterable[str]) -> frozenset[AccountRegion]:
    """The places of one or more ACCOUNT/REGION in each text. Raises UsageError, also where a text names none."""
    names = [name for text in texts for name in text.split() or [text]]
    found = {name: account_region_of(name) for name in names}
    for name, place in found.items():
        if place is None:
            raise UsageError(f"{name!r} is no partition", "write ACCOUNT/REGION: a 12-digit id and a region")
    return frozenset(place for place in found.values() if place)
