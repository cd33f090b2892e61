"""What earlier runs kept counts for the very code that found it, and for no other."""

import os
import shutil
from pathlib import Path

import pytest

from cardops.cache import fingerprint

FILE = "policy/evaluator.py"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of cardops, which a test may change, and a repository beside it."""
    copy = tmp_path / "package"
    shutil.copytree(fingerprint.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    monkeypatch.setattr(fingerprint, "PACKAGE", copy)
    return copy


def _known(package: Path) -> bool:
    """Whether what a run kept is there for this one, which knows only what is in files. Keeps it for the next one."""
    fingerprint._tool.cache_clear()
    cache = fingerprint.open_result_cache(package.parent / "repository", "cards", "the same key")
    assert cache is not None
    found = cache.get("a card") is not None
    cache.put("a card", ["a result"])
    cache.save()
    return found


def test_the_same_code_knows_what_it_found(package: Path) -> None:
    assert [_known(package), _known(package)] == [False, True]


def test_a_change_of_the_same_length_with_the_time_set_back_is_seen(package: Path) -> None:
    _known(package)
    file = package / FILE
    before, text = file.stat(), file.read_text("utf-8")
    file.write_text(text.replace("rule", "role", 1), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file.read_text("utf-8") != text
    assert not _known(package)


def test_a_file_that_was_only_touched_says_the_same(package: Path) -> None:
    _known(package)
    (package / FILE).touch()
    assert _known(package)


@pytest.mark.parametrize("file", ["policy/another.py", "schemas/another.json", "another.py"])
def test_a_file_more_is_other_code(package: Path, file: str) -> None:
    _known(package)
    (package / file).write_text("", "utf-8")
    assert not _known(package)


def test_a_name_that_moves_between_folders_is_other_code(package: Path) -> None:
    _known(package)
    (package / FILE).rename(package / "workers" / "evaluator.py")
    assert not _known(package)


def test_other_libraries_are_another_key(package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _known(package)
    (tmp_path / "site" / "ryaml-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert not _known(package)
