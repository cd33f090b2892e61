"""`cardops history`: show a card's versions, the commits behind them, and who signed them off."""

from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.console import print_unknown
from cardops.cli.options import Command, format_option, ledger_from_option, repository_option
from cardops.commands.history import card_history
from cardops.commands.ledger import recorded
from cardops.commands.workspace import find_card, load_workspace
from cardops.render.history import FORMATS


@click.command(cls=Command)
@click.argument("name", metavar="CARD")
@repository_option
@ledger_from_option
@format_option(FORMATS)
def command(name: str, start: Path, ledger: str, form: str) -> int:
    """Show every version of CARD with the commit that declared it and who signed it off. Only reads AWS.

    Sign-offs come from the records on the ledger, from signed trailers, and from the live card's tags.

    \b
    Examples:
      cardops history customer-churn-v1
      cardops history ml-dev/churn --format json
    """
    workspace = load_workspace(start)
    card = find_card(name, workspace.desired)
    records = recorded(workspace.root, ledger, workspace.config.repository)
    entries, unknown = card_history(workspace, card, records, connect(workspace.config))
    click.echo(FORMATS[form](card.key, entries))
    return print_unknown(unknown)
