"""What differs from a base, told by one look at the index: what git says when it looks at every file again."""

import random
import subprocess
from pathlib import Path

import pytest

from cardops.git.index import bytes_of, read_index, unchanged
from cardops.git.log import FileChange
from cardops.git.process import run_git
from cardops.git.repository import Repository
from cardops.git.trees import DECLARED, Tree
from support.git_repository import TeamRepository


@pytest.fixture
def repo(tmp_path: Path) -> TeamRepository:
    repo = TeamRepository(tmp_path / "repository")
    for name in ("one", "two", "three", "four"):
        repo.card("Draft", f"the purpose of {name}", name)
    repo.write("shares/s.yaml", "name: s\n")
    repo.write("policies/p.yaml", "rules: []\n")
    repo.commit("more")
    repo.branch()
    return repo


def plainly(repo: TeamRepository, base: str) -> list[tuple[str, str, str]]:
    """The kinds, paths and earlier paths as git itself tells them, file by file."""
    told = run_git(repo.root, ["diff", "--name-status", "-z", "-M", base, "--", *DECLARED]).decode().split("\0")[:-1]
    found = []
    while told:
        letter, path = told.pop(0)[0], told.pop(0)
        kind = {"A": "added", "D": "removed", "R": "renamed"}.get(letter, "modified")
        found.append((kind, told.pop(0) if letter == "R" else path, "" if kind == "added" else path))
    others = run_git(repo.root, ["ls-files", "-o", "--exclude-standard", "-z", "--", *DECLARED]).decode().split("\0")
    return sorted([*found, *(("added", path, "") for path in others if path)], key=lambda one: one[1])


def edit(repo: TeamRepository, chance: random.Random) -> str:
    """Something that may happen to a work tree, to the index, or to both."""
    cards = sorted(path for path in (repo.root / "cards").rglob("*") if path.is_file() or path.is_symlink())
    card = chance.choice(cards)
    what = chance.choice(["edit", "add", "remove", "move", "link", "stage", "commit", "unstage", "mode", "new", "hide"])
    if what == "edit" and not card.is_symlink():
        card.write_text(f"{card.read_text('utf-8')}# {chance.random()}\n", "utf-8")
    elif what == "remove" and len(cards) > 2:
        card.unlink()
    elif what == "move":
        card.rename(repo.root / "cards" / f"moved-{chance.randint(0, 3)}.yaml")
    elif what == "link":
        card.unlink()
        card.symlink_to("../shares/s.yaml")
    elif what == "mode":
        card.chmod(0o755)
    elif what == "new":
        repo.write(f"cards/sub/new {chance.randint(0, 3)}.yaml", "name: new\n")
    elif what == "stage":
        repo.git("add", "-A")
    elif what == "commit":
        repo.commit("edits")
    elif what == "unstage":
        repo.git("reset", "-q")
    elif what == "add":
        repo.git("add", "-N", ".")
    elif what == "hide" and str(card.relative_to(repo.root)) in repo.git("ls-files").splitlines():
        repo.git("update-index", "--assume-unchanged", str(card.relative_to(repo.root)))
    return what


@pytest.mark.parametrize("seed", range(6))
def test_any_work_tree_and_index(repo: TeamRepository, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - which edit comes next
    done = []
    for _ in range(15):
        done.append(edit(repo, chance))
        revisions = Repository(repo.root)
        looked = read_index(repo.root, DECLARED)
        found = revisions.changed("main", looked)
        assert [(one.kind, one.path, one.before) for one in found] == plainly(repo, "main"), done
        known, asked = revisions.tree("main"), Tree(repo.root, "main")
        assert known.paths() == asked.paths(), done
        assert known.hashes == asked.hashes, done
        assert [known.read(path) for path in known.hashes] == [asked.read(path) for path in known.hashes]
        for path, blob in looked.hashes.items():
            assert repo.git("hash-object", path) == blob, done
        revisions.close()


def test_a_clean_work_tree_is_looked_at_once(repo: TeamRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.card("PendingReview", "changed", "one")
    repo.git("mv", "cards/two.yaml", "cards/second.yaml")
    repo.commit("edits")
    repo.write("cards/other.yaml", "name: other\n")
    asked: list[str] = []
    real = subprocess.run

    def run(command: list[str], **options: object) -> object:
        asked.append(" ".join(command[1:3]))
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", run)
    revisions = Repository(repo.root)
    started = revisions.resolve("main")
    found = revisions.changed(started, read_index(repo.root, DECLARED))
    assert [(one.kind, one.path, one.before) for one in found] == [
        ("modified", "cards/one.yaml", "cards/one.yaml"),
        ("added", "cards/other.yaml", ""),
        ("renamed", "cards/second.yaml", "cards/two.yaml"),
    ]
    assert revisions.tree("main").paths()
    assert asked == ["rev-parse --show-toplevel", "ls-files -c", "diff --cached"]


def test_what_was_a_link_has_no_blob(repo: TeamRepository) -> None:
    repo.git("checkout", "-q", "main")
    (repo.root / "cards/link.yaml").symlink_to("one.yaml")
    repo.commit("a link")
    repo.git("checkout", "-q", "change")
    repo.git("merge", "-q", "main")
    (repo.root / "cards/link.yaml").unlink()
    repo.write("cards/link.yaml", "name: link\n")
    repo.commit("no link")
    revisions = Repository(repo.root)
    assert revisions.changed("main") == [FileChange("modified", "cards/link.yaml", "cards/link.yaml")]
    assert "cards/link.yaml" not in revisions.tree("main").hashes
    assert "cards/link.yaml" in revisions.tree("main").paths()


def test_where_git_converts_nothing_is_known(repo: TeamRepository) -> None:
    assert unchanged(repo.root, "cards")
    repo.git("config", "core.autocrlf", "true")
    looked = read_index(repo.root, DECLARED)
    assert looked.hashes
    assert not bytes_of(repo.root, looked)
    assert not unchanged(repo.root, "cards")
    assert not unchanged(repo.root.parent, ".")
