"""The files of policies/: where they come from, what each is for, and findings at their places."""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Protocol

from cardops.model.errors import CardopsError
from cardops.model.findings import Finding, Level, Location
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.files import read_regular
from cardops.strict_yaml.reader import Document, load

FOLDER = "policies"
ENFORCEMENT = "policies/enforcement.yaml"
VOCABULARY = "policies/vocabulary.yaml"
BUNDLES = "policies/bundles/"
"""Where vendored bundles lie; each in a folder of its own, which is laid out as policies/ itself."""
LOCK = "policies/bundles.lock.yaml"
NOT_POLICIES = ("policies/schemas/",)
OTHER_TEXT = (".md", ".txt", ".rst")

Where = tuple[str | int, ...]
PolicyKind = Literal["rules", "pack", "waivers", "enforcement", "vocabulary", "lock"]
KINDS: Mapping[str, PolicyKind] = {FOLDER: "rules", f"{FOLDER}/packs": "pack", f"{FOLDER}/waivers": "waivers"}
"""What the files of a folder are for."""


class Source(Protocol):
    """Files by their path from the root, with forward slashes; what is outside policies/ is passed over."""

    def paths(self) -> list[str]:
        """All paths."""
        ...

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises CardopsError for what cannot be read."""
        ...


class Files:
    """Files that are already in memory."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def paths(self) -> list[str]:
        """See Source."""
        return sorted(self._contents)

    def read(self, path: str) -> bytes:
        """See Source."""
        return self._contents[path]


class Folder:
    """The policies of a work tree, committed or not. Symbolic links are not followed, as git does not.

    `blobs` are files of which git keeps other bytes than the folder shows, as git keeps them.
    """

    def __init__(self, root: Path, blobs: Mapping[str, bytes] = {}) -> None:
        self._root = root
        self._blobs = blobs

    def paths(self) -> list[str]:
        """Return every path in policies/; nothing if the folder is missing."""
        if (self._root / FOLDER).is_symlink():
            return [FOLDER]
        found = []
        for folder, folders, names in os.walk(self._root / FOLDER):
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            path = Path(folder).relative_to(self._root).as_posix()
            found += [f"{path}/{name}" for name in (*names, *links)]
        return sorted(found)

    def read(self, path: str) -> bytes:
        """See Source. Reads at most one byte more than a document may have."""
        return self._blobs[path] if path in self._blobs else read_regular(f"{self._root}/{path}")


class PolicyFile:
    """`document` is None when the text could not be read; `digest` is that of its bytes.

    Of a file in which an earlier run found nothing wrong, the value is `known`; it is read again only for a place.
    """

    __slots__ = ("_source", "digest", "document", "findings", "known", "path")

    def __init__(self, path: str, source: Source | None = None) -> None:
        self.path = path
        self.document: Document | None = None
        self.findings: list[Finding] = []
        self.digest = ""
        self.known: Any = None
        self._source = source

    @property
    def identity(self) -> str:
        """Return what the validity of the file depends on: its kind and its bytes."""
        return f"{kind_of(self.path)} {self.digest}"

    @property
    def value(self) -> Any:
        """The document's value; None when there is none."""
        if self.known is not None:
            return self.known
        return self.document.value if self.document else None

    def place(self, where: Where, at_key: bool = False) -> Location:
        """Return the location of a value or of its key."""
        if self.document is None and self.known is not None and self._source:
            self.document = load(self._source.read(self.path))
        start = self.document.place(where, "key" if at_key else "value") if self.document else (1, 1)
        return Location(_printable(self.path), *start)

    def report(
        self, rule: str, where: Where, message: str, hint: str = "", at_key: bool = False, level: Level = "deny"
    ) -> None:
        """Add a finding."""
        self.findings.append(Finding(rule, self.place(where, at_key), message, hint, level))


def kind_of(path: str) -> PolicyKind | None:
    """Return the kind of a policy file by its folder and suffix; None for other files."""
    if path == ENFORCEMENT:
        return "enforcement"
    if path == LOCK:
        return "lock"
    if path.startswith(BUNDLES):
        within = f"{FOLDER}/{path.removeprefix(BUNDLES).partition('/')[2]}"
        kind = None if within.startswith(BUNDLES) else kind_of(within)
        return kind if kind in ("rules", "pack", "vocabulary") else None
    if path == VOCABULARY:
        return "vocabulary"
    folder, _, name = path.rpartition("/")
    return None if name.startswith(".") or not name.endswith(".yaml") else KINDS.get(folder)


def governs(path: str) -> bool:
    """Return True for a policy, or for a schema that is published beside policies."""
    return bool(kind_of(path)) or path.startswith(NOT_POLICIES)


def is_overlooked(path: str) -> bool:
    """Return True for a file in policies/ that looks like a policy but is ignored."""
    if path.partition("/")[0] != FOLDER or path.startswith(NOT_POLICIES) or kind_of(path):
        return False
    pure = PurePosixPath(path)
    return not pure.name.startswith(".") and pure.suffix.lower() not in OTHER_TEXT


def read(source: Source, path: str, known: Callable[[str], Any] = lambda _: None) -> PolicyFile:
    """The file; what is wrong with its text is in its findings. `known` has the values of files that were right once,
    by their `identity`.
    """
    file = PolicyFile(path, source)
    try:
        text = source.read(path)
        file.digest = hashlib.sha256(text).hexdigest()
        file.known = known(file.identity)
        file.document = load(text) if file.known is None else None
    except YamlError as refused:
        at = Location(_printable(path), refused.line, refused.column)
        file.findings.append(Finding(refused.rule, at, refused.message, refused.hint))
    except CardopsError as error:
        file.report("file/unreadable", (), error.message, error.hint)
    return file


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
