"""Cards as plans need them: their content and value are the same, whoever read them and whenever."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cardops.commands.workspace import load_governed
from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import WorkTree
from cardops.git.objects import Objects
from cardops.git.repository import Repository
from cardops.git.trees import Tree
from cardops.model import canonical
from cardops.model.errors import GitError, UnreadableFileError
from cardops.validation import scanner as scan
from cardops.validation.subjects import RuleSubjects
from support.generated_repository import commit, write_repository

NUMBERS = """
  additional_information:
    custom_details: {n: "1.0"}
  training_details:
    training_job_details:
      training_metrics:
        - {name: whole, value: 1.0}
        - {name: exponent, value: 2e3}
        - {name: part, value: 0.125}
        - {name: integer, value: 7}
"""
COPY = """\
name: copied
status: Draft
owner: team-a
aggregate_from: {account: ml-dev, card: churn}
"""
TODAY = "2026-11-01"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "repository"
    write_repository(root, 6, statuses=("Draft",))
    text = f"name: numbers\nstatus: Draft\nowner: team-a\ncontent:{NUMBERS}"
    (root / "cards/numbers.yaml").write_text(text, "utf-8")
    (root / "cards/copied.yaml").write_text(COPY, "utf-8")
    (root / "cards/spoiled.yaml").write_text("name: &a b\n", "utf-8")
    commit(root, "others")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "repository")
    return tmp_path / "repository"


def told(loaded: Loaded) -> str:
    """All that plans and rules may see of the cards; as JSON, where 1 is not 1.0."""
    assert loaded.desired is not None
    subjects = RuleSubjects(loaded, loaded.desired)
    cards = [
        [
            *card._replace(text=b"", tags=dict(card.tags))[:3],
            card.content.decode(),
            *card[4:],
            dict(sorted(subjects.card(key).value.items())),
        ]
        for key, card in sorted(loaded.desired.cards.items())
    ]
    found = [str(finding) for finding in loaded.findings]
    rest = [loaded.considered, loaded.declared, sorted(loaded.broken), loaded.unreadable]
    return json.dumps([cards, found, rest], default=str, sort_keys=True)


@pytest.mark.parametrize("small", [2, 128])
def test_cards_are_the_same_however_they_were_read(root: Path, monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    monkeypatch.setattr(scan, "CARDS_PER_PROCESS", small)
    wanted = told(load_repository(WorkTree(root), today=TODAY, keep=True))
    assert '"value": 1.0' in wanted  # as it is written
    assert '\\"value\\":1}' in wanted  # as it is sent
    revisions = Repository(root)
    tree = revisions.tree("HEAD")
    assert told(load_governed(WorkTree(root), today=TODAY)) == wanted
    assert not (root / ".git/cardops").exists()
    assert told(load_governed(tree, today=TODAY)) == wanted
    assert told(load_governed(WorkTree(root), today=TODAY, cached=True)) == wanted
    scans = []
    monkeypatch.setattr(scan.Scanner, "_scan", lambda *_: scans.append(1))
    assert told(load_governed(WorkTree(root), today=TODAY, cached=True)) == wanted
    assert told(load_governed(tree, today=TODAY, cached=True)) == wanted
    assert scans == []


def test_no_cache_keeps_content(root: Path) -> None:
    load_governed(WorkTree(root), today=TODAY, cached=True)
    (kept,) = (root / ".git/cardops").glob("planned-*.json")
    assert "purpose_of_model" not in kept.read_text("utf-8")
    assert "exponent" not in kept.read_text("utf-8")


def test_a_card_that_changes_under_a_plan_ends_it(root: Path) -> None:
    load_governed(WorkTree(root), today=TODAY, cached=True)
    loaded = load_governed(WorkTree(root), today=TODAY, cached=True)
    assert loaded.desired is not None
    cards = {card.key.name: card for card in loaded.desired.cards.values()}
    path = root / cards["numbers"].location.path
    path.write_text(path.read_text("utf-8").replace("0.125", "0.25"), "utf-8")
    with pytest.raises(UnreadableFileError, match="was changed while"):
        cards["numbers"].content  # noqa: B018 - it is read now
    path.write_text("name: &a b\n", "utf-8")
    with pytest.raises(UnreadableFileError, match="was changed while"):
        cards["numbers"].content  # noqa: B018
    path.write_text("- a\n", "utf-8")
    with pytest.raises(UnreadableFileError, match="was changed while"):
        cards["numbers"].content  # noqa: B018
    path.unlink()
    with pytest.raises(UnreadableFileError, match="was changed while"):
        cards["numbers"].content  # noqa: B018


@pytest.mark.parametrize(
    ("value", "same"),
    [({"a": [1, 0.5, "1.0", None, True]}, True), ({"a": [{"b": 1.0}]}, False), (3.0, False), ({"a": {}}, True)],
)
def test_what_canonical_json_leaves_alone(value: Any, same: bool) -> None:
    assert canonical.is_canonical(value) is same
    assert (json.dumps(canonical.from_bytes(canonical.to_bytes(value))) == json.dumps(value)) is same


def test_a_git_that_fails_in_a_child_is_told_of_by_the_parent(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Objects):
        def blob(self, hashed: str) -> bytes:
            raise GitError("gone")

    monkeypatch.setattr(scan, "CARDS_PER_PROCESS", 2)
    wanted = told(load_governed(WorkTree(root), today=TODAY))
    monkeypatch.setattr(Tree, "reader", lambda self: Broken(self.root))
    edited = root / "cards/numbers.yaml"
    edited.write_text(edited.read_text("utf-8") + "# edited\n", "utf-8")
    assert told(load_governed(Repository(root).tree("HEAD"), today=TODAY)) == wanted


def test_a_commit_is_read_from_the_work_tree_only_where_that_has_the_very_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "CARDS_PER_PROCESS", 2)
    tree = Repository(root).tree("HEAD")
    wanted = told(load_governed(tree, today=TODAY))
    asked = tree.read
    with monkeypatch.context() as patched:
        patched.setattr(tree, "read", lambda path: pytest.fail(path) if path.startswith("cards/") else asked(path))
        loaded = load_governed(tree, today=TODAY)
    assert told(loaded) == wanted
    edited, linked, gone, *_ = sorted((root / "cards").glob("family*"))
    edited.write_text(edited.read_text("utf-8").replace("Draft", "Approved"), "utf-8")
    linked.rename(root / "elsewhere.yaml")
    linked.symlink_to(root / "elsewhere.yaml")
    gone.unlink()
    assert told(load_governed(Repository(root).tree("HEAD"), today=TODAY)) == wanted
