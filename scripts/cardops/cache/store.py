"""Results of checks of single documents, kept between runs. Losing them costs time, never correctness.

A file holds the results of one set of inputs (its key: everything but the documents' own bytes), by document and hash
of its bytes. It starts with a checksum: what is cut off, of another key or otherwise not what was written counts as
empty. Its lines are names and results by turns, as JSON: reading it runs nothing, and parses only what is asked for.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path
from typing import Any

MOST_BYTES = 64 << 20
"""A file that would be larger is not written."""
MOST_FILES = 6
"""Of each kind; older ones are removed."""
CHECKSUM = 65
"""Bytes of the checksum, and the end of its line."""
FEW = 500
"""So many new results are written beside the others, which are written anew only from then on."""

Entries = dict[str, str]
"""Results as JSON, by their names as JSON."""


def cache_folder(root: Path) -> Path | None:
    """Return the cache folder in the repository's git directory, which is never committed. None without one."""
    git = root / ".git"
    with suppress(OSError, ValueError):
        if git.is_file():
            git = root / git.read_text("utf-8").removeprefix("gitdir:").strip()
        return git / "cardops" if git.is_dir() else None
    return None


def key_of(*parts: bytes | memoryview | str) -> str:
    """A hash of parts, each with its length, so that none can pass for another."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


class Cache:
    """The results of some kind (a word) under one key, read when somebody asks for one. Nothing that goes wrong with a
    file is an error.
    """

    def __init__(self, place: Path, kind: str, key: str) -> None:
        self._kind = kind
        self._files = (place / f"{kind}-{key}.json", place / f"{kind}-{key}.more.json")
        self._key = key
        self._new: Entries = {}
        self._used: set[str] = set()

    @cached_property
    def _found(self) -> Entries:
        return _read(self._files[0], self._key)

    @cached_property
    def _more(self) -> Entries:
        return _read(self._files[1], self._key)

    def get(self, name: str) -> Any:
        """The result, or None."""
        (text,) = self.texts([name])
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError):
            return None

    def texts(self, names: Sequence[str]) -> list[str | None]:
        """Results as JSON, unparsed; None for each that is not there."""
        quoted = [_quoted(name) for name in names]
        self._used.update(quoted)
        found = map(self._found.get, quoted)
        return (
            [self._more.get(name, text) for name, text in zip(quoted, found, strict=True)] if self._more else [*found]
        )

    def put(self, name: str, result: Any) -> None:
        """Keep a result, which has to be JSON and not None."""
        quoted = _quoted(name)
        self._used.add(quoted)
        self._new[quoted] = json.dumps(result, separators=(",", ":"))

    def save(self) -> None:
        """Write what is new, and forget most of what nobody has asked for. A place that cannot be written is left."""
        if not self._new:
            return
        self._more |= self._new
        self._new = {}
        whole, beside = self._files
        with suppress(OSError):
            whole.parent.mkdir(parents=True, exist_ok=True)
            if self._found and len(self._more) <= FEW:
                _write(beside, self._key, self._more)
                return
            kept = {name: result for name, result in self._found.items() if name in self._used}
            _write(whole, self._key, {**kept, **self._more})
            beside.unlink(missing_ok=True)
            _remove_older(whole.parent.glob(f"{self._kind}-*"))


def _read(path: Path, key: str) -> Entries:
    try:
        with path.open("rb", buffering=0) as file:
            whole = file.read() if os.fstat(file.fileno()).st_size <= MOST_BYTES else b""
        checksum, body = whole[:CHECKSUM], memoryview(whole)[CHECKSUM:]
        if checksum != _checksum(key, body):
            return {}
        lines = str(body, "ascii").split("\n")
        return dict(zip(lines[::2], lines[1::2], strict=True))
    except (OSError, ValueError):
        return {}


def _write(path: Path, key: str, entries: Entries) -> None:
    """Whole or not at all: another run may read it meanwhile."""
    body = "\n".join(chain.from_iterable(entries.items())).encode()
    data = _checksum(key, body) + body
    if len(data) > MOST_BYTES:
        return
    new = path.with_name(f".new-{os.getpid()}-{path.name}")
    new.write_bytes(data)
    new.replace(path)


def _checksum(key: str, body: bytes | memoryview) -> bytes:
    return key_of(key, body).encode() + b"\n"


def _remove_older(files: Iterable[Path]) -> None:
    for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[MOST_FILES:]:
        file.unlink(missing_ok=True)
