"""The files and commits that changed between two revisions."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from cardops.git.index import IndexStatus
from cardops.git.process import run_git
from cardops.git.trees import ATTRIBUTES, DECLARED

FileKind = Literal["added", "modified", "removed", "renamed"]
_KINDS: dict[str, FileKind] = {"A": "added", "D": "removed", "R": "renamed"}


class Person(NamedTuple):
    """A person as a commit names them. git lets everybody write anything here."""

    name: str
    email: str


class FileChange(NamedTuple):
    """One file; `before` is its path at the base, empty for what is new, and `blob` the hash of what it was, empty
    for what was no file.
    """

    kind: FileKind
    path: str
    before: str
    blob: str = ""


class Merge(NamedTuple):
    """A commit of a first-parent history; `day` is its committer's day, YYYY-MM-DD in UTC."""

    commit: str
    day: str
    subject: str


class Header(NamedTuple):
    """The header of a commit; `when` is the committer's time, ISO 8601 in UTC."""

    when: str
    author: str
    subject: str


class People(NamedTuple):
    """The people that a commit names; `when` is the author's time, in seconds since 1970."""

    author: Person
    committer: Person
    co_authors: tuple[Person, ...] = ()
    when: str = ""


class Commit(NamedTuple):
    """A commit and the people that it names."""

    hash: str
    people: People


def changed_files(root: Path, base: str, looked: IndexStatus) -> list[FileChange]:
    """The declared files of the work tree that differ from `base`, and files of attributes; `looked` is a look at all.

    Where the index has what the work tree has, git need not look at ten thousand files once more.
    """
    where = ["--cached"] if looked.settled else []
    told = run_git(root, ["diff", *where, "--raw", "--no-abbrev", "-z", "-M", base, "--", *DECLARED, *ATTRIBUTES])
    fields = deque(_fields(told))
    found = [FileChange("added", path, "") for path in looked.others]
    while fields:
        mode, _, blob, _, letter = fields.popleft().split(" ")
        path = fields.popleft()
        kind = _KINDS.get(letter[0], "modified")
        after = fields.popleft() if letter[0] in ("R", "C") else path
        was_file = mode.startswith(":100")
        found.append(FileChange(kind, after, "" if kind == "added" else path, blob if was_file else ""))
    return sorted(found, key=lambda change: change.path)


def listed_before(hashes: Mapping[str, str], changes: Iterable[FileChange]) -> dict[str, str]:
    """The blob hashes of what differs from `hashes` by these changes; empty for what was no file."""
    found = dict(hashes)
    for change in changes:
        if change.kind != "removed":
            found.pop(change.path, None)
    return found | {change.before: change.blob for change in changes if change.before}


def removed(root: Path, tip: str, folder: str) -> list[str]:
    """The blob hashes of all files that the first-parent history of `tip` has removed from a folder, or renamed.

    Links and submodules are none.
    """
    shape = ["--first-parent", "-m", "--format=", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=D", "-z"]
    fields = _fields(run_git(root, ["log", *shape, tip, "--", folder]))
    return [field.split(" ")[2] for field in fields if field.startswith(":100")]


def copies_in(root: Path, parent: str, commit: str) -> dict[str, list[str]]:
    """The new files of a commit below cards/, with the files of its parent that they were made from."""
    found: dict[str, list[str]] = {}
    for how in (["-M50%", "-C50%"], ["-M90%", "-C90%", "--find-copies-harder"]):
        told = run_git(root, ["diff-tree", "-r", "-z", "--raw", *how, "-l1000", parent, commit, "--", "cards"])
        fields = deque(_fields(told))
        while fields:
            letter = fields.popleft().rpartition(" ")[2][:1]
            before = fields.popleft()
            if letter in ("R", "C"):
                found.setdefault(fields.popleft(), []).append(before)
    return found


def merges(root: Path, since: str, tip: str) -> list[Merge]:
    """The first-parent commits of `tip` after `since` (empty: all) that changed what is declared, newest first."""
    declared = [path for path in DECLARED if path != "policies"]
    wanted = [tip, *([f"^{since}"] if since else [])]
    shape = ["--date=format-local:%Y-%m-%d", "--format=%H%x00%cd%x00%s"]
    command = ["log", "--first-parent", "-z", *shape, *wanted, "--", *declared]
    lines = run_git(root, command, environment={"TZ": "UTC"}).split(b"\0")
    fields = [field.decode("utf-8", "replace") for field in lines]
    return [Merge(*fields[at : at + 3]) for at in range(0, len(fields) - 2, 3)]


def headers(root: Path, commits: Sequence[str]) -> dict[str, Header]:
    """The headers of these commits, through one process."""
    shape = ["--no-walk=unsorted", "-z", "--date=iso-strict-local", "--format=%H%x00%cd%x00%an <%ae>%x00%s", "--stdin"]
    given = "".join(f"{commit}\n" for commit in commits).encode()
    told = run_git(root, ["log", *shape], given, {"TZ": "UTC"}).split(b"\0") if commits else []
    fields = [field.decode("utf-8", "replace") for field in told]
    return {fields[at]: Header(*fields[at + 1 : at + 4]) for at in range(0, len(fields) - 3, 4)}


def _fields(output: bytes) -> list[str]:
    return [field.decode("utf-8", "surrogateescape") for field in output.split(b"\0") if field]
