"""Move a card: declare it under another key, as a Draft, and archive the old one."""

from dataclasses import asdict, dataclass
from pathlib import Path

from cardops.commands.workspace import Workspace, find_account, find_card, write_atomically
from cardops.desired.parser import card_key
from cardops.desired.selectors import selected
from cardops.importers.drafts import NAME
from cardops.model.desired import Card, CardKey, Desired
from cardops.model.errors import UsageError
from cardops.strict_yaml.editor import Remove, Set, edit
from cardops.strict_yaml.reader import load


@dataclass(frozen=True, slots=True)
class MoveTarget:
    """The keys of a card's file that a move sets; what is empty stays as it is."""

    name: str
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class MovedCard:
    """The old card, the new card's key and file, and the files of shares that select only the old one."""

    old: Card
    key: CardKey
    path: str
    shares: list[str]


def move(workspace: Workspace, name: str, target: MoveTarget) -> MovedCard:
    """Write both files. Raises UsageError for an unknown card, a key that is taken, or a move to where it is."""
    desired, root = workspace.desired, workspace.root
    card = find_card(name, desired)
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
    return MovedCard(card, key, str(new_path.relative_to(root)), _left_behind(desired, card, key))


def _value(text: str) -> dict[str, object]:
    value: dict[str, object] = load(text).value
    return value


def _check(target: MoveTarget, desired: Desired) -> None:
    if not any(asdict(target).values()):
        raise UsageError("Specify where the card moves.", "Pass at least one of --name, --account or --region.")
    if target.name and not NAME(target.name):
        raise UsageError(
            f"{target.name!r} is not a valid name", "letters, digits and inner dashes, at most 63 characters"
        )
    if target.account:
        find_account(target.account, desired.config)


def _free_path(folder: Path, key: CardKey, desired: Desired) -> Path:
    alias = next(account.alias for account in desired.config.accounts.values() if account.id == key.account)
    for stem in (key.name, f"{alias}-{key.name}", f"{alias}-{key.region}-{key.name}"):
        if not (folder / f"{stem}.yaml").exists():
            return folder / f"{stem}.yaml"
    raise UsageError(f"{folder} has files of all names that fit", "rename one of them")


def _left_behind(desired: Desired, card: Card, key: CardKey) -> list[str]:
    return [
        share.location.path
        for share in desired.shares
        if any(list(selected(pattern, [card.key], desired.config)) for pattern in share.cards)
        and not any(list(selected(pattern, [key], desired.config)) for pattern in share.cards)
    ]
