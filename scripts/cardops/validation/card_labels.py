"""Cards of which nothing was found: of ten thousand, one line each is all that is read of most.

A label is what is kept between runs instead of a record: the card's key, a digest of what the summary of all cards says
of it, and its package. What the summary says is kept apart from it, and all else is in the file.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from cardops.cache.store import Cache
from cardops.desired import parser as parse
from cardops.desired.cards import CardFile, digest_of_brief
from cardops.desired.documents import DeclaredFile
from cardops.desired.sources import Source
from cardops.model.desired import Card, CardKey, HubOrigin, ModelPackage
from cardops.model.findings import Finding

SAFE = re.compile(r"[\w-]+/[\w-]+/[\w-]+ \w+( [\w-]+ \d+)?", re.ASCII).fullmatch
SUMMARY = 5
"""How much the summary says of a card, see CardFile.about."""


def label_of(file: CardFile, card: Card) -> str:
    """Empty for a copy, and where a part could be taken for something else."""
    label = " ".join([str(file.key), digest_of_brief(card), *map(str, card.model_package or ())])
    return label if SAFE(label) and not card.origin else ""


class Labelled(CardFile):
    """A card's file in which an earlier look at the same bytes found nothing wrong; the card is made from the file when
    somebody asks for it.
    """

    __slots__ = ("_card", "_file", "_said", "_source", "_summaries")

    found: ClassVar[Mapping[str, Any]] = {}
    """What rules found, see Recorded."""
    findings: tuple[Finding, ...] = ()
    has_card = True
    origin: HubOrigin | None = None

    def __init__(self, source: Source, path: str, hashed: str, label: str, summaries: Cache | None) -> None:
        """Raises TypeError or ValueError for what is no label."""
        where, _, self._said = label.partition(" ")
        self.key = CardKey._make(where.split("/"))
        self.path = path
        self.hash = hashed
        self.plain = " " not in self._said
        self._source = source
        self._summaries = summaries
        self._file: DeclaredFile | None = None
        self._card: Card | None = None

    @property
    def card(self) -> Card | None:
        if self._card is None and self.key and (value := self.file.value):
            self._card = parse.card(value, self.key, self.file.location)
        return self._card

    @property
    def about(self) -> tuple[Any, ...]:
        said = self._summaries.get(f"{self.hash} {self.path}") if self._summaries else None
        return tuple(said) if type(said) is list and len(said) == SUMMARY else super().about

    @property
    def file(self) -> DeclaredFile:
        if self._file is None:
            self._file = DeclaredFile(self.path, "card", (), self._source, self.hash)
        return self._file

    @property
    def package(self) -> ModelPackage | None:
        _, *package = self._said.split(" ")
        return ModelPackage(package[0], int(package[1])) if package else None

    @property
    def brief(self) -> str:
        return self._said.partition(" ")[0]
