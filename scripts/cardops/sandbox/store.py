"""Atomic persistence of the state as JSON."""

import dataclasses
import fcntl
import json
import os
import tempfile
import time
import types
import typing
from functools import cache
from pathlib import Path
from typing import IO, Any

from cardops.sandbox.state import State

MAX_SHARE_OF_TIME = 0.05


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def decode(kind: Any, value: Any) -> Any:
    """Build a value of the annotated type from plain JSON; raises TypeError for fields that the type lacks."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        inner = next(argument for argument in arguments if argument is not type(None))
        return None if value is None else decode(inner, value)
    if origin is dict:
        return {key: decode(arguments[1], item) for key, item in value.items()}
    if origin is list:
        return [decode(arguments[0], item) for item in value]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: decode(hints[name], item) for name, item in value.items()})
    return value


def encode(value: Any) -> Any:
    """Return dataclasses as dicts, for json.dumps; everything below them is JSON already."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    raise TypeError(f"not JSON: {type(value).__name__}")


class BadDataFile(ValueError):
    """A data file that cannot be used: damaged, in use, or in a folder that does not exist."""


class DataFile:
    """A file that holds the State.

    A save costs time in proportion to the whole state. ``save`` therefore skips when the last one is so recent that
    saving would take more than 5 % of the time, and ``flush`` (called when the sandbox is idle or ends, and before a
    crash that a fault asks for) writes what was skipped. Only a SIGKILL can lose the last moment.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock_path = path.with_name(f".{path.name}.lock")
        self._dirty = False
        self._not_before = 0.0
        self._held: IO[str] | None = None

    def load(self) -> State:
        """Return the saved state, or an empty one without a file; raises BadDataFile."""
        self._lock()
        try:
            return self._read()
        except BadDataFile:
            self.release()
            raise

    def _read(self) -> State:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return State()
        except (OSError, ValueError) as error:
            raise BadDataFile(f"{self._path} cannot be read: {error}.") from error
        try:
            state: State = decode(State, json.loads(text))
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            message = f"{self._path} is not a data file of this version of the sandbox, or it is damaged ({error})."
            raise BadDataFile(f"{message} Move it away to start empty.") from error
        return state

    def _lock(self) -> None:
        """Lock the file for this process, as long as it runs or until release."""
        if not self._path.parent.is_dir():
            raise BadDataFile(f"The folder {self._path.parent} does not exist. Create it first.")
        name = self._lock_path
        try:
            self._held = name.open("a")
        except OSError as error:
            raise BadDataFile(f"{name} cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._held.close()
            self._held = None
            message = f"Another sandbox keeps its state in {self._path}. Stop it, or use another file."
            raise BadDataFile(message) from error

    def release(self) -> None:
        """Let another sandbox use the file."""
        if self._held is not None:
            self._lock_path.unlink(missing_ok=True)
            self._held.close()
            self._held = None

    def save(self, state: State) -> None:
        """Mark the state as changed, and write unless the last write is too recent."""
        self._dirty = True
        if time.monotonic() >= self._not_before:
            self.flush(state)

    def flush(self, state: State) -> None:
        """Write pending changes."""
        if not self._dirty:
            return
        started = time.monotonic()
        text = json.dumps(state, default=encode, ensure_ascii=False)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(self._path)
        self._dirty = False
        ended = time.monotonic()
        self._not_before = ended + (ended - started) / MAX_SHARE_OF_TIME - (ended - started)
