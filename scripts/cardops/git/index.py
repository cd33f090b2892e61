"""Read the hashes of unchanged files from git's index, without reading the files."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from cardops.git.process import read_blobs, repository_layout, run_git
from cardops.model.errors import GitError

CONVERSIONS = (b"filter", b"ident", b"text", b"eol", b"crlf", b"encoding")
SETTINGS = "^core\\.(autocrlf|eol|attributesfile)$"
LOOKED_AT = "H 100"
"""How a file in the index is listed. Small letters and S are files that git was told not to look at, M is unmerged."""
REWRITING = ("filter", "ident", "working-tree-encoding")
NEUTRAL = ("unspecified", "unset")
CHANGED, OTHER = "C ", "? "


class IndexStatus(NamedTuple):
    """One look at the index and the work tree.

    `hashes` are the blob hashes of the files that are as the index has them (paths from the root), `others` the paths
    that git neither tracks nor ignores. `everything`: what is in the index are files, and git looked at each of them;
    `settled`: and all of them are as they were added. `changed` are the blob hashes of files that differ from them.
    """

    hashes: Mapping[str, str]
    others: tuple[str, ...]
    everything: bool
    settled: bool
    changed: Mapping[str, str] = {}


def read_index(root: Path, paths: Iterable[str], untracked: bool = True) -> IndexStatus:
    """Read the state of files and folders from the index. Raises GitError."""
    more = ["-o", "--exclude-standard"] if untracked else []
    listed = run_git(root, ["ls-files", "-c", "-m", *more, "-s", "-v", "-z", "--", *paths])
    lines = listed.decode("utf-8", "surrogateescape").split("\0")[:-1]
    files = [line.partition("\t") for line in lines if line[:5] == LOOKED_AT]
    found = {path: about[len("H 100644 ") : -len(" 0")] for about, _, path in files}
    rest = [line for line in lines if line[:5] != LOOKED_AT] if len(files) < len(lines) else []
    others = tuple(line.removeprefix(OTHER) for line in rest if line.startswith(OTHER))
    changed = {path: about.split()[2] for about, _, path in _fields(rest) if about.startswith(CHANGED)}
    for path in changed:
        found.pop(path, None)
    everything = len(rest) == len(others) + len(changed)
    return IndexStatus(found, others, everything, settled=everything and not changed, changed=changed)


def unchanged(root: Path, folder: str) -> Mapping[str, str]:
    """The blob hash of each file below `folder` whose bytes are those that git has. See `bytes_of`."""
    try:
        return bytes_of(root, read_index(root, [folder], untracked=False))
    except GitError:
        return {}


def bytes_of(root: Path, looked: IndexStatus) -> Mapping[str, str]:
    """The blob hash of each file whose bytes are those that git has; none where git may write other bytes into the work
    tree than it keeps.
    """
    try:
        return {} if _converts(root, looked.hashes) else looked.hashes
    except GitError:
        return {}


def blobs_behind(root: Path, looked: IndexStatus) -> Mapping[str, bytes]:
    """Return the blobs of files that the work tree shows otherwise than git keeps them, by path.

    Attributes, encodings and settings can make a file read as its author likes. Apply reads the blobs.
    """
    if not _converts(root, looked.hashes):
        return {}
    paths = [path for path in looked.hashes if "\n" not in path]
    changed = {path: looked.changed[path] for path in _rewritten(root, looked.changed)}
    given = "".join(f"{path}\n" for path in paths).encode("utf-8", "surrogateescape")
    hashed = run_git(root, ["hash-object", "--no-filters", "--stdin-paths"], given).decode().split()
    differing = [path for path, bare in zip(paths, hashed, strict=True) if looked.hashes[path] != bare]
    found = changed | {path: looked.hashes[path] for path in differing}
    return dict(zip(found, read_blobs(root, [blob.encode() for blob in found.values()]), strict=True))


def _rewritten(root: Path, paths: Iterable[str]) -> list[str]:
    """The files whose text attributes rewrite, and not only its line ends: nobody can say what an edit of one means."""
    given = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
    if not given:
        return []
    told = run_git(root, ["check-attr", "-z", "--stdin", *REWRITING], given)
    fields = told.decode("utf-8", "surrogateescape").split("\0")[:-1]
    values = zip(fields[::3], fields[2::3], strict=True)
    return list(dict.fromkeys(path for path, value in values if value not in NEUTRAL))


def _fields(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    return (line.partition("\t") for line in lines)


def _converts(root: Path, paths: Iterable[str]) -> bool:
    if run_git(root, ["config", "--get-regexp", SETTINGS], silent=1):
        return True
    where = repository_layout(root)
    above = [place / ".gitattributes" for place in (root, *root.parents) if place.is_relative_to(where.top)]
    folders = {path.rpartition("/")[0] for path in paths}
    below = {
        f"{'/'.join(parts[:end])}/.gitattributes"
        for parts in (folder.split("/") for folder in folders)
        for end in range(1, len(parts) + 1)
    }
    files = [file for file in (where.attributes, *above, *(root / name for name in below)) if file.is_file()]
    return any(word in file.read_bytes() for file in files for word in CONVERSIONS)
