"""The declared files of a commit, read without checking it out."""

from collections.abc import Sequence
from pathlib import Path

from cardops.errors import Unreadable
from cardops.revisions.plumbing import read_blobs, run_git

DECLARED = ("cardops.yaml", "cards", "shares", "policies")


class Tree:
    """The declared files of one commit, or `only` a few of them, as a source to load."""

    def __init__(self, root: Path, commit: str, only: Sequence[str] = ()) -> None:
        self.root = root
        self.commit = commit
        self._wanted = tuple(only) or DECLARED
        self._blobs: dict[str, bytes | None] | None = None

    def paths(self) -> list[str]:
        """Paths below cards/ and shares/, and cardops.yaml, with forward slashes."""
        return sorted(self._contents)

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises FileNotFoundError, and Unreadable for a link or a submodule."""
        try:
            found = self._contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None
        if found is None:
            raise Unreadable("this is a symbolic link or a submodule, not a file", "put the file itself in its place")
        return found

    @property
    def _contents(self) -> dict[str, bytes | None]:
        """The bytes of every file; None for what is in the tree and is none."""
        if self._blobs is None:
            listing = run_git(self.root, ["ls-tree", "-r", "-z", "--full-tree", self.commit, "--", *self._wanted])
            entries = [line.split(b"\t", 1) for line in listing.split(b"\0") if line]
            named = [(name.decode("utf-8", "surrogateescape"), meta) for meta, name in entries]
            files = {name: meta.split()[2] for name, meta in named if meta.startswith(b"100")}
            blobs = dict(zip(files, read_blobs(self.root, list(files.values())), strict=True))
            self._blobs = {name: blobs.get(name) for name, _ in named}
        return self._blobs
