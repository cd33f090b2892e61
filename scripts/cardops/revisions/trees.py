"""The declared files of a commit, read without checking it out."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from cardops.errors import Unreadable
from cardops.revisions.plumbing import read_blobs, run_git

DECLARED = ("cardops.yaml", "cards", "shares", "policies")


FEW = 8
"""So many cards are read one by one; then it is quicker to read all of them."""


class Tree:
    """The declared files of one commit, or `only` a few of them, as a source to load."""

    def __init__(self, root: Path, commit: str, only: Sequence[str] = ()) -> None:
        self.root = root
        self.commit = commit
        self._wanted = tuple(only) or DECLARED
        self._blobs: dict[str, bytes] = {}
        self._single = 0

    def part(self, only: Sequence[str]) -> "Tree":
        """The tree of `only` these files and folders (none: all), which shares what was read of this one."""
        if not only:
            return self
        part = Tree(self.root, self.commit, only)
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
            raise Unreadable("this is a symbolic link or a submodule, not a file", "put the file itself in its place")
        if path not in self._blobs:
            self.fetch(self._beside(path))
        return self._blobs[path]

    def fetch(self, paths: Iterable[str]) -> None:
        """Read many files at once: what is asked for later is there then."""
        wanted = {path: self._listed[path] for path in paths if self._listed[path] and path not in self._blobs}
        self._blobs |= zip(wanted, read_blobs(self.root, [blob.encode() for blob in wanted.values()]), strict=True)

    def hashes(self) -> dict[str, str]:
        """The blob hash of each file."""
        return {path: blob for path, blob in self._listed.items() if blob}

    def _beside(self, path: str) -> list[str]:
        """What is read together with a file: other cards only where several have been asked for."""
        if path.startswith("cards/"):
            self._single += 1
            return [path] if self._single <= FEW else list(self._listed)
        return [other for other in self._listed if not other.startswith("cards/")]

    @cached_property
    def _listed(self) -> dict[str, str]:
        """The blob hash of every file; empty for what is in the tree and is none."""
        listing = run_git(self.root, ["ls-tree", "-r", "-z", "--full-tree", self.commit, "--", *self._wanted])
        entries = [line.split(b"\t", 1) for line in listing.split(b"\0") if line]
        return {
            name.decode("utf-8", "surrogateescape"): meta.split()[2].decode() if meta.startswith(b"100") else ""
            for meta, name in entries
        }
