"""The cached result for one card file, as JSON that crosses from process to process and from run to run.

A record is `{key, card, findings, rules}`: the card's key; its fields, without the content; findings about the file;
and what the rules found, by the digest of the policies. Whatever is empty is left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cardops.desired.cards import CardFile
from cardops.desired.documents import DeclaredFile, safe_text
from cardops.desired.sources import Committed, Source, WorkTree, WorktreeBacked
from cardops.git.process import read_blobs
from cardops.model import canonical
from cardops.model.desired import Card, CardKey, HubOrigin, IgnoreRule, ModelPackage, Status
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import Finding, Location
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load

Record = dict[str, Any]
FIELDS = frozenset(Card._fields) - {"key", "text", "location"} | {"line", "column"}
"""The fields of a record's card."""
PARTS = frozenset({"key", "card", "findings", "rules"})
STATUSES = {status.value: status for status in Status}

Found = Mapping[str, tuple[Finding, ...]]


class RecordedCard(CardFile):
    """A card's file as a record describes it; the card and the file's value are made when they are asked for.

    `found` is what rules found, as JSON by the digest of the policies.
    """

    __slots__ = ("_card", "_fields", "_file", "_source", "found")

    def __init__(self, source: Source, path: str, hashed: str, record: Record) -> None:
        """Raises TypeError, ValueError or AttributeError for a record of another shape than `write` gives."""
        fields, key = record.get("card", {}), record.get("key")
        if not (record.keys() <= PARTS and fields.keys() <= FIELDS):
            raise ValueError("not a record")
        super().__init__(path, CardKey(*key) if key else None, bool(fields and key), hashed)
        own = findings_from_json(record.get("findings", ()))
        self.found: Mapping[str, Any] = record.get("rules", {})
        self.plain = self.has_card and not (own or "model_package" in fields or "origin" in fields)
        self._fields: Record = fields
        self._source = source
        self._card: Card | None = None
        self._file: DeclaredFile | None = DeclaredFile(path, "card", own, source, hashed) if own else None
        for some in self.found.values():
            findings_from_json(some)

    @property
    def card(self) -> Card | None:
        if self._card is None and self.has_card and self.key:
            digest = self._fields.get("digest") or canonical.digest(self._content())
            self._card = _card(self._fields, self.key, self.path, self._content, digest)
        return self._card

    @property
    def summary(self) -> tuple[Any, ...]:
        known = self._fields.get
        return (
            known("status"),
            known("owner"),
            known("risk_rating", ""),
            known("tags", {}),
            known("kms_key_id", ""),
        )

    @property
    def file(self) -> DeclaredFile:
        if self._file is None:
            self._file = DeclaredFile(self.path, "card", (), self._source, self.hash)
        return self._file

    @property
    def value(self) -> Any:
        """The file's value; read again, and not kept: ten thousand would fill the memory."""
        return self._file.value if self._file and self._file.document else self._read_again()

    @property
    def findings(self) -> Sequence[Finding]:
        return self._file.findings if self._file else ()

    @property
    def package(self) -> ModelPackage | None:
        package = self._fields.get("model_package")
        return ModelPackage(**package) if package else None

    @property
    def origin(self) -> HubOrigin | None:
        origin = self._fields.get("origin")
        return HubOrigin(**origin) if origin else None

    def _content(self) -> bytes:
        """The card's content, read again. Raises UnreadableFileError if it is not what the record was made of."""
        value = self._read_again()
        content = canonical.to_bytes(value.get("content", {})) if isinstance(value, dict) else None
        if content is None or self._fields.get("digest", canonical.digest(content)) != canonical.digest(content):
            raise UnreadableFileError(f"{safe_text(self.path)} was changed while it was looked at", "run it again")
        return content

    def _read_again(self) -> Any:
        """Safe in threads and in forked processes: it shares no git process with anybody."""
        with suppress(FileNotFoundError, YamlError, UnreadableFileError):
            if isinstance(self._source, Committed):
                source = WorktreeBacked(_Blobs(self._source), WorkTree(self._source.root))
                return load(source.read(self.path)).value
            return load(self._source.read(self.path)).value
        return None


class _Blobs:
    """The files of a revision, each read by a git process of its own."""

    def __init__(self, source: Committed) -> None:
        self._source = source
        self.hashes = source.hashes

    def paths(self) -> list[str]:
        return self._source.paths()

    def read(self, path: str) -> bytes:
        return read_blobs(self._source.root, [self.hashes[path].encode()])[0]


def write(file: CardFile, found: Found) -> Record:
    """Return the record of a card's file that has just been read and checked."""
    card = file.card
    parts = {
        "key": file.key,
        "card": _fields(card) if card else None,
        "findings": findings_to_json(file.findings),
        "rules": {digest: findings_to_json(some) for digest, some in found.items() if some},
    }
    return {name: part for name, part in parts.items() if part}


def _fields(card: Card) -> Record:
    fields = {
        **{name: value for name, value in card._asdict().items() if name in FIELDS},
        "line": card.location.line,
        "column": card.location.column,
        "ignore": [rule._asdict() for rule in card.ignore],
        "model_package": card.model_package and card.model_package._asdict(),
        "origin": card.origin and card.origin._asdict(),
    }
    return {name: value for name, value in fields.items() if value}


def _card(fields: Record, key: CardKey, path: str, text: Callable[[], bytes], digest: str) -> Card:
    package, origin = fields.get("model_package"), fields.get("origin")
    return Card(
        key=key,
        status=STATUSES[fields["status"]],
        owner=fields["owner"],
        text=text,
        digest=digest,
        location=Location(safe_text(path), fields["line"], fields["column"]),
        kms_key_id=fields.get("kms_key_id", ""),
        tags=fields.get("tags", {}),
        live_sections=tuple(fields.get("live_sections", ())),
        ignore=tuple(IgnoreRule(**rule) for rule in fields.get("ignore", ())),
        model_package=ModelPackage(**package) if package else None,
        origin=HubOrigin(**origin) if origin else None,
        adopt=fields.get("adopt", False),
        risk_rating=fields.get("risk_rating", ""),
    )


def findings_to_json(findings: Iterable[Finding]) -> list[Record]:
    """Return findings as objects by name; empty parts are left out."""
    named = ({**one._asdict(), "location": one.location._asdict()} for one in findings)
    return [{name: part for name, part in one.items() if part} for one in named]


def findings_from_json(records: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return the findings that `findings_to_json` wrote."""
    return tuple(Finding(**{**one, "location": Location(**one["location"])}) for one in records)
