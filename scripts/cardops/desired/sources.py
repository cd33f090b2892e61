"""Sources of declared files: a work tree, a commit, or files in memory."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from cardops.model.errors import UnreadableFileError
from cardops.strict_yaml.files import read_regular

if TYPE_CHECKING:
    from cardops.git.objects import Objects

CONFIG = "cardops.yaml"
FACTS = "aws-facts.json"
FOLDERS: dict[str, Literal["card", "share"]] = {"cards": "card", "shares": "share"}
SUFFIXES = (".yaml", ".yml")
OTHER_TEXT = (".md", ".txt", ".rst")

FileKind = Literal["card", "share", "config"]


class Source(Protocol):
    """Files by their path from the repository's root, with forward slashes."""

    def paths(self) -> list[str]:
        """Return cardops.yaml and every path under cards/ and shares/ that is not an ordinary folder."""
        ...

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises UnreadableFileError for anything but a regular file."""
        ...


@cache
def kind_of(path: str) -> FileKind | None:
    """The kind of a declared file by its folder and suffix; None for other files."""
    if path == CONFIG:
        return "config"
    folder, below, rest = path.partition("/")
    name = rest.rpartition("/")[2]
    if not below or name.startswith(".") or not name.endswith(SUFFIXES):
        return None
    return FOLDERS.get(folder)


def is_overlooked(path: str) -> bool:
    """Tell whether a file in cards/ or shares/ looks like a declaration but is not one."""
    if path.partition("/")[0] not in FOLDERS or "/" not in path or kind_of(path):
        return False
    pure = PurePosixPath(path)
    return not pure.name.startswith(".") and pure.suffix.lower() not in OTHER_TEXT


@runtime_checkable
class Hashed(Source, Protocol):
    """A source that knows what some files hold without reading them."""

    @property
    def hashes(self) -> Mapping[str, str]:
        """git's hashes of files, as far as they are known."""
        ...


@runtime_checkable
class Committed(Hashed, Protocol):
    """The files of a revision: a `revisions.Tree`, whose modules a check of a work tree need not import."""

    root: Path

    def fetch(self, paths: Iterable[str]) -> None:
        """Read many files at once: what is asked for later is there then."""
        ...

    def reader(self) -> "Objects":
        """A git for a child to read by."""
        ...

    def read_by(self, reader: "Objects") -> None:
        """From now on what was not read yet is asked for one by one."""
        ...


def blob_hash(data: bytes) -> str:
    """git's hash of a file (SHA-1)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class WorkTree:
    """The files of a folder, committed or not. Symbolic links are not followed, as git does not.

    `hashes` are git's, of files that are as git has them; `blobs` are files of which git keeps other bytes than the
    folder shows, as git keeps them.
    """

    def __init__(self, root: Path, hashes: Mapping[str, str] = {}, blobs: Mapping[str, bytes] = {}) -> None:
        self.root = root
        self.blobs = blobs
        self._start = os.path.join(root, "")  # noqa: PTH118 - a path object for each file takes long
        self.hashes = hashes

    def paths(self) -> list[str]:
        """See Source. A folder that is named like a file is listed, since it has to be reported."""
        found = [path for path in (CONFIG, FACTS) if os.path.lexists(self.root / path)]
        for folder in FOLDERS:
            start = self.root / folder
            if start.is_symlink() or (start.exists() and not start.is_dir()):
                found.append(folder)
            elif start.is_dir():
                found.extend(self._walk(start))
        return sorted(found)

    def read(self, path: str) -> bytes:
        """See Source. Reads at most one byte more than a document may have."""
        return self.blobs[path] if path in self.blobs else read_regular(f"{self._start}{path}")

    def _walk(self, start: Path) -> Iterator[str]:
        pending = [start.relative_to(self.root).as_posix()]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(self.root / folder))
            except OSError:
                yield folder
                continue
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                path = f"{folder}/{entry.name}"
                if is_folder:
                    pending.append(path)
                if not is_folder or entry.name.endswith(SUFFIXES):
                    yield path


class Overlay:
    """Files in memory laid over another source, if there is one. A file in memory hides the one below it."""

    def __init__(self, files: Mapping[str, bytes], below: Source | None = None) -> None:
        self._files = files
        self._below = below

    def paths(self) -> list[str]:
        """See Source."""
        return sorted({*self._files, *(self._below.paths() if self._below else ())})

    def read(self, path: str) -> bytes:
        """See Source."""
        if path in self._files or self._below is None:
            return self._files[path]
        return self._below.read(path)


class WorktreeBacked:
    """The files of a revision, from a work tree's where that has the very same: they are there without asking git."""

    def __init__(self, revision: Hashed, tree: WorkTree) -> None:
        self._revision = revision
        self._tree = tree

    def paths(self) -> list[str]:
        """See Source."""
        return self._revision.paths()

    def read(self, path: str) -> bytes:
        """See Source."""
        with suppress(UnreadableFileError):
            data = self._tree.read(path)
            if blob_hash(data) == self._revision.hashes.get(path):
                return data
        return self._revision.read(path)
