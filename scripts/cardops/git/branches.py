"""Commits on a branch that nobody has checked out: neither the work tree nor the index is touched."""

from collections.abc import Mapping
from pathlib import Path

from cardops.git.process import run_git, write_tree
from cardops.model.errors import GitError, UsageError

NOWHERE = "0" * 40


def commit_to(root: Path, branch: str, start: str, files: Mapping[str, bytes], message: str) -> str:
    """A commit on `start` with these files, as the tip of `branch`; its hash.

    A branch that has this very tree already is left alone. Raises UsageError for one that has commits which
    `start` lacks, since they may have been reviewed.
    """
    ref = f"refs/heads/{branch}"
    if branch.startswith("-") or not _succeeds(root, "check-ref-format", ref):
        raise UsageError(f"{branch!r} is not a valid branch name")
    if folder := _answer(root, "for-each-ref", "--format=%(worktreepath)", ref):
        raise UsageError(
            f"{branch} is checked out in {folder}", "leave --branch out to edit the files, or name another"
        )
    tree = write_tree(root, start, files)
    tip = _answer(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if tip and _answer(root, "rev-parse", f"{tip}^{{tree}}") == tree:
        return tip
    if tip and not _succeeds(root, "merge-base", "--is-ancestor", tip, start):
        raise UsageError(f"the branch {branch} has commits of its own", "name another branch, or delete this one")
    arguments = ["commit-tree", tree, "-p", start, "-F", "-"]
    commit = run_git(root, arguments, message.encode(), _identity(root)).decode().strip()
    run_git(root, ["update-ref", "-m", "cardops pull", ref, commit, tip or NOWHERE])
    return commit


def _identity(root: Path) -> dict[str, str]:
    """Nothing where git knows who commits; a runner often has no identity."""
    if _succeeds(root, "var", "GIT_AUTHOR_IDENT") and _succeeds(root, "var", "GIT_COMMITTER_IDENT"):
        return {}
    roles = ("AUTHOR", "COMMITTER")
    return {
        f"GIT_{role}_{part}": f"cardops{at}" for role in roles for part, at in (("NAME", ""), ("EMAIL", "@localhost"))
    }


def _answer(root: Path, *arguments: str) -> str:
    """git's answer, or nothing where it has none."""
    try:
        return run_git(root, arguments).decode().strip()
    except GitError:
        return ""


def _succeeds(root: Path, *arguments: str) -> bool:
    try:
        run_git(root, arguments)
    except GitError:
        return False
    return True
