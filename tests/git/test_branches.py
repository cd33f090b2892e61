"""Commits on a branch that is not checked out."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cardops.commands.workspace import write_atomically
from cardops.git.branches import commit_to
from cardops.model.errors import UsageError

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """git in a repository with one commit, without any identity of its own."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    def run(*arguments: str) -> str:
        command = [
            "git",
            "-c",
            "core.quotePath=false",
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            *arguments,
        ]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    run("init", "-q", "-b", "main")
    (tmp_path / "a.yaml").write_text("a\n")
    (tmp_path / "run.sh").write_text("b\n")
    (tmp_path / "run.sh").chmod(0o755)
    run("add", "-A")
    run("commit", "-q", "-m", "first")
    return run


def test_the_commit_holds_the_bytes_and_modes_and_the_work_tree_is_as_it_was(git: Git, tmp_path: Path) -> None:
    git("config", "core.autocrlf", "true")
    (tmp_path / "a.yaml").write_text("mine\n")
    start = git("rev-parse", "HEAD")
    files = {"a.yaml": b"x\r\ny", "run.sh": b"c\n", "new/ü.yaml": b"n\n"}
    commit = commit_to(tmp_path, "pull/a", start, files, "subject\n\nbody\n")
    assert git("rev-parse", "pull/a") == commit
    assert git("log", "-1", "--format=%P %B", commit) == f"{start} subject\n\nbody"
    assert git("ls-tree", "-r", "--format=%(objectmode) %(path)", commit).splitlines() == [
        "100644 a.yaml",
        "100644 new/ü.yaml",
        "100755 run.sh",
    ]
    found = subprocess.run(
        ["git", "cat-file", "blob", f"{commit}:a.yaml"], cwd=tmp_path, capture_output=True, check=True
    )
    assert found.stdout == b"x\r\ny"
    assert git("status", "--porcelain") == "M a.yaml"
    assert git("rev-parse", "HEAD") == start


def test_the_same_files_again_make_no_new_commit_and_others_no_rewritten_branch(git: Git, tmp_path: Path) -> None:
    start = git("rev-parse", "HEAD")
    commit = commit_to(tmp_path, "pull", start, {"a.yaml": b"x\n"}, "one")
    assert commit_to(tmp_path, "pull", start, {"a.yaml": b"x\n"}, "two") == commit
    with pytest.raises(UsageError, match="the branch pull has commits of its own"):
        commit_to(tmp_path, "pull", start, {"a.yaml": b"y\n"}, "three")
    assert git("rev-parse", "pull") == commit


def test_a_branch_that_main_contains_goes_on_from_there(git: Git, tmp_path: Path) -> None:
    git("branch", "pull")
    (tmp_path / "a.yaml").write_text("more\n")
    git("commit", "-qam", "second")
    commit = commit_to(tmp_path, "pull", git("rev-parse", "HEAD"), {"a.yaml": b"y\n"}, "one")
    assert git("rev-parse", "pull") == commit


@pytest.mark.parametrize(
    ("branch", "message"),
    [
        ("main", "main is checked out in "),
        ("a..b", "'a..b' is not a valid branch name"),
        ("-d", "'-d' is not a valid branch name"),
    ],
)
def test_a_branch_that_cannot_be_is_refused(branch: str, message: str, git: Git, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        commit_to(tmp_path, branch, git("rev-parse", "HEAD"), {"a.yaml": b"y\n"}, "one")


def test_a_file_is_replaced_with_its_line_ends_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_bytes(b"a\r\n")
    path.chmod(0o664)
    write_atomically(path, "b\r\nc\n")
    assert path.read_bytes() == b"b\r\nc\n"
    assert path.stat().st_mode & 0o777 == 0o664
    assert list(tmp_path.iterdir()) == [path]


def test_a_branch_that_another_work_tree_has_checked_out_is_not_moved(git: Git, tmp_path: Path) -> None:
    start = git("rev-parse", "HEAD")
    git("worktree", "add", "-q", "-b", "review", str(tmp_path / "elsewhere"))
    with pytest.raises(UsageError, match=r"review is checked out in .*elsewhere"):
        commit_to(tmp_path, "review", start, {"a.yaml": b"x\n"}, "subject")
    assert git("rev-parse", "review") == start
