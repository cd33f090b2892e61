"""What was found out about one card's file, as JSON: it crosses from process to process, and from run to run."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cardops.cache.store import Cache
from cardops.desired.cards import CardFile, digest_of_brief
from cardops.desired.documents import DeclaredFile, safe_text
from cardops.desired.sources import Source
from cardops.model import canonical
from cardops.model.desired import Card, CardKey, HubOrigin, IgnoreRule, ModelPackage, Status
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import Finding, Location
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load
from cardops.validation.card_labels import Labelled, label_of
from cardops.workers.spool import Shelf

CARD, OWN = 2, 3
"""Places in a record."""
DIGEST, PACKAGE, ORIGIN, BRIEF, CONTENT, VALUE, ROW = 2, 10, 11, 13, 14, 15, 16
"""Places in a card's row, and its length."""
SAID = (0, 1, 5, 6, 7)
"""The places in it of what the summary of all cards says."""
NOTHING = (None, None)
"""Neither content nor value."""
STATUSES = {status.value: status for status in Status}

Found = Mapping[str, tuple[Finding, ...]]


class Recorded(CardFile):
    """A card's file as an earlier look at the same bytes found it; most of it is made only when it is asked for.

    `found` is what rules found, as JSON by the digest of the policies.
    """

    __slots__ = ("_card", "_file", "_read", "_record", "_shelf", "_source", "found")

    def __init__(self, source: Source, path: str, hashed: str, record: list[Any], shelf: Shelf | None = None) -> None:
        """Raises TypeError or ValueError for a record of another shape than `write` gives."""
        _, key, card, own, self.found = record
        if len(record) != 5 or type(own) is not list or type(self.found) is not dict or (card and len(card) != ROW):
            raise ValueError("not a record")
        self.path = path
        self.key = CardKey._make(key) if key else None
        self.hash = hashed
        self.has_card = bool(card and key)
        self.plain = self.has_card and not (own or card[PACKAGE] or card[ORIGIN])
        self._source = source
        self._record = record
        self._card: Card | None = None
        self._file: DeclaredFile | None = None
        self._read: bytes | None = None
        self._shelf = shelf
        if own or self.found:
            self._complete()

    @property
    def card(self) -> Card | None:
        if self._card is None and self.has_card and self.key:
            made = _card(self._record[CARD], self.key, self.path, self._content)
            self._card = made if made.digest else made._replace(digest=_content_digest(self.file))
        return self._card

    def _content(self) -> bytes:
        """The card's content, read now. Raises Unreadable for another one than was found before."""
        if self._shelf and (place := self._record[CARD][CONTENT]):
            return self._shelf.get(*place)
        if self._read is None:
            value = None
            with suppress(FileNotFoundError, YamlError, UnreadableFileError):
                value = load(self._source.read(self.path)).value
            read = canonical.to_bytes(value.get("content", {})) if isinstance(value, dict) else None
            if read is None or self._record[CARD][DIGEST] not in ("", canonical.digest(read)):
                raise UnreadableFileError(f"{safe_text(self.path)} was changed while it was looked at", "run it again")
            self._read = read
        return self._read

    @property
    def about(self) -> tuple[Any, ...]:
        return _summary(self._record)

    @property
    def file(self) -> DeclaredFile:
        if self._file is None:
            own = list(findings(self._record[OWN]))
            self._file = DeclaredFile(self.path, "card", own, self._source, self.hash)
        return self._file

    @property
    def value(self) -> Any:
        """Made anew from what was written, if that is there; else the file is read, which keeps it."""
        row = self._record[CARD]
        if not row or not row[VALUE]:
            return self.file.value
        text, around = row[VALUE]
        value = json.loads(text)
        return value | {"content": canonical.from_bytes(self._content())} if around else value

    @property
    def findings(self) -> Sequence[Finding]:
        return self._file.findings if self._file else ()

    @property
    def package(self) -> ModelPackage | None:
        package = self._record[CARD][PACKAGE] if self.has_card else None
        return ModelPackage(*package) if package else None

    @property
    def origin(self) -> HubOrigin | None:
        origin = self._record[CARD][ORIGIN] if self.has_card else None
        return HubOrigin(*origin) if origin else None

    @property
    def brief(self) -> str:
        known = self._record[CARD][BRIEF] if self.has_card else ""
        return str(known) if known else super().brief

    def _complete(self) -> None:
        """What has something to say is made at once: what cannot be made is no record."""
        self._file = self.file
        for some in self.found.values():
            findings(some)


def write(file: CardFile, found: Found, contents: Shelf | None = None, lasting: bool = True) -> list[Any]:
    """The record as JSON; with the place of its content in `contents`, and the value around that, where they are asked
    for. Only one that is `lasting` has what other runs look at.
    """
    card = file.card
    inner = (contents.put(card.content), _value(file.value)) if card and contents else NOTHING
    labelled = lasting and not (contents or file.findings or any(found.values()))
    return [
        label_of(file, card) if card and labelled else "",
        file.key,
        [*_written(card, digest_of_brief(card) if lasting else ""), *inner] if card else None,
        told(file.findings),
        {digest: told(some) for digest, some in found.items() if some},
    ]


def keep(name: str, record: list[Any], cards: Cache, summaries: Cache) -> None:
    """Keep a record for other runs, without content; instead of one that has a label, that, and apart from it what few
    runs ask for.
    """
    label, key, card, *findings = record
    if label:
        summaries.put(name, _summary(record))
    cards.put(name, label or [label, key, [*card[:CONTENT], *NOTHING] if card else None, *findings])


def remembered(source: Source, path: str, hashed: str, text: str, summaries: Cache | None) -> Recorded | Labelled:
    """A card's file from what was kept, which is JSON. Raises TypeError or ValueError where that is something else."""
    if text.startswith('"'):
        return Labelled(source, path, hashed, text[1:-1], summaries)
    return Recorded(source, path, hashed, json.loads(text))


def _content_digest(file: DeclaredFile) -> str:
    """The digest of the content, which looks at the file again: few cards are asked for it."""
    value = file.value or {}
    return canonical.digest(canonical.to_bytes(value.get("content", {})))


def _summary(record: list[Any]) -> tuple[Any, ...]:
    row = record[CARD]
    return tuple(row[place] for place in SAID)


def _value(value: Mapping[str, Any]) -> tuple[str, bool]:
    """The value as JSON, and whether that is what is around the content, where the card's own has the same numbers."""
    around = "content" in value and canonical.is_canonical(value["content"])
    return json.dumps({key: part for key, part in value.items() if key != "content" or not around}), around


def _written(card: Card, brief: str) -> list[Any]:
    return [
        card.status,
        card.owner,
        card.digest,
        card.location.line,
        card.location.column,
        card.risk_rating,
        card.tags,
        card.kms_key_id,
        card.live_sections,
        card.ignore,
        card.model_package,
        card.origin,
        card.adopt,
        brief,
    ]


def _card(record: list[Any], key: CardKey, path: str, text: Callable[[], bytes]) -> Card:
    status, owner, digest, line, column, rating, tags, kms, live, ignore, package, origin, adopt, *_ = record
    return Card(
        key=key,
        status=STATUSES[status],
        owner=owner,
        text=text,
        digest=digest,
        location=Location(safe_text(path), line, column),
        kms_key_id=kms,
        tags=tags,
        live_sections=tuple(live),
        ignore=tuple(IgnoreRule(*one) for one in ignore),
        model_package=ModelPackage(*package) if package else None,
        origin=HubOrigin(*origin) if origin else None,
        adopt=adopt,
        risk_rating=rating,
    )


def told(findings: Iterable[Finding]) -> list[Any]:
    """Findings as JSON."""
    return [[one.rule, one.location.path, one.location.line, one.location.column, *_words(one)] for one in findings]


def findings(told: Iterable[Any]) -> tuple[Finding, ...]:
    """Findings from JSON."""
    return tuple(Finding(rule, Location(path, line, column), *words) for rule, path, line, column, *words in told)


def _words(one: Finding) -> tuple[str, ...]:
    return one.message, one.hint, one.level, one.card, one.share
