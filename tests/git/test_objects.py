"""Commits by any name, through one process of git."""

import subprocess
from pathlib import Path

import pytest

from cardops.git.objects import Objects
from cardops.git.repository import Repository
from cardops.model.errors import GitError
from support.git_repository import TeamRepository


@pytest.fixture
def repo(tmp_path: Path) -> TeamRepository:
    return TeamRepository(tmp_path / "repository")


def test_a_commit_by_any_name_and_its_parents(repo: TeamRepository) -> None:
    repo.branch("one/two")
    second = repo.commit("second")
    repo.git("tag", "-a", "-m", "a tag", "v1")
    revisions = Repository(repo.root)
    names = ["HEAD", "one/two", second[:9], "v1", "HEAD^{/sec}", "main@{0}", second]
    assert [revisions.resolve(name) for name in names] == [second] * 5 + [repo.first, second]
    assert revisions.parents(second) == [repo.first]
    assert revisions.parents(repo.first) == []


@pytest.mark.parametrize(
    "name", ["nowhere", "HEAD:cards", "", "main\nHEAD", "main\0", "^main", "HEAD..main", "nö\udcff"]
)
def test_what_is_no_commit_is_not_known(repo: TeamRepository, name: str) -> None:
    revisions = Repository(repo.root)
    with pytest.raises(GitError, match="git does not know the revision"):
        revisions.resolve(name)
    assert revisions.resolve("HEAD") == repo.first, "the answers that follow are those to other questions"


def test_a_name_is_asked_for_again_and_a_hash_is_not(repo: TeamRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    revisions = Repository(repo.root)
    assert revisions.head() == repo.first
    second = repo.commit("second")
    assert revisions.head() == second
    monkeypatch.setattr(Objects, "_ask", lambda *_: pytest.fail("asked again"))
    assert revisions.resolve(repo.first) == repo.first


def test_one_process_answers_until_it_is_closed(repo: TeamRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*arguments: object, **options: object) -> object:
        started.append(real(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    objects = Objects(repo.root)
    assert objects.commit("HEAD") == objects.commit("main")
    assert len(started) == 1
    objects.close()
    objects.close()
    assert started[0].returncode is not None
    assert objects.commit("main")
    assert len(started) == 2
    del objects
    assert started[1].returncode is not None, "it ends with what asked"


def test_what_git_complains_about_is_said(repo: TeamRepository) -> None:
    objects = Objects(repo.root)
    repo.write(".git/HEAD", "spoilt")
    with pytest.raises(GitError, match="not a git repository"):
        objects.commit("HEAD")


def test_a_process_that_is_gone_is_an_error(repo: TeamRepository) -> None:
    objects = Objects(repo.root)
    objects.commit("HEAD")
    process = objects._process
    assert process
    process.kill()
    process.wait()
    with pytest.raises(GitError, match="ended before"):
        objects.commit("main")
    assert objects.commit("main"), "and the next question starts another one"


def test_below_the_top_and_outside_of_a_repository_there_is_no_history(repo: TeamRepository, tmp_path: Path) -> None:
    for root in (repo.root / "cards", tmp_path):
        with pytest.raises(GitError, match="not the top of a git repository"):
            Repository(root).head()
    (repo.root / "cards/.git").mkdir()
    with pytest.raises(GitError, match="not the top of a git repository"):
        Repository(repo.root / "cards").head()


def test_git_has_to_be_there(repo: TeamRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="git was not found"):
        Objects(repo.root).commit("HEAD")


def test_a_work_tree_beside_the_first_one_knows_where_its_clone_ends(repo: TeamRepository, tmp_path: Path) -> None:
    repo.commit("second")
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(tmp_path / "shallow"))
    repo.root = tmp_path / "shallow"
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "beside"))
    revisions = Repository(tmp_path / "beside")
    assert revisions.is_shallow()
    with pytest.raises(GitError, match="shallow clone ends"):
        revisions.parents(revisions.head())
