"""A branch that edits cards where they stand, under the keys that they had: of its base nothing else has to be read."""

from collections.abc import Sequence
from typing import NamedTuple

from cardops.desired.cards import CardFile
from cardops.desired.lazy import Cards, Files
from cardops.desired.loader import Loaded, ReadCards
from cardops.desired.sources import CONFIG, FOLDERS, kind_of
from cardops.git.log import FileChange
from cardops.git.trees import Tree
from cardops.model.desired import CardKey, Desired


class Sides(NamedTuple):
    """What was loaded at the base and now, or the part of both that differs."""

    before: Loaded
    after: Loaded


def edited_in_place(loaded: Loaded, tree: Tree, changed: Sequence[FileChange], read_cards: ReadCards) -> Sides | None:
    """The cards that differ from the base, whose files are `tree`; None where there may be more to say.

    As all keys, packages and origins are the same, so is what contradicts what, and what shares select: every other
    card and every share is at the base what it is now.
    """
    paths = _edited(changed)
    if loaded.desired is None or not paths or loaded.declared.cards != _count(tree):
        return None
    config = loaded.desired.config
    before: dict[CardKey, CardFile] = {}
    for was in read_cards(tree, paths, config).files:
        now = loaded.sound.get(was.key) if was.key else None
        if now is None or was.key is None or not was.has_card or _place(was) != _place(now):
            return None
        before[was.key] = was
    after = {key: loaded.sound[key] for key in before}
    shown = Loaded(Desired(config, Cards(before), (), tree.commit), sound=before, files=Files(before.values()))
    return Sides(shown, loaded._replace(desired=loaded.desired._replace(shares=()), sound=after))


def _edited(changed: Sequence[FileChange]) -> list[str]:
    """The paths of the cards that were edited; none where anything else that is declared has changed."""
    declared = [change for change in changed if _declares(change.path) or _declares(change.before)]
    edited = [change.path for change in declared if change.path == change.before]
    return edited if len(edited) == len(declared) and all(kind_of(path) == "card" for path in edited) else []


def _declares(path: str) -> bool:
    return path == CONFIG or path.partition("/")[0] in FOLDERS


def _count(tree: Tree) -> int:
    """The files that declare a card at the base. All but the edited ones are there still: one more is new."""
    return sum(kind_of(path) == "card" for path in tree.hashes)


def _place(card: CardFile) -> tuple[object, ...]:
    return card.path, card.package, card.origin
