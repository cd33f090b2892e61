"""Bytes that one process puts aside for another: in memory, the contents of ten thousand cards would fill it."""

import os
import weakref


class Shelf:
    """A file without a name. Make it before the process that puts something there; it ends with this object."""

    def __init__(self) -> None:
        import tempfile

        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - as below
        weakref.finalize(self, self._file.close)
        self._end = 0

    def put(self, data: bytes) -> tuple[int, int]:
        """Where `get` finds it. Raises OSError, as where no space is left."""
        start, place = self._end, self._file.fileno()
        while self._end < start + len(data):
            self._end += os.pwrite(place, data[self._end - start :], self._end)
        return start, len(data)

    def get(self, start: int, size: int) -> bytes:
        """What was put there."""
        return os.pread(self._file.fileno(), size, start)
