"""What a tree declares, as rules see it: its cards and shares, and the summary of the repository."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cardops.desired.loader import Loaded, load_repository
from cardops.desired.selectors import selected
from cardops.desired.sources import CONFIG, Source
from cardops.model.desired import Card, Share
from cardops.model.findings import Location
from cardops.policy.facts import Subject
from cardops.policy.summary import summarize
from cardops.strict_yaml.reader import load

SubjectsByKey = Mapping[tuple[str, str], Subject]
"""Cards and shares by their kind and key."""


@dataclass(frozen=True, slots=True)
class DeclaredState:
    """A tree as rules see it."""

    subjects: SubjectsByKey
    repository: Mapping[str, Any]


NOTHING = DeclaredState({}, {})


def state_of(source: Source, commit: str) -> DeclaredState:
    """What can be used of a tree: a card or share that its schema refused is left out, as in every run."""
    loaded: Loaded = load_repository(source, commit)
    desired = loaded.desired
    if desired is None:
        return NOTHING
    aliases = {account.id: alias for alias, account in desired.config.accounts.items()}
    subjects = [_card(source, card, aliases[card.key.account]) for card in desired.cards.values()]
    subjects += [_share(source, share) for share in desired.shares]
    cards = {
        share.name: [str(key) for name in share.cards for key in selected(name, desired.cards, desired.config)]
        for share in desired.shares
    }
    repository = summarize(load(source.read(CONFIG)).value, subjects, lambda: cards)
    return DeclaredState({(subject.kind, subject.key): subject for subject in subjects}, repository)


def _card(source: Source, card: Card, alias: str) -> Subject:
    path, value, place = _read(source, card.location)
    return Subject("card", str(card.key), path, value, place, alias)


def _share(source: Source, share: Share) -> Subject:
    path, value, place = _read(source, share.location)
    return Subject("share", share.name, path, value, place)


def _read(source: Source, location: Location) -> tuple[str, Any, Callable[[Any, bool], Location]]:
    document = load(source.read(location.path))

    def place(where: Any, at_key: bool) -> Location:
        return Location(location.path, *document.place(where, "key" if at_key else "value"))

    return location.path, document.value, place
