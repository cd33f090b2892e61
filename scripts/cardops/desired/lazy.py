"""Mappings of files and cards that are parsed when they are first accessed."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from cardops.desired.cards import CardFile
from cardops.desired.documents import DeclaredFile, safe_text
from cardops.model.desired import Card, CardKey


class Files:
    """Parsed files by their path, as it is printed. A card that an earlier run has looked at is parsed when its value
    or a place is asked for.
    """

    def __init__(self, cards: Iterable[CardFile] = (), others: Iterable[DeclaredFile] = ()) -> None:
        self._all = cards
        self._others = {safe_text(file.path): file for file in others}

    @cached_property
    def _cards(self) -> dict[str, CardFile]:
        return {safe_text(card.path): card for card in self._all}

    def __getitem__(self, path: str) -> DeclaredFile:
        file = self._others.get(path)
        return file if file else self._cards[path].file


class Cards(Mapping[CardKey, Card]):
    """Cards that are made when they are asked for, of files that have one."""

    def __init__(self, files: Mapping[CardKey, CardFile]) -> None:
        self.files = files

    def __getitem__(self, key: CardKey) -> Card:
        card = self.files[key].card
        if card is None:
            raise KeyError(key)
        return card

    def __iter__(self) -> Iterator[CardKey]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)
