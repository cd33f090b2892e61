"""`cardops status`: show every card at a glance."""

from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.console import log, print_unknown
from cardops.cli.options import (
    Command,
    cache_option,
    format_option,
    ledger_from_option,
    repository_option,
    today_option,
)
from cardops.commands.ledger import recorded
from cardops.commands.plan import build_plan
from cardops.commands.status import StatusFilter, card_statuses
from cardops.commands.workspace import find_account, load_workspace
from cardops.desired.selectors import selected
from cardops.git.repository import Repository
from cardops.model.desired import CardKey, Desired, Status
from cardops.model.errors import UsageError
from cardops.render.status import FORMATS

STATUS = click.Choice([one.value for one in Status])


@click.command(cls=Command)
@click.argument("names", metavar="[CARD]...", nargs=-1)
@repository_option
@click.option("--status", "statuses", multiple=True, type=STATUS, help="Only cards with this status. Repeatable.")
@click.option("--owner", default="", metavar="TEAM", help="Only the cards of this owner.")
@click.option("--risk", default="", metavar="RATING", help="Only cards with this risk rating.")
@click.option("--reader", default="", metavar="ACCOUNT", help="Only cards that this account can use.")
@click.option("--held", is_flag=True, help="Only cards that wait for a person.")
@click.option("--offline", is_flag=True, help="Do not ask AWS: show what git declares and what the ledger recorded.")
@ledger_from_option
@format_option(FORMATS)
@today_option
@cache_option
def command(
    names: tuple[str, ...],
    start: Path,
    statuses: tuple[str, ...],
    owner: str,
    risk: str,
    reader: str,
    held: bool,
    offline: bool,
    ledger: str,
    form: str,
    today: str,
    no_cache: bool,
) -> int:
    """List cards with status, owner, risk, last sign-off, readers, and what they wait for. Makes no mutating call.

    LIVE says `same` if the card has the declared status in AWS. Cards can be globs. Exits 3 if an account could not be
    read.

    \b
    Examples:
      cardops status
      cardops status --risk High --reader ml-prod
      cardops status 'credit-*' --held --format json
      cardops status --offline --format csv > cards.csv
    """
    workspace = load_workspace(start, today, governed=True, cached=not no_cache)
    desired, config = workspace.desired, workspace.config
    ids = {alias: alias for alias in config.accounts} | {one.id: one.alias for one in config.accounts.values()}
    if reader and reader not in ids:
        find_account(reader, config)
    wanted = StatusFilter(frozenset(map(Status, statuses)), owner, risk, reader, held, _chosen(names, desired), ids)
    planned = None
    if not offline:
        revisions = Repository(workspace.root)
        cloud = connect(config)
        planned = build_plan(workspace.loaded, desired, cloud, revisions, revisions.head(), today, log)
    records = recorded(workspace.root, ledger, config.repository)
    found = card_statuses(workspace, planned, records, today, wanted)
    click.echo(FORMATS[form](found, len(desired.cards)))
    return print_unknown(planned.unknown if planned else {})


def _chosen(names: tuple[str, ...], desired: Desired) -> frozenset[CardKey] | None:
    """Return the cards that names and globs select, or None for all. Raises UsageError for a name without a card."""
    found: set[CardKey] = set()
    for name in names:
        keys = set(selected(name, desired.cards, desired.config))
        if not keys:
            raise UsageError(f"No valid card matches {name!r}.", "`cardops status` without a name lists all cards.")
        found |= keys
    return frozenset(found) if names else None
