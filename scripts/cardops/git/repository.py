"""The history of a repository: revisions, ancestors, and which commit changed a file."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cardops.git.commit_graph import FileHistory, commits_of
from cardops.git.index import IndexStatus, read_index
from cardops.git.log import (
    Commit,
    FileChange,
    Header,
    Merge,
    changed_files,
    copies_in,
    headers,
    listed_before,
    merges,
    removed,
)
from cardops.git.objects import CommitObject, Objects
from cardops.git.process import RepositoryLayout, read_blobs, repository_layout, run_git
from cardops.git.signatures import SignedTrailer, signed_trailers, signers
from cardops.git.trees import CONFIG, DECLARED, FACTS, Tree
from cardops.model.errors import GitError

if TYPE_CHECKING:
    import git


class Repository:
    """The history of the repository that `root` is the top of. Raises GitError where git cannot answer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._parents: dict[str, list[str]] = {}
        self._files = FileHistory(root)
        self._whole: Tree | None = None
        self._copies: dict[str, dict[str, list[str]]] = {}
        self._branches: dict[tuple[str, str], list[Commit]] = {}
        self._first_parents: dict[tuple[str, str], bool] = {}
        self._merge_bases: dict[tuple[str, str], str] = {}

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

    @cached_property
    def _layout(self) -> RepositoryLayout:
        if (self.root / ".git").exists():
            found = repository_layout(self.root)
            if found.top.samefile(self.root):
                return found
        raise GitError(f"{self.root} is not the top of a git repository", "run `git init` there")

    @cached_property
    def _objects(self) -> Objects:
        return Objects(self._layout.top)

    def close(self) -> None:
        """End the process that is kept for questions; another question starts another one."""
        self._objects.close()

    def head(self) -> str:
        """The full hash of HEAD, attached or not."""
        found = self._objects.commit("HEAD")
        if found is None:
            raise GitError("this repository has no commit yet", "commit what is declared")
        return found.hash

    def resolve(self, revision: str) -> str:
        """Return the full hash of a commit. Raises GitError that says what to fetch in a shallow clone."""
        return self._commit(revision).hash

    def _commit(self, revision: str) -> CommitObject:
        if revision.startswith("-"):
            raise GitError(f"{revision!r} is not a revision")
        found = self._objects.commit(revision)
        if found is None:
            raise GitError(f"git does not know the revision {revision!r}", self._way_to(revision))
        return found

    def is_shallow(self) -> bool:
        """True for a clone that lacks older commits."""
        return (self._layout.common / "shallow").exists()

    def knows(self, commit: str) -> bool:
        """True when the commit is in this clone. A shallow clone cannot deny it, and raises GitError."""
        try:
            self.resolve(commit)
        except GitError:
            if self.is_shallow():
                raise
            return False
        return True

    def has(self, commit: str) -> bool:
        """True when the commit is in this clone; False says nothing about whether it exists elsewhere."""
        try:
            self.resolve(commit)
        except GitError:
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

    def tree(self, revision: str, only: Sequence[str] = ()) -> Tree:
        """Return the declared files of a revision, or `only` some of them, read without checking it out.

        Whoever reads cardops.yaml gets aws-facts.json too, without which it may not be valid. Files of the last whole
        tree are not read again.
        """
        commit = self.resolve(revision)
        only = [*only, FACTS] if CONFIG in only else only
        if self._whole is not None and self._whole.commit == commit:
            return self._whole.part(only)
        tree = Tree(self.root, commit, only, self._objects)
        if not only:
            self._whole = tree
        return tree

    def merge_base(self, one: str, other: str) -> str:
        """The newest commit that both have. Raises GitError if they have none in common or it was not fetched."""
        asked = (self.resolve(one), self.resolve(other))
        if asked not in self._merge_bases and (found := run_git(self.root, ["merge-base", *asked], silent=1)):
            self._merge_bases[asked] = found.decode().split()[0]
        if asked in self._merge_bases:
            return self._merge_bases[asked]
        if self.is_shallow():
            message = f"this shallow clone does not reach the commit that {one} and {other} have in common"
            raise GitError(message, "git fetch --unshallow origin")
        raise GitError(f"{one} and {other} have no commit in common", "name the branch that this one started from")

    def parents(self, commit: str) -> list[str]:
        """The parents of a commit, none for the first one. A shallow clone's last commit raises GitError."""
        if commit not in self._parents:
            found = self._files.parents(commit) or list(self._commit(commit).parents)
            if commit in self._boundary:
                raise self._ends(commit)
            self._parents[commit] = found
        return self._parents[commit]

    def first_parent(self, commit: str) -> str:
        """The commit that `commit` was merged into or made on; empty for the first one."""
        found = self.parents(commit)
        return found[0] if found else ""

    def changed(self, base: str, looked: IndexStatus | None = None) -> list[FileChange]:
        """The declared files of the work tree that differ from `base`; renames followed. `looked`: at all of them."""
        looked = looked or read_index(self.root, DECLARED)
        found = changed_files(self.root, base, looked)
        if looked.settled:  # then nobody has to ask what `base` has
            self._whole = Tree(self.root, base, objects=self._objects, listed=listed_before(looked.hashes, found))
        return found

    def commits(self, tips: Sequence[str], paths: Sequence[str]) -> list[Commit]:
        """Every commit up to `tips` that changed any of `paths`. See Graph.commits."""
        found = self._files.commits(tips, paths)
        if cut := next((commit.hash for commit in found if commit.hash in self._boundary), ""):
            raise self._ends(cut)
        return found

    def branch_commits(self, start: str, head: str) -> list[Commit]:
        """The commits of `head` that `start` (empty: nothing) lacks and that changed any file; no merges."""
        if (start, head) not in self._branches:
            without = [f"^{start}"] if start else []
            self._branches[start, head] = commits_of(self.root, ["--no-merges", head, *without, "--", "."])
        return self._branches[start, head]

    def changes_of(self, path: str, tip: str) -> Iterator[str]:
        """The first-parent commits up to `tip` that changed a file, newest first."""
        return self._files.changes_of(path, tip)

    def changes_between(self, start: str, end: str, path: str) -> list[str]:
        """The commits of `end` that `start` lacks and that changed a file, on any line of history."""
        told = run_git(self.root, ["log", "--format=%H", "--full-history", f"{start}..{end}", "--", path])
        return told.decode().split()

    def headers(self, commits: Sequence[str]) -> dict[str, Header]:
        """When, by whom and with which subject each of these commits was made."""
        return headers(self.root, commits)

    def merges(self, since: str, tip: str) -> list[Merge]:
        """The first-parent commits of `tip` after `since` (empty: all) that changed what is declared, newest first."""
        return merges(self.root, self.resolve(since) if since else "", tip)

    def removed(self, folder: str, tip: str) -> list[bytes]:
        """The contents of files that the first-parent history of `tip` has removed from a folder, each once.

        A shallow clone knows only of what it has.
        """
        return read_blobs(self.root, [name.encode() for name in sorted(set(removed(self.root, tip, folder)))])

    def touching(self, text: str, folder: str, tip: str) -> list[str]:
        """The commits up to `tip` that added or removed a text in a folder's files, newest first."""
        return run_git(self.root, ["log", "--format=%H", f"-S{text}", tip, "--", folder]).decode().split()

    def on_first_parents(self, commit: str, tip: str) -> bool:
        """True when `commit` is `tip`, or one that `tip` was made on or merged into, directly or earlier."""
        if (commit, tip) not in self._first_parents:
            listed = run_git(self.root, ["rev-list", "--first-parent", tip, f"^{commit}^@", "--"]).decode().split()
            self._first_parents[commit, tip] = commit in listed
        return self._first_parents[commit, tip]

    def between(self, since: str, tip: str) -> list[str]:
        """The commits of `tip` that `since` (empty: nothing) lacks, newest first."""
        without = [f"^{since}"] if since else []
        return run_git(self.root, ["rev-list", tip, *without, "--"]).decode().split()

    def trailers(self, commits: Sequence[str], keys: Mapping[str, str]) -> list[SignedTrailer]:
        """The approval trailers on these commits, verified by git against `keys` (name -> public key)."""
        return signed_trailers(self.root, commits, keys)

    def signers(self, commits: Sequence[str], keys: Mapping[str, str]) -> dict[str, str]:
        """The name whose key signed each of these commits. See signatures.signers."""
        return signers(self.root, commits, keys)

    def copied_from(self, commit: str, path: str) -> list[str]:
        """The files of the commit's first parent that a new file was moved or copied from, as far as git can tell.

        A file that the commit changed or removed counts if half of it is there; any other only if nearly all is.
        """
        if commit not in self._copies:
            parent = self.first_parent(commit)
            self._copies[commit] = copies_in(self.root, parent, commit) if parent else {}
        return self._copies[commit].get(path, [])

    def _way_to(self, revision: str) -> str:
        """The hint for a missing revision. A branch of origin is fetched under the name that it has here."""
        remote, slash, branch = revision.partition("/")
        if remote == "origin" and slash and not set(branch) & set("~^@:"):
            deeper = " --unshallow" if self.is_shallow() else ""
            return f"check the name, or git fetch{deeper} origin {branch}:refs/remotes/origin/{branch}"
        return "git fetch --unshallow origin" if self.is_shallow() else "check the name"

    def _ends(self, commit: str) -> GitError:
        message = f"this shallow clone ends at {commit[:12]}, and what was before decides"
        return GitError(message, "git fetch --unshallow origin")

    @cached_property
    def _boundary(self) -> frozenset[str]:
        file = self._layout.common / "shallow"
        return frozenset(file.read_text(encoding="ascii").split()) if file.exists() else frozenset()
