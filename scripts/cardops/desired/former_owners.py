"""Find accounts and regions that owned cards in earlier commits, so that leftovers there can be cleaned up."""

from collections.abc import Iterator
from pathlib import Path

from cardops.git.repository import Repository
from cardops.model.desired import AccountRegion, Config, Desired
from cardops.model.errors import GitError
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load

FOLDER = "cards"


def include_former_owners(root: Path, desired: Desired) -> Desired:
    """Add the places that the history knows to what the work tree declares, if there is a history."""
    revisions = Repository(root)
    try:
        return desired._replace(former=former_account_regions(revisions, revisions.head(), desired))
    except GitError:
        return desired


def former_account_regions(revisions: Repository, tip: str, desired: Desired) -> frozenset[AccountRegion]:
    """Return the places of removed cards: accounts of cardops.yaml, by the names that they have there now.

    The files were removed before `tip`, or in the work tree where that is what is `desired`.
    """
    found = (_place(text, desired.config) for text in _texts(revisions, tip, not desired.commit))
    return frozenset(place for place in found if place)


def _texts(revisions: Repository, tip: str, in_work_tree: bool) -> Iterator[bytes]:
    yield from revisions.removed(FOLDER, tip)
    if in_work_tree:
        changes = [change for change in revisions.changed(tip) if change.kind in ("removed", "renamed")]
        paths = [change.before for change in changes if change.before.startswith(f"{FOLDER}/")]
        yield from map(revisions.tree(tip, paths).read, paths) if paths else ()


def _place(text: bytes, config: Config) -> AccountRegion | None:
    """None where no card says where it lived: then it was at home."""
    if b"account" not in text and b"region" not in text:
        return None
    try:
        card = load(text).value
    except YamlError:
        return None
    if not isinstance(card, dict):
        return None
    alias, region = card.get("account", config.home), card.get("region", config.region)
    account = config.accounts.get(alias) if isinstance(alias, str) else None
    return AccountRegion(account.id, region) if account and isinstance(region, str) else None
