"""The ledger only grows, answers for any day, and leaves the work tree alone."""

import subprocess
from pathlib import Path

import pytest

from cardops.git.ledger import Ledger
from cardops.model.errors import GitError


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "file").write_text("staged")
    git(tmp_path, "add", "file")
    return tmp_path


def test_every_run_is_a_commit_on_top_of_the_one_before(root: Path) -> None:
    ledger = Ledger(root)
    assert ledger.pages() == []
    first = ledger.append({"runs/1.json": "one", "state/a.json": "old"}, "run 1")
    second = ledger.append({"runs/2.json": "two", "state/a.json": "new"}, "run 2")
    assert [page.commit for page in ledger.pages()] == [second, first]
    assert git(root, "rev-parse", "cardops-ledger^") == first
    assert ledger.read(second, "runs") == {"runs/1.json": "one", "runs/2.json": "two"}
    assert ledger.read(first, "state") == {"state/a.json": "old"}
    assert ledger.read(second, "state") == {"state/a.json": "new"}


def test_the_work_tree_and_the_index_stay_as_they_are(root: Path) -> None:
    before = git(root, "status", "--porcelain")
    Ledger(root).append({"runs/1.json": "one"}, "run 1")
    assert git(root, "status", "--porcelain") == before == "A  file"
    assert git(root, "symbolic-ref", "HEAD") == "refs/heads/main"


def test_it_answers_for_a_day_in_the_past(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(root)
    commits = {}
    for day in ("2026-03-01", "2026-03-03"):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T22:00:00Z")
        commits[day] = ledger.append({"state/a.json": day}, day)
    assert ledger.at("2026-02-28") == ""
    assert ledger.at("2026-03-01") == ledger.at("2026-03-02") == commits["2026-03-01"]
    assert ledger.at("2026-03-03T21:59:00Z") == commits["2026-03-01"]
    assert ledger.at("2026-03-03") == commits["2026-03-03"]


def test_a_ledger_that_was_only_fetched_is_read_and_continued(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first = Ledger(root).append({"runs/1.json": "one"}, "run 1")
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", str(root), ".")
    ledger = Ledger(clone)
    assert [page.commit for page in ledger.pages()] == [first]
    ledger.append({"runs/2.json": "two"}, "run 2")
    assert git(clone, "rev-parse", "cardops-ledger^") == first


def test_two_that_append_at_once_do_not_overwrite_each_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Ledger(root)
    first = late.append({"runs/1.json": "one"}, "run 1")
    monkeypatch.setattr(Ledger, "_local", lambda _: "")
    monkeypatch.setattr(Ledger, "tip", lambda _: "")
    with pytest.raises(GitError, match="update-ref"):
        late.append({"runs/2.json": "two"}, "run 2")
    assert git(root, "rev-parse", "cardops-ledger") == first
