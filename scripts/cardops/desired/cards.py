"""Parse one card file into a Card or findings."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from cardops.desired import parser as parse
from cardops.desired.checks import content, expiry, references
from cardops.desired.documents import DeclaredFile, read_file
from cardops.desired.sources import Source
from cardops.model.canonical import MAX_CONTENT
from cardops.model.desired import Card, CardKey, Config, HubOrigin, ModelPackage
from cardops.model.findings import Finding

MOST_GROWTH = 5
"""A character of YAML is never more than so many of canonical JSON: `1e15` is 1000000000000000, `~` is null."""
KEY_PARTS = frozenset({"name", "account", "region"})


class CardFile(ABC):
    """One card's file, read now or by an earlier run.

    `key` is None where it cannot be told, `has_card` says whether there is a card; `hash` is git's hash of the bytes,
    where it was looked at. Of a `plain` one it is known that it has a card, and no finding, package or origin: among
    ten thousand they need no look at each.
    """

    __slots__ = ("has_card", "hash", "key", "path", "plain")

    def __init__(self, path: str, key: CardKey | None, has_card: bool, hashed: str) -> None:
        self.plain = False
        self.path = path
        self.key = key
        self.has_card = has_card
        self.hash = hashed

    @property
    @abstractmethod
    def card(self) -> Card | None:
        """None where the file does not give one."""

    @property
    def summary(self) -> tuple[Any, ...]:
        """The part of the card that the summary has: status, owner, risk rating, tags and KMS key. Only with a card."""
        card = self.card
        return (card.status.value, card.owner, card.risk_rating, card.tags, card.kms_key_id) if card else ()

    @property
    @abstractmethod
    def file(self) -> DeclaredFile:
        """The file with its findings, its value and its places."""

    @property
    def value(self) -> Any:
        """The file's parsed value."""
        return self.file.value

    @property
    def findings(self) -> Sequence[Finding]:
        """The findings in the file."""
        return self.file.findings

    @property
    def package(self) -> ModelPackage | None:
        """The card's registry entry."""
        return self.card.model_package if self.card else None

    @property
    def origin(self) -> HubOrigin | None:
        """The spoke's card that it is a copy of."""
        return self.card.origin if self.card else None


class _Read(CardFile):
    __slots__ = ("_card", "_file")

    def __init__(self, file: DeclaredFile, key: CardKey | None = None, card: Card | None = None) -> None:
        super().__init__(file.path, key, card is not None, file.hash)
        self._file = file
        self._card = card

    @property
    def card(self) -> Card | None:
        return self._card

    @property
    def file(self) -> DeclaredFile:
        return self._file


def read_card(
    source: Source, path: str, settings: Config | None, today: str = "", keep: bool = False, with_content: bool = True
) -> CardFile:
    """Read, check and parse one card's file; with `today` (YYYY-MM-DD, UTC) also what that day has ended.

    `keep` its value, too. Unless it is read `with_content`, the card's content and digest stay empty where they can.
    """
    file = read_file(source, path, "card")
    key = _key(file, settings)
    name = str(key) if key else ""
    file.report(file.problems, card=name)
    if not file.valid:
        return _Read(file, key)
    card = _card(file, key, name, settings, with_content or file.size * MOST_GROWTH > MAX_CONTENT)
    if today and not file.findings:
        file.report(expiry.check_ignores(file.value, today), card=name)
    if not keep:
        file.drop_value()
    return _Read(file, key, card)


def _card(
    file: DeclaredFile, key: CardKey | None, name: str, settings: Config | None, with_content: bool
) -> Card | None:
    value: dict[str, Any] = file.value
    if settings:
        file.report(references.check_accounts(value, settings), card=name)
    file.report(content.check_tags(value.get("tags", {})), card=name)
    for index in range(len(value.get("ignore", ()))):
        file.report(content.check_date(value, "ignore", index, "expires"), card=name)
    file.report(content.check_evaluations(value.get("content", {})), "warn", name)
    card = parse.card(value, key or CardKey("", "", value["name"]), file.location, with_content)
    file.report(content.check_content(card.content), card=name)
    return card if key else None


def _key(file: DeclaredFile, settings: Config | None) -> CardKey | None:
    """The key, where the parts that make it are sound, whatever else is wrong."""
    value = file.value
    if settings is None or not isinstance(value, dict) or "name" not in value:
        return None
    if any(problem.path and problem.path[0] in KEY_PARTS for problem in file.problems):
        return None
    return parse.card_key(value, settings)
