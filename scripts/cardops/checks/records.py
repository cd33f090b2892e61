"""What was found out about one card's file, as JSON: it crosses from process to process, and from run to run."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cardops.declared.cards import CardFile
from cardops.declared.files import DeclaredFile, printable
from cardops.declared.source import Source
from cardops.findings import Finding
from cardops.location import Location
from cardops.model import Card, CardKey, Ignore, ModelPackage, Origin, Status

STATUSES = {status.value: status for status in Status}

Found = Mapping[str, tuple[Finding, ...]]


class Record(NamedTuple):
    """`found`: what rules found, by the digest of the policies. Content itself is there only where it was asked for."""

    file: CardFile
    found: Found


def write(file: CardFile, found: Found, content: bool = False) -> list[Any]:
    """The record as JSON; with its `content` only where that is asked for."""
    card = file.card
    return [
        file.key,
        [*_written(card), card.content.decode() if content else ""] if card else None,
        told(file.file.findings),
        {digest: told(some) for digest, some in found.items() if some},
    ]


def read(source: Source, path: str, hashed: str, record: list[Any]) -> Record:
    """The record of the file at `path` whose bytes have this hash. Raises TypeError or ValueError for what is none."""
    key, card, own, found = record
    file = DeclaredFile(path, "card", findings=list(findings(own)), source=source, hash=hashed)
    at = CardKey(*key) if key else None
    hits = {digest: findings(some) for digest, some in found.items()}
    return Record(CardFile(file, at, _card(card, at, path) if card and at else None), hits)


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
    ]


def _card(record: list[Any], key: CardKey, path: str) -> Card:
    status, owner, digest, line, column, rating, tags, kms, live, ignore, package, origin, adopt, content = record
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
