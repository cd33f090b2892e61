"""The declared files of a commit, read without checking it out."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from cardops.git.objects import Objects
from cardops.git.process import read_blobs, run_git
from cardops.model.errors import UnreadableFileError

CONFIG, FACTS = "cardops.yaml", "aws-facts.json"
DECLARED = (CONFIG, FACTS, "cards", "shares", "policies")
ATTRIBUTES = (":(glob)**/.gitattributes", ":(literal).mailmap")
"""Files that decide how git shows others, and what it calls people."""

FEW = 8
"""So many files are read one by one; then it is quicker to read all of them."""


class Tree:
    """The declared files of one commit, or `only` a few of them, as a source to load.

    `listed` are the blob hashes of all of them where they are known, empty for what is no file.
    """

    def __init__(
        self,
        root: Path,
        commit: str,
        only: Sequence[str] = (),
        objects: Objects | None = None,
        listed: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.commit = commit
        self._wanted = tuple(only) or DECLARED
        self._objects = objects or Objects(root)
        self._blobs: dict[str, bytes] = {}
        self._single = 0
        self._reader: Objects | None = None
        if listed is not None:
            self._listed = listed

    def part(self, only: Sequence[str]) -> "Tree":
        """The tree of `only` these files and folders (none: all), which shares what was read of this one."""
        if not only:
            return self
        part = Tree(self.root, self.commit, only, self._objects)
        folders = tuple(f"{path}/" for path in only)
        wanted = {path: self._listed[path] for path in only if path in self._listed}
        if any(path not in wanted for path in only):
            wanted |= {path: blob for path, blob in self._listed.items() if path.startswith(folders)}
        part._listed, part._blobs = wanted, self._blobs
        return part

    def paths(self) -> list[str]:
        """Paths below cards/ and shares/, and cardops.yaml, with forward slashes."""
        return sorted(self._listed)

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises FileNotFoundError, and Unreadable for a link or a submodule."""
        if path not in self._listed:
            raise FileNotFoundError(path)
        if not self._listed[path]:
            raise UnreadableFileError(
                "this is a symbolic link or a submodule, not a file", "put the file itself in its place"
            )
        if path in self._blobs:
            return self._blobs[path]
        if self._reader:
            return self._reader.blob(self._listed[path])
        self.fetch(self._beside(path))
        return self._blobs[path]

    def reader(self) -> Objects:
        """A git for a child to read by, started here, where nothing limits it."""
        reader = Objects(self.root)
        reader.start()
        return reader

    def read_by(self, reader: Objects) -> None:
        """From now on what was not read yet is asked for one by one, and not kept."""
        self._reader = reader

    def fetch(self, paths: Iterable[str]) -> None:
        """Read many files at once: what is asked for later is there then."""
        wanted = {path: self._listed[path] for path in paths if self._listed[path] and path not in self._blobs}
        if len(wanted) == 1:
            self._blobs |= {path: self._objects.blob(blob) for path, blob in wanted.items()}
        elif wanted:
            self._blobs |= zip(wanted, read_blobs(self.root, [blob.encode() for blob in wanted.values()]), strict=True)

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        """The blob hash of each file."""
        listed = self._listed
        return {path: blob for path, blob in listed.items() if blob} if "" in listed.values() else listed

    def _beside(self, path: str) -> list[str]:
        """The files to read together with one: none at first, then all cards, or all other files."""
        self._single += 1
        if self._single <= FEW:
            return [path]
        is_card = path.startswith("cards/")
        return [other for other in self._listed if other.startswith("cards/") is is_card]

    @cached_property
    def _listed(self) -> Mapping[str, str]:
        """The blob hash of every entry; empty for a link or a submodule."""
        listing = run_git(self.root, ["ls-tree", "-r", "-z", "--full-tree", self.commit, "--", *self._wanted])
        entries = [line.split(b"\t", 1) for line in listing.split(b"\0") if line]
        return {
            name.decode("utf-8", "surrogateescape"): meta.split()[2].decode() if meta.startswith(b"100") else ""
            for meta, name in entries
        }
