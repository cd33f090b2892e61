"""The git program: one process for a listing, one for thousands of blobs."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cardops.model.errors import GitError


def read_blobs(root: Path, hashes: Sequence[bytes]) -> list[bytes]:
    """The contents of many blobs through one process."""
    answer = run_git(root, ["cat-file", "--batch"], b"".join(name + b"\n" for name in hashes))
    blobs, at = [], 0
    for _ in hashes:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[2])
        blobs.append(answer[end + 1 : end + 1 + size])
        at = end + size + 2
    return blobs


class RepositoryLayout(NamedTuple):
    """The top of a work tree, the git directory that it shares with others, and the file of attributes in there."""

    top: Path
    common: Path
    attributes: Path


@cache
def repository_layout(root: Path) -> RepositoryLayout:
    """Return the layout of the repository that `root` is in. Raises GitError."""
    asked = ["rev-parse", "--show-toplevel", "--git-common-dir", "--git-path", "info/attributes"]
    told = run_git(root, asked).decode("utf-8", "surrogateescape").rstrip("\n")
    *top, common, attributes = told.split("\n")
    return RepositoryLayout(Path("\n".join(top)), root / common, root / attributes)


def run_git(
    root: Path,
    arguments: Sequence[str],
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
    silent: int = 0,
) -> bytes:
    """git's output. `environment` is added to this process's. Raises GitError with git's own complaint, unless git ends
    with the code `silent`.
    """
    import subprocess  # here and not above: most runs over a few cards never ask git

    variables = os.environ | (environment or {})
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, input=given, capture_output=True, check=False, env=variables
        )
    except FileNotFoundError:
        raise GitError("git was not found", "install git and put it on PATH") from None
    if done.returncode not in (0, silent):
        raise GitError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def write_tree(root: Path, start: str, files: Mapping[str, bytes]) -> str:
    """The tree of the commit `start` (nothing: an empty one) with these files; work tree and index stay as they are."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="cardops-index-") as folder:
        environment = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        run_git(root, ["read-tree", start or "--empty"], environment=environment)
        lines = []
        for path, text in sorted(files.items()):
            blob = run_git(root, ["hash-object", "-w", "--stdin"], text).decode().strip()
            listed = run_git(root, ["ls-files", "-s", "-z", "--", f":(literal){path}"], environment=environment)
            mode = listed[:6].decode() or "100644"
            lines.append(f"{mode} {blob}\t{path}\0")
        run_git(root, ["update-index", "-z", "--index-info"], "".join(lines).encode(), environment)
        return run_git(root, ["write-tree"], environment=environment).decode().strip()
