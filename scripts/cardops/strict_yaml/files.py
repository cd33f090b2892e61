"""Read regular files only. Links, folders and devices are refused."""

import os
import stat

from cardops.model.errors import UnreadableFileError
from cardops.strict_yaml.errors import MAX_BYTES

_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_PIECE = 1 << 16


def read_regular(path: str) -> bytes:
    """All that the file holds, and at most one byte more than a document may have.

    Raises Unreadable for a link, a folder, a device and such, and for what cannot be read.
    """
    try:
        descriptor = os.open(path, _READING)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode):
                return _read(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from None
    raise UnreadableFileError(f"this is {_describe(status.st_mode)}, not a file", "put a regular file in its place")


def _read(descriptor: int, size: int) -> bytes:
    """`size` is what the file held a moment ago."""
    data = os.read(descriptor, min(size, MAX_BYTES) + 1)
    while len(data) <= MAX_BYTES and (more := os.read(descriptor, min(_PIECE, MAX_BYTES + 1 - len(data)))):
        data += more
    return data


def _unreadable(path: str, error: OSError) -> UnreadableFileError:
    if os.path.islink(path):  # noqa: PTH114 - asked of a path as it came
        return UnreadableFileError("this is a symbolic link, not a file", "put the file itself in its place")
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return UnreadableFileError(f"the file cannot be read: {reason}", "check that it exists and may be read")


def _describe(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")
