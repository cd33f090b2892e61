"""Declarations of earlier revisions. Each tree is read once, and files are parsed on demand."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cardops.cache.store import Cache
from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import CONFIG, FACTS
from cardops.git.repository import Repository
from cardops.model.desired import Card, CardKey, Config
from cardops.model.errors import UnreadableFileError
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load as load_text


class CardRevision(NamedTuple):
    """A first-parent commit that changed a card's file, the one before it (or empty), and the card there."""

    commit: str
    parent: str
    before: Card | None


class Origin(NamedTuple):
    """A file that another one was made from, up to a commit."""

    commit: str
    paths: tuple[str, ...]


class DeclarationHistory:
    """The declarations of all revisions. Raises GitError for a commit that this clone lacks."""

    def __init__(self, revisions: Repository) -> None:
        self.revisions = revisions
        self.kept: Cache | None = None
        """Cached results of earlier runs for cardops.yaml; only validation sets it."""
        self._whole: dict[str, Loaded] = {}
        self._some: dict[str, Mapping[CardKey, Card]] = {}
        self._cards: dict[tuple[str, CardKey, str], Card | None] = {}
        self._configs: dict[str, Config | None] = {}

    def remember(self, commit: str, loaded: Loaded) -> None:
        """Remember the files of a commit that is loaded already."""
        self._whole[commit] = loaded
        self.know(commit, loaded)

    def know(self, commit: str, part: Loaded) -> None:
        """Take cards that were loaded from a commit for what it declares: some of them, without contents."""
        self._some[commit] = part.desired.cards if part.desired else {}

    def loaded(self, commit: str) -> Loaded:
        """Everything that a commit declares."""
        if commit not in self._whole:
            self._whole[commit] = load_repository(self.revisions.tree(commit), commit)
        return self._whole[commit]

    def text(self, commit: str, path: str) -> bytes | None:
        """A file at a commit; None where there was no regular file."""
        try:
            return self.revisions.tree(commit, [path]).read(path)
        except (FileNotFoundError, UnreadableFileError):
            return None

    def value(self, commit: str, path: str) -> Any:
        """A file's value at a commit, or its text where that is not strict YAML; None if the file is absent."""
        text = self.text(commit, path)
        return None if text is None else read_value(text)

    def config(self, commit: str) -> Config | None:
        """cardops.yaml at a commit; None where it cannot be used."""
        if commit not in self._configs:
            tree = self.revisions.tree(commit, [CONFIG, FACTS]) if commit else None
            desired = load_repository(tree, commit, kept=self.kept).desired if tree else None
            self._configs[commit] = desired.config if desired else None
        return self._configs[commit]

    def card(self, commit: str, key: CardKey, path: str) -> Card | None:
        """A card at a commit, looked for at `path` first and then in every file."""
        asked = (commit, key, path)
        if asked not in self._cards:
            self._cards[asked] = self._find(commit, key, path)
        return self._cards[asked]

    def passages(self, card: Card, tip: str) -> Iterator[CardRevision]:
        """The first-parent history of a card's file up to `tip`, newest first, through renames, to where it began."""
        path, at = card.location.path, tip
        while at:
            passages = self._of_file(card.key, path, at)
            at = ""
            for passage in passages:
                yield passage
                if passage.before is not None and passage.before.location.path != path:
                    path, at = passage.before.location.path, passage.parent
                    break

    def origins(self, commit: str, path: str) -> Iterator[Origin]:
        """The files that a file was moved or copied from when a commit added it, and what those were made from."""
        seen = {(commit, path)}
        pending = [(commit, path)]
        while pending:
            added, new = pending.pop()
            parent = self.revisions.first_parent(added) if added else ""
            for source in self.revisions.copied_from(added, new) if parent else ():
                yield Origin(parent, (source,))
                first = [*self.revisions.changes_of(source, parent)][-1:]
                found = [(one, source) for one in first if (one, source) not in seen]
                seen.update(found)
                pending += found

    def introduction(self, card: Card, tip: str) -> CardRevision:
        """The commit that gave the card everything that it declares at `tip`."""
        found = CardRevision(tip, "", None)
        for passage in self.passages(card, tip):
            found = passage
            if passage.before is None or not same_state(passage.before, card):
                break
        return found

    def _of_file(self, key: CardKey, path: str, tip: str) -> Iterator[CardRevision]:
        for commit in self.revisions.changes_of(path, tip):
            parent = self.revisions.first_parent(commit)
            before = self.card(parent, key, path) if parent else None
            yield CardRevision(commit, parent, before)
            if before is None:
                return

    def _find(self, commit: str, key: CardKey, path: str) -> Card | None:
        known = self._some.get(commit, {}).get(key)
        if known is not None and known.location.path == path:
            return known
        part = load_repository(self.revisions.tree(commit, [CONFIG, FACTS, path]), commit).desired
        if part is not None and key in part.cards:
            return part.cards[key]
        desired = self.loaded(commit).desired
        return desired.cards.get(key) if desired else None


def read_value(text: bytes) -> Any:
    """The value of a document, or the text itself where that is not in the strict subset of YAML."""
    try:
        return load_text(text).value
    except YamlError:
        return text


def same_state(one: Card | None, other: Card) -> bool:
    """Tell whether both declare everything that a sign-off covers alike."""
    return one is not None and one.declared == other.declared
