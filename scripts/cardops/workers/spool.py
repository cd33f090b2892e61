"""Bytes that one process puts aside for another: in memory, the contents of ten thousand cards would fill it."""

import os
import weakref
from typing import IO

from cardops.workers.child import nameless_file


class Shelf:
    """A file without a name. Make it before the process that puts something there; it ends with this object."""

    def __init__(self) -> None:
        self._file = _on_disk()
        weakref.finalize(self, self._file.close)
        self._end = 0

    def put(self, data: bytes) -> tuple[int, int]:
        """Where `get` finds it. Raises MemoryError where there is no room left."""
        start, place = self._end, self._file.fileno()
        try:
            while self._end < start + len(data):
                self._end += os.pwrite(place, data[self._end - start :], self._end)
        except OSError as problem:
            raise MemoryError(f"nothing can be put aside: {problem}") from problem
        return start, len(data)

    def get(self, start: int, size: int) -> bytes:
        """What was put there."""
        return os.pread(self._file.fileno(), size, start)


def _on_disk() -> IO[bytes]:
    """In memory all the same where no folder for such files can be written."""
    import tempfile

    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError:
        return nameless_file()
