"""Which commits changed a file, and who wrote them: git is asked about a few files, and for more all is read once.

A branch changes a few cards of ten thousand, and what it takes to look at all that was ever changed grows with both.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cardops.git.commit_graph import MAILMAP, PEOPLE, Graph, authors_of
from cardops.git.log import Commit
from cardops.git.process import run_git

FEW = 8
"""Git is asked about each of so many files."""


class FileHistory:
    """The history of declared files. Commits are full hashes. Raises GitError."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._graph = Graph(root)
        self._paths: set[str] = set()
        self._changes: dict[tuple[str, str], list[str]] = {}

    def parents(self, commit: str) -> list[str]:
        """See Graph."""
        return self._graph.parents(commit)

    def changes_of(self, path: str, tip: str) -> Iterator[str]:
        """See Graph."""
        if self._many([path]):
            return self._graph.changes_of(path, tip)
        if (path, tip) not in self._changes:
            told = self._log("", ["--first-parent", "--format=%H", tip, "--", path])
            self._changes[path, tip] = told.decode().split()
        return iter(self._changes[path, tip])

    def commits(self, mailmap: str, tips: Sequence[str], paths: Sequence[str]) -> list[Commit]:
        """See Graph."""
        if self._many(paths):
            return self._graph.commits(mailmap, tips, paths)
        told = self._log(mailmap, ["-z", f"--format=%H%x00{PEOPLE}", *tips, "--", *paths]).split(b"\0")
        return [Commit(told[at].decode(), authors_of(told[at + 1 : at + 4])) for at in range(0, len(told) - 3, 4)]

    def _many(self, paths: Iterable[str]) -> bool:
        self._paths.update(paths)
        return len(self._paths) > FEW

    def _log(self, mailmap: str, arguments: Sequence[str]) -> bytes:
        names = f"mailmap.blob={mailmap}:{MAILMAP}" if mailmap else "mailmap.blob="
        settings = ["-c", "core.bare=true", "-c", names]  # never the work tree's: a change renames none of its authors
        return run_git(self._root, ["--literal-pathspecs", *settings, "log", "--no-show-signature", *arguments])
