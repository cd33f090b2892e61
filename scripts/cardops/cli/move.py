"""`cardops move`: give a card another name, account or region, as a new card."""

from pathlib import Path

import click

from cardops.cli.options import Command, repository_option
from cardops.commands.move import MoveTarget, move
from cardops.commands.workspace import load_workspace
from cardops.model.errors import ExitCode


@click.command(cls=Command)
@click.argument("card")
@click.option("--name", default="", help="The new card's name.")
@click.option("--account", default="", help="The account that is to own it, by its name in cardops.yaml.")
@click.option("--region", default="", help="The region that it is to live in.")
@repository_option
def command(card: str, name: str, account: str, region: str, start: Path) -> int:
    """Declare a card anew, as Draft, under another name, account or region, and the old one Archived.

    A card's key never changes in AWS. Versions and approvals stay with the old card. Nothing is written to AWS
    before both files are merged and applied.

    \b
    Examples:
      cardops move customer-churn-v1 --name churn-retention-v1
      cardops move ml-dev/customer-churn-v1 --account shared-services
    """
    moved = move(load_workspace(start), card, MoveTarget(name, account, region))
    click.echo(f"{moved.path}: {moved.key.name}, a Draft")
    click.echo(f"{moved.old.location.path}: {moved.old.key.name} is Archived")
    for share in moved.shares:
        click.echo(f"{share}: names {moved.old.key.name}; add {moved.key.name} where it is to be shared")
    return ExitCode.DONE
