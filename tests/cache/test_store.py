"""A cache file that is not just what was written, under just this key, counts as empty."""

import json
from pathlib import Path

import pytest

from cardops.cache import store as cache
from cardops.cache.store import Cache, cache_folder, key_of

KEY = key_of("rules", b"schema")


def kept(place: Path, key: str = KEY) -> Path:
    """One result, written."""
    some = Cache(place, "cards", key)
    some.put("a card", {"findings": []})
    some.save()
    return place / f"cards-{key}.json"


def test_what_was_saved_is_found_again(tmp_path: Path) -> None:
    kept(tmp_path)
    assert Cache(tmp_path, "cards", KEY).get("a card") == {"findings": []}
    assert Cache(tmp_path, "cards", KEY).get("another") is None
    assert Cache(tmp_path, "cards", key_of("other rules")).get("a card") is None


@pytest.mark.parametrize("cut", [0, 1, 64, 65, 70, -1])
def test_cut_off(tmp_path: Path, cut: int) -> None:
    file = kept(tmp_path)
    file.write_bytes(file.read_bytes()[:cut])
    assert Cache(tmp_path, "cards", KEY).get("a card") is None


def test_one_changed_byte_anywhere(tmp_path: Path) -> None:
    file = kept(tmp_path)
    good = file.read_bytes()
    for at in range(len(good)):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert Cache(tmp_path, "cards", KEY).get("a card") is None, at


def test_a_file_of_another_key_under_this_name(tmp_path: Path) -> None:
    other = kept(tmp_path, key_of("laxer rules"))
    other.rename(tmp_path / f"cards-{KEY}.json")
    assert Cache(tmp_path, "cards", KEY).get("a card") is None


@pytest.mark.parametrize("body", [b"[]", b"null", b"[" * 100_000, b"\xff", json.dumps(["a card"]).encode()])
def test_a_sound_checksum_over_what_is_no_result(tmp_path: Path, body: bytes) -> None:
    (tmp_path / f"cards-{KEY}.json").write_bytes(key_of(KEY, body).encode() + b"\n" + body)
    assert Cache(tmp_path, "cards", KEY).get("a card") is None


def test_a_folder_or_a_pipe_in_its_place_is_no_error(tmp_path: Path) -> None:
    (tmp_path / f"cards-{KEY}.json").mkdir()
    some = Cache(tmp_path, "cards", KEY)
    some.put("a card", 1)
    some.save()
    assert Cache(tmp_path, "cards", KEY).get("a card") is None


def test_a_place_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    some = Cache(tmp_path / "file", "cards", KEY)
    some.put("a card", 1)
    some.save()
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_few_new_results_are_written_beside_the_others(tmp_path: Path) -> None:
    whole = kept(tmp_path)
    before = whole.read_bytes()
    some = Cache(tmp_path, "cards", KEY)
    some.put("new", 1)
    some.save()
    assert whole.read_bytes() == before
    assert [Cache(tmp_path, "cards", KEY).get(name) for name in ("a card", "new")] == [{"findings": []}, 1]


def test_many_new_results_replace_what_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    monkeypatch.setattr(cache, "FEW", 1)
    some = Cache(tmp_path, "cards", KEY)
    some.put("b", 1)
    some.put("c", 2)
    some.save()
    assert [Cache(tmp_path, "cards", KEY).get(name) for name in ("a card", "b", "c")] == [None, 1, 2]


def test_old_files_are_removed_and_none_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        kept(tmp_path, key_of(str(number)))
    assert len(list(tmp_path.iterdir())) == cache.MOST_FILES
    monkeypatch.setattr(cache, "MOST_BYTES", 10)
    assert not kept(tmp_path, key_of("large")).exists()
    assert Cache(tmp_path, "cards", key_of("19")).get("a card") is None


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    assert key_of("a", "b") != key_of("ab") != key_of("ab", "")


def test_results_live_in_the_git_directory(tmp_path: Path) -> None:
    assert cache_folder(tmp_path) is None
    (tmp_path / ".git").mkdir()
    assert cache_folder(tmp_path) == tmp_path / ".git" / "cardops"
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / ".git").write_text(f"gitdir: {tmp_path / '.git'}\n")
    assert cache_folder(linked) == tmp_path / ".git" / "cardops"
