"""Select the cards that can be used: complete ones that no other file contradicts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from cardops.desired.cards import CardFile
from cardops.desired.checks import references
from cardops.desired.documents import DeclaredFile
from cardops.desired.selectors import CardIndex
from cardops.model.desired import CardKey, Config
from cardops.model.findings import Finding


class UsableCards(NamedTuple):
    """Files of cards: those that are `sound`, by their key; the keys of `every` file that has one; the names of files
    whose key nobody can tell; and what was found.
    """

    sound: dict[CardKey, CardFile]
    every: CardIndex
    nameless: frozenset[str]
    findings: list[Finding]

    @property
    def broken(self) -> frozenset[CardKey]:
        """The keys of those that cannot be used."""
        return frozenset(self.every).difference(self.sound) if len(self.every) > len(self.sound) else frozenset()

    @property
    def keys(self) -> CardIndex:
        """The keys of those that can."""
        return self.every if len(self.every) == len(self.sound) else CardIndex(self.sound)


def select_usable(cards: Sequence[CardFile], settings: Config | None) -> UsableCards:
    """All files of a repository's cards, each by what can be done with it."""
    others = [card for card in cards if not card.plain]
    sound, contradictions = _sound(cards, others, settings)
    every = CardIndex(sound if len(sound) == len(cards) else dict.fromkeys(card.key for card in cards if card.key))
    nameless = frozenset(PurePosixPath(card.path).stem for card in others if not card.key)
    found = [*contradictions, *(finding for card in others for finding in card.findings)]
    return UsableCards(sound, every, nameless, found)


def _sound(
    cards: Sequence[CardFile], others: Sequence[CardFile], settings: Config | None
) -> tuple[dict[CardKey, CardFile], list[Finding]]:
    """The files of cards that no other file contradicts, and the findings about the rest. `others` are not plain."""
    good = {card.key: card for card in cards if card.key and card.has_card}
    seen = Counter(card.key for card in cards) if len(good) < len(cards) else Counter()
    known = [(card.file, str(card.key)) for card in cards if card.key and seen[card.key] > 1] if seen else []
    contradicted = [
        *_copies_of_copies(others, settings),
        *references.duplicates(known, "reference/duplicate-card", "card"),
        *references.duplicates(_packages(others), "reference/duplicate-package", "model package"),
    ]
    if not contradicted:
        return good, []
    files = {id(file) for file, _ in contradicted}
    sound = {key: card for key, card in good.items() if id(card.file) not in files}
    return sound, [finding for _, finding in contradicted]


def _copies_of_copies(cards: Sequence[CardFile], settings: Config | None) -> Iterator[tuple[DeclaredFile, Finding]]:
    """Copies are made from originals alone; that a card is none is known only where it is declared."""
    copies = {card.key for card in cards if card.origin}
    for card in cards if copies else ():
        origin = card.origin
        if settings is None or card.key is None or origin is None or origin.account not in settings.accounts:
            continue
        if origin.key(settings, card.key.region) in copies:
            at, key = card.file.place(("aggregate_from", "card")), str(card.key)
            message = f"{origin.account}/{origin.card} is a hub copy itself"
            yield card.file, Finding("reference/copy-of-copy", at, message, "name the original", card=key)


def _packages(cards: Sequence[CardFile]) -> list[tuple[DeclaredFile, str]]:
    """Each card's model package; one that followed two cards would never come to rest."""
    return [(card.file, f"{card.key.place} {card.package}") for card in cards if card.key and card.package]
