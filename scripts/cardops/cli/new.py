"""`cardops new`: start a card or a share with a file that validates."""

import re
from pathlib import Path

import click

from cardops.cli.options import Group, repository_option
from cardops.commands.templates import CARD_TEXT, SHARE_TEXT
from cardops.commands.workspace import find_account, find_root, write_atomically
from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree
from cardops.model.errors import UsageError

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@click.group(cls=Group)
def command() -> None:
    """Start a card or a share.

    \b
    Examples:
      cardops new card customer-churn-v2 --owner team-churn
      cardops new share customer-churn --card customer-churn-v2 --to ml-dev
    """


@command.command()
@click.argument("name")
@click.option("--owner", required=True, help="The team that owns the card.")
@repository_option
def card(name: str, owner: str, start: Path) -> int:
    """Start a card, as Draft.

    \b
    Example:
      cardops new card customer-churn-v2 --owner team-churn
    """
    return _write(find_root(start), "cards", name, CARD_TEXT.format(name=name, owner=owner))


@command.command()
@click.argument("name")
@click.option("--card", "cards", multiple=True, required=True, help="A card's name, or a glob. Repeatable.")
@click.option("--to", required=True, help="The account that may contribute while the card is a draft.")
@repository_option
def share(name: str, cards: tuple[str, ...], to: str, start: Path) -> int:
    """Start a share.

    \b
    Example:
      cardops new share customer-churn --card customer-churn-v2 --to ml-dev
    """
    root = find_root(start)
    desired = load_repository(WorkTree(root)).desired
    if desired is not None:
        find_account(to, desired.config)
    return _write(root, "shares", name, SHARE_TEXT.format(name=name, cards=", ".join(f'"{c}"' for c in cards), to=to))


def _write(root: Path, folder: str, name: str, text: str) -> int:
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a valid name", "letters, digits and inner dashes, at most 63 characters")
    path = root / folder / f"{name}.yaml"
    if path.exists():
        raise UsageError(f"{path.relative_to(root)} exists already", "nothing was changed")
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, text)
    click.echo(f"{path.relative_to(root)}: edit it, then `cardops validate`")
    return 0
