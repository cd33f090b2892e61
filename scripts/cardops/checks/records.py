"""What was found out about one card's file, as JSON: it crosses from process to process, and from run to run."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cardops import canonical
from cardops.declared.cards import CardFile, digest_of_brief
from cardops.declared.files import DeclaredFile, printable
from cardops.declared.source import Source
from cardops.findings import Finding
from cardops.location import Location
from cardops.model import Card, CardKey, Ignore, ModelPackage, Origin, Status

CARD, OWN = 2, 3
"""Places in a record: of the card's row, and of the findings about its file."""
PACKAGE, ORIGIN, BRIEF, ROW = 10, 11, 13, 15
"""Places in a card's row, and its length."""
LABEL = re.compile(r"[\w-]+/[\w-]+/[\w-]+ \w+( [\w-]+ \d+)?", re.ASCII).fullmatch
"""How the record of a card begins of which nothing was found, and which is no copy: its key, its brief and its package.
Most records are never parsed further.
"""
STATUSES = {status.value: status for status in Status}

NOTHING: Mapping[str, Any] = {}

Found = Mapping[str, tuple[Finding, ...]]


class Recorded(CardFile):
    """A card's file as an earlier look at the same bytes found it; most of it is made only when it is asked for.

    `found` is what rules found, as JSON by the digest of the policies.
    """

    __slots__ = ("_card", "_file", "_label", "_record", "_source", "found")

    def __init__(self, source: Source, path: str, hashed: str, record: list[Any] | str) -> None:
        """`record` may be its text. Raises TypeError or ValueError for one of another shape than `write` gives."""
        self.path = path
        self.hash = hashed
        self._source = source
        self._card: Card | None = None
        self._file: DeclaredFile | None = None
        if isinstance(record, str) and not record.startswith('["",'):
            where, _, self._label = record[2 : record.index('"', 2)].partition(" ")
            self.key = CardKey._make(where.split("/"))
            self.has_card = True
            self.plain = " " not in self._label
            self.found: Mapping[str, Any] = NOTHING
            self._record: list[Any] | str = record
        else:
            self._record = json.loads(record) if isinstance(record, str) else record
            self._whole(*self._record)

    def _whole(self, label: str, key: Any, row: Any, own: Any, found: Any) -> None:
        if type(own) is not list or type(found) is not dict or (row and len(row) != ROW):
            raise ValueError("not a record")
        self.key = CardKey._make(key) if key else None
        self.has_card = bool(row and key)
        package = " ".join(map(str, row[PACKAGE] or ())) if self.has_card else ""
        self._label = f"{row[BRIEF]} {package}".rstrip() if self.has_card else ""
        self.plain = bool(label) and not package
        self.found = found
        if own or found:
            self._complete()

    @property
    def _row(self) -> Any:
        if isinstance(self._record, str):
            self._record = json.loads(self._record)
        return self._record[CARD]

    @property
    def card(self) -> Card | None:
        if self._card is None and self.has_card and self.key:
            made = _card(self._row, self.key, self.path)
            self._card = made if made.digest else made._replace(digest=self._digest())
        return self._card

    @property
    def about(self) -> tuple[Any, ...]:
        row = self._row
        return row[0], row[1], row[5], row[6], row[7]

    def _digest(self) -> str:
        """That of the content, which looks at the file again: few cards are asked for it."""
        value = self.file.value or {}
        return canonical.digest(canonical.to_bytes(value.get("content", {})))

    @property
    def file(self) -> DeclaredFile:
        if self._file is None:
            own = [] if isinstance(self._record, str) else findings(self._record[OWN])
            self._file = DeclaredFile(self.path, "card", own, self._source, self.hash)
        return self._file

    @property
    def findings(self) -> Sequence[Finding]:
        return self._file.findings if self._file else ()

    @property
    def package(self) -> ModelPackage | None:
        _, *package = self._label.split(" ")
        return ModelPackage(package[0], int(package[1])) if package else None

    @property
    def origin(self) -> Origin | None:
        unparsed = isinstance(self._record, str)  # then it is no copy
        return Origin(*self._row[ORIGIN]) if not unparsed and self.has_card and self._row[ORIGIN] else None

    @property
    def brief(self) -> str:
        return self._label.partition(" ")[0]

    def _complete(self) -> None:
        """What has something to say is made at once: what cannot be made is no record."""
        self._file = self.file
        for some in self.found.values():
            findings(some)


def write(file: CardFile, found: Found, content: bool = False) -> list[Any]:
    """The record as JSON; with its `content` only where that is asked for."""
    card = file.card
    return [
        _label(file, card) if card and not (file.findings or card.origin or any(found.values())) else "",
        file.key,
        [*_written(card), card.content.decode() if content else ""] if card else None,
        told(file.findings),
        {digest: told(some) for digest, some in found.items() if some},
    ]


def _label(file: CardFile, card: Card) -> str:
    """Empty where what belongs there could be taken for something else."""
    label = " ".join([str(file.key), digest_of_brief(card), *(map(str, card.model_package or ()))])
    return label if LABEL(label) else ""


def _written(card: Card) -> list[Any]:
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
        digest_of_brief(card),
    ]


def _card(record: list[Any], key: CardKey, path: str) -> Card:
    status, owner, digest, line, column, rating, tags, kms, live, ignore, package, origin, adopt, _, content = record
    return Card(
        key=key,
        status=STATUSES[status],
        owner=owner,
        content=content.encode(),
        digest=digest,
        location=Location(printable(path), line, column),
        kms_key_id=kms,
        tags=tags,
        live_sections=tuple(live),
        ignore=tuple(Ignore(*one) for one in ignore),
        model_package=ModelPackage(*package) if package else None,
        origin=Origin(*origin) if origin else None,
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
