"""Only regular files are read, all of them that a document may have, and never through a link."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cardops.model.errors import UnreadableFileError
from cardops.strict_yaml import files as regular
from cardops.strict_yaml.errors import MAX_BYTES


@pytest.mark.parametrize("size", [0, 3, 70_000, MAX_BYTES, 2 * MAX_BYTES])
@pytest.mark.parametrize("length", [0, 1, 100_000, MAX_BYTES, MAX_BYTES + 100])
def test_all_of_a_file_is_read_whatever_its_size_was_said_to_be(tmp_path: Path, size: int, length: int) -> None:
    (tmp_path / "grows.yaml").write_bytes(b"ab" * (length // 2) + b"c" * (length % 2))
    with (tmp_path / "grows.yaml").open("rb") as file:
        found = regular._read(file.fileno(), size)
    assert found == (tmp_path / "grows.yaml").read_bytes()[: MAX_BYTES + 1]


def test_a_disk_that_fails_on_the_way_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, "secret")

    (tmp_path / "x.yaml").write_text("a: 1")
    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(UnreadableFileError, match="cannot be read: Input/output error"):
        regular.read_regular(str(tmp_path / "x.yaml"))


@pytest.mark.parametrize(
    ("make", "said", "hint"),
    [
        (lambda path: path.symlink_to("/etc/hostname"), "a symbolic link, not a file", "put the file itself"),
        (lambda path: path.symlink_to("nowhere"), "a symbolic link, not a file", "put the file itself"),
        (lambda path: path.mkdir(), "a folder, not a file", "put a regular file"),
        (os.mkfifo, "a named pipe, not a file", "put a regular file"),
        (lambda path: None, "cannot be read: No such file or directory", "check that it exists"),
    ],
)
def test_what_is_no_regular_file_is_said(tmp_path: Path, make: Callable[[Path], None], said: str, hint: str) -> None:
    path = tmp_path / "x.yaml"
    make(path)
    with pytest.raises(UnreadableFileError, match=said) as told:
        regular.read_regular(str(path))
    assert told.value.hint.startswith(hint)
    assert told.value.message.startswith(("this is ", "the file "))
