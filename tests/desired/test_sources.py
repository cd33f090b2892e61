"""What lies in a work tree instead of a file becomes a finding."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import Overlay, WorkTree, kind_of
from cardops.model.errors import UnreadableFileError
from cardops.strict_yaml.errors import MAX_BYTES


def rules(root: Path) -> list[str]:
    return [f"{f.location.path} {f.rule}" for f in load_repository(WorkTree(root)).findings]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("cardops.yaml", "config"),
        ("cards/a.yaml", "card"),
        ("cards/team/deep/a.yml", "card"),
        ("shares/a.yaml", "share"),
        ("cards/.a.yaml", None),
        ("cards/a.json", None),
        ("a.yaml", None),
        ("policies/cards/a.yaml", None),
        ("cards", None),
    ],
)
def test_a_path_says_what_a_file_declares(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def to_outside(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def to_a_card(path: Path) -> None:
    path.symlink_to("churn.yaml")


def to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("make", [to_outside, to_a_card, to_itself, os.mkfifo, Path.mkdir])
def test_what_is_no_file_is_unreadable(root: Path, make: Callable[[Path], None]) -> None:
    make(root / "cards" / "x.yaml")
    assert rules(root) == ["cards/x.yaml file/unreadable"]
    assert load_repository(WorkTree(root)).unreadable


def test_cards_in_a_folder_named_like_a_file_are_read(root: Path) -> None:
    (root / "cards" / "x.yaml").mkdir()
    (root / "cards" / "churn.yaml").rename(root / "cards" / "x.yaml" / "churn.yaml")
    assert load_repository(WorkTree(root)).considered.cards == 1


def test_a_linked_folder_is_not_followed_and_not_overlooked(root: Path) -> None:
    (root / "cards").rename(root / "elsewhere")
    (root / "cards").symlink_to("elsewhere")
    (root / "shares" / "team").symlink_to("../elsewhere")
    result = load_repository(WorkTree(root))
    assert {f.location.path for f in result.findings if f.rule == "file/unreadable"} == {"cards", "shares/team"}
    assert result.unreadable
    assert result.unreadable_shares


def test_a_file_without_permission_is_unreadable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "secret")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableFileError, match="Permission denied"):
        WorkTree(root).read("cardops.yaml")


def test_a_large_file_is_not_read_to_its_end(root: Path) -> None:
    (root / "cards" / "large.yaml").write_bytes(b"#" * (MAX_BYTES + 100))
    assert len(WorkTree(root).read("cards/large.yaml")) == MAX_BYTES + 1
    assert rules(root) == ["cards/large.yaml yaml/too-large"]


def test_a_file_that_vanishes_is_unreadable(root: Path) -> None:
    with pytest.raises(UnreadableFileError):
        WorkTree(root).read("cards/gone.yaml")


def test_a_name_that_is_not_utf8_can_be_printed(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/cards/\xff.yaml")).write_text("")
    [finding] = load_repository(WorkTree(root)).findings
    assert str(finding).encode().startswith(b"cards/\\xff.yaml:1:1: yaml/empty")


def test_an_empty_folder_has_no_configuration(tmp_path: Path) -> None:
    result: Loaded = load_repository(WorkTree(tmp_path))
    assert (result.desired, [finding.rule for finding in result.findings]) == (None, ["file/missing"])


def test_an_overlay_hides_the_file_below_and_passes_the_others_through(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(name)
    (tmp_path / "cardops.yaml").write_text("below")
    over = Overlay({"cardops.yaml": b"above", "cards/new.yaml": b"new"}, WorkTree(tmp_path))
    assert over.paths() == ["cardops.yaml", "cards/new.yaml"]
    assert (over.read("cardops.yaml"), over.read("cards/new.yaml"), over.read("a.yaml")) == (b"above", b"new", b"a")


def test_an_overlay_of_nothing_has_only_its_own_files() -> None:
    assert Overlay({"a": b"1"}).paths() == ["a"]
    with pytest.raises(KeyError):
        Overlay({"a": b"1"}).read("b")
