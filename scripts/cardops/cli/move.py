"""`cardops move`: another name, account or region is another card; the old one is archived."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.cli.new import NAME
from cardops.cli.options import find_root, load_work_tree, repository_option, write_atomically
from cardops.model.errors import UsageError

if TYPE_CHECKING:
    from cardops.desired.loader import Loaded
    from cardops.model.desired import Card, CardKey, Desired


@dataclass(frozen=True, slots=True)
class MoveTarget:
    """The keys of a card's file that a move sets; what is empty stays as it is."""

    name: str
    account: str
    region: str


@click.command()
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
    return move(start, card, MoveTarget(name, account, region))


def move(start: Path, name: str, target: MoveTarget) -> int:
    """0; UsageError for a card that is not declared, a place that is taken, or a move to where it is."""
    from cardops.desired.parser import card_key
    from cardops.strict_yaml.editor import Remove, Set, edit

    root = find_root(start)
    loaded = load_work_tree(root)
    desired = loaded.desired
    if desired is None:
        raise UsageError("cardops.yaml cannot be used", "run `cardops validate`")
    card = _find(name, desired)
    _check(target, desired)
    path = root / card.location.path
    text = path.read_bytes().decode("utf-8")
    wanted = {key: value for key, value in asdict(target).items() if value}
    changes = [Set((key,), value) for key, value in wanted.items()]
    drop = [Remove(("adopt",))] if card.adopt else []
    moved = edit(text, [*changes, Set(("status",), "Draft"), *drop])
    key = card_key(_value(moved), desired.config)
    if key is None or key in desired.cards:
        raise UsageError(f"{key or name} is declared already", "choose another name, account or region")
    new_path = _free_path(path.parent, key, desired)
    archived = edit(text, [Set(("status",), "Archived")])
    write_atomically(new_path, moved)
    write_atomically(path, archived)
    click.echo(f"{new_path.relative_to(root)}: {key.name}, a Draft")
    click.echo(f"{card.location.path}: {card.key.name} is Archived")
    for share in _left_behind(loaded, card, key):
        click.echo(f"{share}: names {card.key.name}; add {key.name} where it is to be shared")
    return 0


def _value(text: str) -> dict[str, object]:
    from cardops.strict_yaml.reader import load

    value: dict[str, object] = load(text).value
    return value


def _find(name: str, desired: "Desired") -> "Card":
    from cardops.desired.selectors import is_glob, selected

    found = [] if is_glob(name) else list(selected(name, desired.cards, desired.config))
    if len(found) > 1:
        raise UsageError(f"several accounts have a card {name!r}", "write account/name")
    if not found:
        raise UsageError(f"no valid card {name!r} is declared", "`cardops validate` names files that are not valid")
    return desired.cards[found[0]]


def _check(target: MoveTarget, desired: "Desired") -> None:
    if not any(asdict(target).values()):
        raise UsageError("say where it moves", "one of --name, --account, --region")
    if target.name and not NAME.fullmatch(target.name):
        raise UsageError(f"{target.name!r} is no name", "letters, digits and inner dashes, at most 63 characters")
    if target.account and target.account not in desired.config.accounts:
        names = ", ".join(desired.config.accounts)
        raise UsageError(f"{target.account!r} is no account of cardops.yaml", f"one of {names}")


def _free_path(folder: Path, key: "CardKey", desired: "Desired") -> Path:
    alias = next(account.alias for account in desired.config.accounts.values() if account.id == key.account)
    for stem in (key.name, f"{alias}-{key.name}", f"{alias}-{key.region}-{key.name}"):
        if not (folder / f"{stem}.yaml").exists():
            return folder / f"{stem}.yaml"
    raise UsageError(f"{folder} has files of all names that fit", "rename one of them")


def _left_behind(loaded: "Loaded", card: "Card", key: "CardKey") -> list[str]:
    from cardops.desired.selectors import selected

    desired = loaded.desired
    shares = desired.shares if desired else ()
    return [
        share.location.path
        for share in shares
        if desired
        and any(list(selected(pattern, [card.key], desired.config)) for pattern in share.cards)
        and not any(list(selected(pattern, [key], desired.config)) for pattern in share.cards)
    ]
