"""One declared file: read, loaded, checked against its schema, with findings at their places."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from cardops.cache.store import Cache
from cardops.desired.problems import Problem
from cardops.desired.schema import validator as schema
from cardops.desired.sources import FileKind, Source, blob_hash
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import Finding, Level, Location
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import Document, Path, load

Known = tuple[Any, int, int]
MAX_FINDINGS = 100
"""Findings of one file that are shown."""
MORE = "file/more-findings"


class DeclaredFile:
    """`document` is None when the text could not be read; `valid` says whether it fits its schema.

    A file with a `source` was looked at in an earlier run, and is read again only when somebody asks for its value or a
    place; of one that was valid, the value and where it starts may be `known`. `hash` is git's.
    """

    __slots__ = ("document", "findings", "hash", "kind", "known", "path", "problems", "source")

    def __init__(
        self,
        path: str,
        kind: FileKind,
        findings: Iterable[Finding] = (),
        source: Source | None = None,
        hashed: str = "",
    ) -> None:
        self.path = path
        self.kind = kind
        self.findings = list(findings)
        self.source = source
        self.hash = hashed
        self.document: Document | None = None
        self.problems: list[Problem] = []
        self.known: Known | None = None

    @property
    def valid(self) -> bool:
        """True if the value may be parsed."""
        return self.known is not None or (self.document is not None and not self.problems)

    @property
    def size(self) -> int:
        """The characters of the text, where it was read now."""
        return self.document.size if self.document else 0

    @property
    def value(self) -> Any:
        """The document's value, or None."""
        if self.known:
            return self.known[0]
        document = self._read()
        return document.value if document else None

    @property
    def location(self) -> Location:
        """The start of the document."""
        start = self.known[1:] if self.known else self.document.place(()) if self.document else (1, 1)
        return Location(safe_text(self.path), *start)

    def place(self, path: Path, at_key: bool = False) -> Location:
        """The place of a value or of its key."""
        document = self._read()
        if document is None:
            return self.location
        return Location(safe_text(self.path), *document.place(path, "key" if at_key else "value"))

    def _read(self) -> Document | None:
        if self.document is None and self.source is not None:
            source, self.source = self.source, None
            with suppress(UnreadableFileError, YamlError, FileNotFoundError):
                self.document = load(source.read(self.path))
        return self.document

    def drop_value(self) -> None:
        """Keep the text for places and forget the value: ten thousand of them fill the memory."""
        if self.document:
            self.document.value = None

    def report(self, problems: Iterable[Problem], level: Level = "deny", card: str = "") -> None:
        """Add problems as findings, as far as the file has room for more."""
        for problem in problems:
            if len(self.findings) >= MAX_FINDINGS:
                self._cut(level, card)
                continue
            at = self.place(problem.path, problem.at_key)
            self.findings.append(Finding(problem.rule, at, problem.message, problem.hint, level, card))

    def _cut(self, level: Level, card: str) -> None:
        """Say once that there is more, as severely as what is left out."""
        if self.findings[-1].rule != MORE:
            message = f"this file has more findings; the first {MAX_FINDINGS} are shown"
            self.findings.append(Finding(MORE, self.location, message, "put these right first", level, card))
        elif level == "deny":
            self.findings[-1] = self.findings[-1]._replace(level=level)


def read_file(source: Source, path: str, kind: FileKind, kept: Cache | None = None, hashed: str = "") -> DeclaredFile:
    """The file; what is wrong with its text is in `findings`, with its schema in `problems`.

    `kept` has the values of files that were right in earlier runs, by git's hash. Where that is known (`hashed`), the
    file need not be read.
    """
    file = DeclaredFile(path, kind)
    if kept and hashed and _recall(file, kept, hashed, source):
        return file
    try:
        text = source.read(path)
        if kept:
            hashed = blob_hash(text)
            if _recall(file, kept, hashed, source):
                return file
        file.document = load(text, schema.accepting(kind))
    except UnreadableFileError as error:
        file.findings.append(Finding("file/unreadable", file.location, error.message, error.hint))
    except YamlError as refused:
        at = Location(safe_text(path), refused.line, refused.column)
        file.findings.append(Finding(refused.rule, at, refused.message, refused.hint))
    else:
        file.problems = [] if file.document.accepted else schema.check(kind, file.document.value)
        if kept and not file.problems:
            kept.put(f"{kind} {hashed}", (file.document.value, *file.document.start))
    return file


def _recall(file: DeclaredFile, kept: Cache, hashed: str, source: Source) -> bool:
    """Take the value from an earlier run that found nothing wrong with these bytes, if there was one."""
    known = kept.get(f"{file.kind} {hashed}")
    if known:
        value, line, column = known
        file.known, file.source = (value, line, column), source
    return bool(known)


def safe_text(path: str) -> str:
    """A path that can be written anywhere: bytes that are not UTF-8 are shown as escapes."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
