"""Reading the ledger, and finding the one card that a command is about."""

from pathlib import Path
from typing import Any

import click

from cardops.errors import UsageError
from cardops.matching import selected
from cardops.model import Card, Desired
from cardops.revisions.ledger import DEFAULT_BRANCH, Ledger

ledger_option = click.option(
    "--ledger",
    default=DEFAULT_BRANCH,
    show_default=True,
    metavar="BRANCH",
    help="The branch with the records of runs.",
)


def recorded(root: Path, branch: str, repository: str) -> list[dict[str, Any]]:
    """The records of this repository's runs, oldest first; none where there is no ledger."""
    from cardops.record import records

    ledger = Ledger(root, branch)
    tip = ledger.tip()
    found = records(ledger.read(tip, "runs").values()) if tip else []
    return [record for record in found if record.get("repository") == repository]


def the_card(name: str, desired: Desired) -> Card:
    """The declared card of a name or `account/name`. Raises UsageError for none, and for several."""
    keys = list(selected(name, desired.cards, desired.config))
    if not keys:
        raise UsageError(f"no card {name!r} is declared", "name it as its file does; account/name works too")
    if len(keys) > 1:
        raise UsageError(f"{name!r} are {len(keys)} cards: {', '.join(map(str, keys[:3]))}", "name one: account/name")
    return desired.cards[keys[0]]
