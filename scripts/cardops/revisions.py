"""git: the only module that asks it. Commits through GitPython; blobs through one `git cat-file --batch`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cardops.errors import GitError

if TYPE_CHECKING:
    import git

DECLARED = ("cardops.yaml", "cards", "shares", "policies")


class Revisions:
    """The history of the repository that `root` is the top of. Raises GitError where git cannot answer."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def _repo(self) -> git.Repo:
        try:
            import git
        except ImportError as problem:  # GitPython looks for the git program when it is imported
            raise GitError("git was not found", "install git and put it on PATH") from problem
        try:
            return git.Repo(self.root)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as problem:
            raise GitError(f"{self.root} is not the top of a git repository", "run `git init` there") from problem

    def head(self) -> str:
        """The full hash of HEAD, attached or not."""
        return self.resolve("HEAD")

    def resolve(self, revision: str) -> str:
        """The full hash of a commit. A shallow clone is told what to fetch."""
        if revision.startswith("-"):
            raise GitError(f"{revision!r} is not a revision")
        try:
            return str(self._repo.commit(revision).hexsha)
        except GitError:
            raise
        except Exception as problem:
            hint = f"git fetch --unshallow origin {revision}" if self.is_shallow() else "check the name"
            raise GitError(f"git does not know the revision {revision!r}", hint) from problem

    def is_shallow(self) -> bool:
        """True for a clone that lacks older commits."""
        return (Path(self._repo.common_dir) / "shallow").exists()

    def knows(self, commit: str) -> bool:
        """True when the commit is in this clone. A shallow clone cannot deny it, and raises GitError."""
        try:
            self.resolve(commit)
        except GitError:
            if self.is_shallow():
                raise
            return False
        return True

    def contains(self, commit: str, tip: str = "HEAD") -> bool:
        """True when `commit` is `tip` or one of its ancestors."""
        return bool(
            self._repo.is_ancestor(self._repo.commit(self.resolve(commit)), self._repo.commit(self.resolve(tip)))
        )

    def newest(self, commits: Collection[str], tip: str = "HEAD") -> str:
        """Of these commits the one that no other of them comes after, among `tip` and its ancestors; or nothing."""
        arguments = ["git", "rev-list", "--topo-order", self.resolve(tip)]
        with subprocess.Popen(arguments, cwd=self.root, stdout=subprocess.PIPE, text=True) as listing:
            assert listing.stdout is not None  # noqa: S101 - a pipe was asked for
            found = next((line.strip() for line in listing.stdout if line.strip() in commits), "")
            listing.kill()
        return found

    def uncommitted(self) -> list[str]:
        """Declared files that differ from HEAD, untracked ones included."""
        lines = str(self._repo.git.status("--porcelain", "-z", "--", *DECLARED)).split("\0")
        return sorted(line[3:] for line in lines if len(line) > 3)

    def tree(self, revision: str) -> Tree:
        """The files of a revision, read without checking it out."""
        return Tree(self.root, self.resolve(revision))


class Tree:
    """The declared files of one commit, as a source to load."""

    def __init__(self, root: Path, commit: str) -> None:
        self.root = root
        self.commit = commit
        self._blobs: dict[str, bytes] | None = None

    def paths(self) -> list[str]:
        """Paths below cards/ and shares/, and cardops.yaml, with forward slashes."""
        return sorted(self._contents)

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises FileNotFoundError."""
        try:
            return self._contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    @property
    def _contents(self) -> dict[str, bytes]:
        if self._blobs is None:
            listing = run_git(self.root, ["ls-tree", "-r", "-z", "--full-tree", self.commit, "--", *DECLARED])
            entries = [line.split(b"\t", 1) for line in listing.split(b"\0") if line]
            files = {
                name.decode("utf-8", "surrogateescape"): meta.split()[2]
                for meta, name in entries
                if meta.startswith(b"100")
            }
            self._blobs = dict(zip(files, read_blobs(self.root, list(files.values())), strict=True))
        return self._blobs


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


def run_git(
    root: Path, arguments: Sequence[str], given: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """git's output. `environment` is added to this process's. Raises GitError with git's own complaint."""
    variables = os.environ | (environment or {})
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, input=given, capture_output=True, check=False, env=variables
        )
    except FileNotFoundError:
        raise GitError("git was not found", "install git and put it on PATH") from None
    if done.returncode:
        raise GitError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
