"""The history of what is declared, read once: which commits changed a file, and who wrote them.

git answers the same for one path at a time (`git log -- PATH`), and is not asked ten thousand times here.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cardops.git.log import Commit, Person
from cardops.git.process import run_git
from cardops.git.trees import DECLARED

MAILMAP = ".mailmap"
GONE = "000000"
PEOPLE = "%aN%x00%aE%x00%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x01)"
_HEADER = 5
"""The fields before a commit's changes: hash, parents, and the three of PEOPLE."""
# Every commit, those that change nothing here too, with what it changes against its first parent.
_WALK = ["--topo-order", "--full-history", "--sparse", "--diff-merges=first-parent", "--root"]
_RAW = ["--raw", "--no-renames", "--no-abbrev", "--no-show-signature", "-z", f"--format=%H%x00%P%x00{PEOPLE}"]


class _Node(NamedTuple):
    """A commit, at a `place` of a chain of first parents: 0 is the newest."""

    hash: str
    parents: tuple[str, ...]
    people: tuple[Person, ...]
    chain: int
    place: int


class _Record(NamedTuple):
    """A commit as git tells it; `changes`: path and what it is there now (mode and hash; GONE: nothing)."""

    hash: str
    parents: tuple[str, ...]
    people: tuple[Person, ...]
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
        self._mapped: dict[str, dict[str, tuple[Person, ...]]] = {}

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

    def commits(self, mailmap: str, tips: Sequence[str], paths: Iterable[str]) -> list[Commit]:
        """Every commit reachable from `tips` that changed one of `paths`, in no order; named as in the .mailmap of
        the commit `mailmap` (empty: none).

        As `git log` simplifies: of a merge that has all of them as one of its parents, only that parent is followed.
        """
        self._cover([*tips, *([mailmap] if mailmap else [])])
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
        names = self._names(self._at(mailmap, MAILMAP) if mailmap else "")
        return [Commit(name, names.get(name, node.people)) for name, node in found.items()]

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

    def _names(self, mailmap: str) -> dict[str, tuple[Person, ...]]:
        """The people of the commits that changed something, as a .mailmap calls them."""
        if mailmap and mailmap not in self._mapped:
            commits = {
                self._chains[chain][place].hash
                for changes in self._changes.values()
                for chain, some in changes.items()
                for place, _ in some
            }
            shape = ["--no-walk=unsorted", "--stdin", "--no-show-signature", "-z", f"--format=%H%x00{PEOPLE}"]
            given = "".join(f"{commit}\n" for commit in commits).encode()
            told = _log(self._root, mailmap.rpartition(" ")[2], shape, given)
            self._mapped[mailmap] = {
                told[at].decode(): authors_of(told[at + 1 : at + 4]) for at in range(0, len(told) - 3, 4)
            }
        return self._mapped.get(mailmap, {})

    def _cover(self, tips: Collection[str]) -> None:
        """Reads the commits that were not read yet, through one process."""
        new = [tip for tip in dict.fromkeys(tips) if tip not in self._nodes]
        if not new:
            return
        known = [f"^{tip}" for tip in self._tips]
        told = _log(self._root, "", [*_WALK, *_RAW, *new, *known, "--", *DECLARED, MAILMAP])
        records = {record.hash: record for record in _records(told)}
        for start in (*new, *records):
            if start in records:
                self._add_chain(records, start)
        self._tips += new
        self._mapped.clear()

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


def _log(root: Path, mailmap: str, arguments: Sequence[str], given: bytes = b"") -> list[bytes]:
    """The fields of a log. Names go through the .mailmap that is this blob (empty: none), never through the work
    tree's: whoever proposes a change must not rename its authors.
    """
    settings = ["-c", "core.bare=true", "-c", f"mailmap.blob={mailmap}"]
    return run_git(root, ["--literal-pathspecs", *settings, "log", *arguments], given).split(b"\0")


def _records(fields: Sequence[bytes]) -> Iterator[_Record]:
    at, end = 0, len(fields) - 1
    while at < end:
        name, parents = fields[at].decode(), tuple(fields[at + 1].decode().split())
        people = authors_of(fields[at + 2 : at + _HEADER])
        at += _HEADER
        changes = []
        while at < end and (line := fields[at].lstrip(b"\n")).startswith(b":"):
            _, mode, _, left, _ = line.decode().split(" ")
            changes.append((fields[at + 1].decode("utf-8", "surrogateescape"), f"{mode} {left}"))
            at += 2
        yield _Record(name, parents, people, changes)


def authors_of(fields: Iterable[bytes]) -> tuple[Person, ...]:
    """The author and the co-authors that a commit names, from the fields of PEOPLE."""
    name, email, co_authors = (field.decode("utf-8", "replace") for field in fields)
    return (Person(name, email), *(_person(line) for line in co_authors.split("\x01") if line.strip()))


def _person(text: str) -> Person:
    name, _, rest = text.strip().partition("<")
    return Person(name.strip(), rest.partition(">")[0].strip())
