"""What is kept of cards of which nothing was found: a label says no less than the record that it stands for."""

import shutil
from pathlib import Path

import pytest

from cardops.cache.store import Cache
from cardops.desired.cards import CardFile, read_card
from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree, blob_hash
from cardops.model.desired import ModelPackage
from cardops.validation import card_records as records
from cardops.validation.card_labels import Labelled, label_of
from support.edited_repository import EditedRepository
from support.generated_repository import git, write_repository

PATH = "cards/family-0000-model-01-v1.yaml"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "repository"
    write_repository(root, 4)
    return root


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> EditedRepository:
    shutil.copytree(made, tmp_path / "repository")
    git(tmp_path / "repository", "status")
    return EditedRepository(tmp_path / "repository", 0)


def read(repository: EditedRepository, more: str = "") -> CardFile:
    """The card, with `more` in its file."""
    repository.replace(repository.root / PATH, "\ncontent:", f"\n{more}\ncontent:")
    tree = WorkTree(repository.root)
    desired = load_repository(tree).desired
    assert desired
    return read_card(tree, PATH, desired.config, keep=True)


def remembered(repository: EditedRepository, file: CardFile, place: Path) -> CardFile:
    """The same, as another run sees it."""
    tree = WorkTree(repository.root)
    hashed = blob_hash(tree.read(PATH))
    name = f"{hashed} {PATH}"
    cards, summaries = Cache(place, "cards", "k"), Cache(place, "summaries", "k")
    records.keep(name, records.write(file, {}), cards, summaries)
    cards.save()
    summaries.save()
    cards, summaries = Cache(place, "cards", "k"), Cache(place, "summaries", "k")
    (text,) = cards.texts([name])
    assert text
    return records.remembered(tree, PATH, hashed, text, summaries)


@pytest.mark.parametrize("more", ["", "model_package: {group: customer-churn, version: 12}", "kms_key_id: alias/a-b"])
def test_a_label_says_what_the_file_says(repository: EditedRepository, tmp_path: Path, more: str) -> None:
    file = read(repository, more)
    again = remembered(repository, file, tmp_path)
    assert isinstance(again, Labelled)
    assert file.card
    assert again.card == file.card
    for name in ("key", "about", "brief", "package", "origin", "has_card", "path"):
        assert getattr(again, name) == getattr(file, name), name
    assert (list(again.findings), again.plain) == ([], "package" not in more)
    assert again.package == (ModelPackage("customer-churn", 12) if "package" in more else None)


@pytest.mark.parametrize("lost", ["", "[]", '{"a": 1}'])
def test_what_is_kept_apart_may_be_lost(repository: EditedRepository, tmp_path: Path, lost: str) -> None:
    file = read(repository)
    again = remembered(repository, file, tmp_path)
    (tmp_path / "summaries-k.json").unlink()
    if lost:
        summaries = Cache(tmp_path, "summaries", "k")
        summaries.put(f"{again.hash} {PATH}", [] if lost == "[]" else {"a": 1})
        summaries.save()
    assert again.about == file.about


def test_a_copy_and_what_was_found_in_a_card_are_kept_whole(repository: EditedRepository, tmp_path: Path) -> None:
    file = read(repository)
    assert file.card
    assert label_of(file, file.card)
    assert not label_of(file, file.card._replace(model_package=ModelPackage("a b", 1)))
    warned = read(repository, "ignore: [{path: content.a, reason: because, expires: 2020-13-01}]")
    assert warned.findings
    again = remembered(repository, warned, tmp_path)
    assert not isinstance(again, Labelled)
    assert [str(one) for one in again.findings] == [str(one) for one in warned.findings]
    path = repository.root / PATH
    head = path.read_text("utf-8").partition("\nignore:")[0]
    path.write_text(f"{head}\naggregate_from: {{account: ml-dev, card: churn}}\n", "utf-8")
    tree = WorkTree(repository.root)
    desired = load_repository(tree).desired
    assert desired
    copy = read_card(tree, PATH, desired.config, keep=True)
    assert copy.origin
    assert remembered(repository, copy, tmp_path / "other").origin == copy.origin


@pytest.mark.parametrize("more", ["", "model_package: {group: customer-churn, version: 12}"])
def test_what_no_other_run_looks_at_says_the_same_and_has_no_label(repository: EditedRepository, more: str) -> None:
    file = read(repository, more)
    record = records.write(file, {}, lasting=False)
    assert not record[0]
    once = records.Recorded(WorkTree(repository.root), PATH, "", record)
    assert once.brief == file.brief
    assert once.brief not in str(record)
    assert (once.package, once.plain) == (file.package, not more)


def test_a_file_that_is_gone_meanwhile_has_no_card(repository: EditedRepository, tmp_path: Path) -> None:
    again = remembered(repository, read(repository), tmp_path)
    (repository.root / PATH).unlink()
    assert again.card is None
