"""The history of declared files: which commits changed a file, and whom each commit names.

git answers this for one path at a time (`git log -- PATH`). A few files are asked about in that way; for more, the
whole history is read once.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cardops.git.log import Commit, People, Person
from cardops.git.process import run_git
from cardops.git.trees import DECLARED

GONE = "000000"
FEW = 8
"""Up to this many files are asked about one by one."""
PEOPLE = "%an%x00%ae%x00%cn%x00%ce%x00%at%x00%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x01)"
"""The people of a commit as it names them itself, never through a .mailmap: a change must not rename its authors."""
_PEOPLE_FIELDS = 6
_HEADER = 2 + _PEOPLE_FIELDS
"""The fields before a commit's changes: hash, parents, and those of PEOPLE."""
# Every commit, those that change nothing here too, with what it changes against its first parent.
_WALK = ["--topo-order", "--full-history", "--sparse", "--diff-merges=first-parent", "--root"]
_RAW = ["--raw", "--no-renames", "--no-abbrev", "--no-show-signature", "-z", f"--format=%H%x00%P%x00{PEOPLE}"]


class _Node(NamedTuple):
    """A commit, at a `place` of a chain of first parents: 0 is the newest."""

    hash: str
    parents: tuple[str, ...]
    people: People
    chain: int
    place: int


class _Record(NamedTuple):
    """A commit as git prints it. `changes`: each path with its new mode and hash (GONE: removed)."""

    hash: str
    parents: tuple[str, ...]
    people: People
    changes: list[tuple[str, str]]


class Graph:
    """All commits that were asked about, and their ancestors. Commits are full hashes. Raises GitError."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tips: list[str] = []
        self._nodes: dict[str, _Node] = {}
        self._chains: list[list[_Node]] = []
        self._changes: dict[str, dict[int, list[tuple[int, str]]]] = {}
        self._below: dict[str, list[str]] = {}

    def parents(self, commit: str) -> list[str]:
        """The parents of a commit that was read; none where nobody asked about it yet."""
        return list(self._nodes[commit].parents) if commit in self._nodes else []

    def changes_of(self, path: str, tip: str) -> Iterator[str]:
        """The first-parent commits up to `tip` that changed a file, newest first."""
        self._cover([tip])
        files = self._files([path])
        found = self._nearest(tip, files)
        while found:
            node, _ = found
            yield node.hash
            found = self._nearest(node.parents[0], files) if node.parents else None

    def commits(self, tips: Sequence[str], paths: Iterable[str]) -> list[Commit]:
        """Every commit reachable from `tips` that changed one of `paths`, in no order.

        As `git log` simplifies: of a merge that has all of them as one of its parents, only that parent is followed.
        """
        self._cover(tips)
        files = self._files(paths)
        found: dict[str, _Node] = {}
        seen: set[str] = set()
        ahead = list(tips)
        while ahead:
            nearest = self._nearest(ahead.pop(), files)
            if nearest is None or nearest[0].hash in seen:
                continue
            node, _ = nearest
            seen.add(node.hash)
            same = next((parent for parent in node.parents[1:] if self._same(node.hash, parent, files)), "")
            if same:
                ahead.append(same)
            else:
                found[node.hash] = node
                ahead += node.parents
        return [Commit(name, node.people) for name, node in found.items()]

    def _files(self, paths: Iterable[str]) -> list[str]:
        """The files that a path is or was, since it may have been a folder once. Raises ValueError for one that was
        not read.
        """
        wanted = dict.fromkeys(paths)
        if any(path.partition("/")[0] not in DECLARED for path in wanted):
            raise ValueError("only what is declared has a history here")
        return [file for path in wanted for file in (path, *self._below.get(path, ())) if file in self._changes]

    def _nearest(self, commit: str, files: Iterable[str]) -> tuple[_Node, str] | None:
        """The first commit that changed one of `files`, from this one on along first parents, and what it left."""
        node = self._nodes[commit]
        while True:
            ahead: list[tuple[int, str]] = []
            for file in files:
                changes = self._changes[file].get(node.chain, ())
                at = bisect_left(changes, (node.place,))
                ahead += changes[at : at + 1]
            chain = self._chains[node.chain]
            if ahead:
                place, left = min(ahead)
                return chain[place], left
            if not chain[-1].parents:
                return None
            node = self._nodes[chain[-1].parents[0]]

    def _at(self, commit: str, file: str) -> str:
        """The mode and the hash that a file has at a commit; empty where it is not there."""
        found = self._nearest(commit, [file]) if file in self._changes else None
        return found[1] if found and not found[1].startswith(GONE) else ""

    def _same(self, one: str, other: str, files: Iterable[str]) -> bool:
        return all(self._at(one, file) == self._at(other, file) for file in files)

    def _cover(self, tips: Collection[str]) -> None:
        """Reads the commits that were not read yet, through one process."""
        new = [tip for tip in dict.fromkeys(tips) if tip not in self._nodes]
        if not new:
            return
        known = [f"^{tip}" for tip in self._tips]
        told = _log(self._root, [*_WALK, *_RAW, *new, *known, "--", *DECLARED]).split(b"\0")
        records = {record.hash: record for record in _records(told)}
        for start in (*new, *records):
            if start in records:
                self._add_chain(records, start)
        self._tips += new

    def _add_chain(self, records: dict[str, _Record], start: str) -> None:
        """The first parents from `start` on, as far as they are in no chain yet."""
        number, chain, at = len(self._chains), list[_Node](), start
        while at in records:
            name, parents, people, changes = records.pop(at)
            node = self._nodes[name] = _Node(name, parents, people, number, len(chain))
            for path, left in changes:
                self._touch(path).setdefault(number, []).append((node.place, left))
            chain.append(node)
            at = parents[0] if parents else ""
        self._chains.append(chain)

    def _touch(self, path: str) -> dict[int, list[tuple[int, str]]]:
        if path not in self._changes:
            self._changes[path] = {}
            steps = path.split("/")
            for end in range(1, len(steps)):
                self._below.setdefault("/".join(steps[:end]), []).append(path)
        return self._changes[path]


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
            found = _log(self._root, ["--first-parent", "--format=%H", tip, "--", path])
            self._changes[path, tip] = found.decode().split()
        return iter(self._changes[path, tip])

    def commits(self, tips: Sequence[str], paths: Sequence[str]) -> list[Commit]:
        """See Graph."""
        if self._many(paths):
            return self._graph.commits(tips, paths)
        return commits_of(self._root, [*tips, "--", *paths])

    def _many(self, paths: Iterable[str]) -> bool:
        self._paths.update(paths)
        return len(self._paths) > FEW


def commits_of(root: Path, arguments: Sequence[str]) -> list[Commit]:
    """The commits that `git log` lists for these arguments, with the people that each names."""
    fields = _log(root, ["-z", f"--format=%H%x00{PEOPLE}", *arguments]).split(b"\0")
    size = 1 + _PEOPLE_FIELDS
    starts = range(0, len(fields) - _PEOPLE_FIELDS, size)
    return [Commit(fields[at].decode(), _people(fields[at + 1 : at + size])) for at in starts]


def _log(root: Path, arguments: Sequence[str]) -> bytes:
    return run_git(root, ["--literal-pathspecs", "log", "--no-show-signature", *arguments])


def _records(fields: Sequence[bytes]) -> Iterator[_Record]:
    at, end = 0, len(fields) - 1
    while at < end:
        name, parents = fields[at].decode(), tuple(fields[at + 1].decode().split())
        people = _people(fields[at + 2 : at + _HEADER])
        at += _HEADER
        changes = []
        while at < end and (line := fields[at].lstrip(b"\n")).startswith(b":"):
            _, mode, _, left, _ = line.decode().split(" ")
            changes.append((fields[at + 1].decode("utf-8", "surrogateescape"), f"{mode} {left}"))
            at += 2
        yield _Record(name, parents, people, changes)


def _people(fields: Iterable[bytes]) -> People:
    """The people that a commit names, from the fields of PEOPLE."""
    name, email, committer, address, when, co_authors = (field.decode("utf-8", "replace") for field in fields)
    co = tuple(_person(line) for line in co_authors.split("\x01") if line.strip())
    return People(Person(name, email), Person(committer, address), co, when)


def _person(text: str) -> Person:
    name, _, rest = text.strip().partition("<")
    return Person(name.strip(), rest.partition(">")[0].strip())
