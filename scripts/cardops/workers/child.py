"""Work that may hang, exhaust memory or crash, done in a child process that says where it is.

The child inherits what it works on by fork, so nothing is copied in; what it finds out comes back through a file.
Before each piece of work it notes its number in shared memory. When it dies, that number names the culprit, and a
new child goes on with the next one.
"""

import faulthandler
import itertools
import json
import mmap
import os
import resource
import signal
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from io import BufferedReader, RawIOBase
from typing import IO, Any, NamedTuple, NoReturn, Self, cast

from cardops.model.errors import GitError

CPU_SECONDS = 1.0
"""For one rule and one case. The first one in a new child also compiles, which may take half of it under load."""

MEMORY = 512 << 20
PORTION = 1 << 20
"""So many bytes of what a child found are made values at a time."""

Do = Callable[[int], Any]

_BUG = 70
_NUMBER = struct.Struct("q")


class ChildDied(NamedTuple):
    """The piece of work that ended the child, and how."""

    number: int
    reason: str


class ChildDone(NamedTuple):
    """The result of a piece of work; pieces without a result are left out."""

    number: int
    found: Any


def run(prepare: Callable[[], Do], count: int, first: int = 0) -> Iterator[ChildDone | ChildDied]:
    """Do the pieces of work from `first` to `count`; ends after the last one, or after Died.

    `prepare` is called in the child. What a piece of work finds has to be JSON; None is nothing.
    Raises RuntimeError for a bug in the work.
    """
    with Child(prepare, range(first, count)) as child:
        yield from child.results()


class Child:
    """A child at work from the moment that this is made; several work side by side. `seconds`: for each piece."""

    def __init__(self, prepare: Callable[[], Do], numbers: range, seconds: float = CPU_SECONDS) -> None:
        self._shared = mmap.mmap(-1, _NUMBER.size)
        _NUMBER.pack_into(self._shared, 0, numbers.start)
        # A file and not a pipe: what is told waits there, and no child has to wait until another one is read.
        self._told = nameless_file()
        self._process = os.fork()
        if self._process == 0:
            _work(prepare, numbers, seconds, self._shared, self._told.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        self._told.close()
        self._shared.close()

    def results(self) -> Iterator[ChildDone | ChildDied]:
        """Yield the results once the child has ended. Raises RuntimeError for a bug in the work."""
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        self._told.seek(0)
        yield from self._told_so_far()
        code = os.waitstatus_to_exitcode(status)
        if code == _BUG:
            raise RuntimeError("a rule's evaluation failed in a way that cardops does not know")
        if code:
            spent = code == -signal.SIGPROF
            reason = f"it took more than {CPU_SECONDS:g} s" if spent else "it needs too much memory, or crashes"
            yield ChildDied(_NUMBER.unpack_from(self._shared)[0], reason)

    def _told_so_far(self) -> Iterator[ChildDone]:
        """Portion by portion, since all may be a hundred MiB; each as one list, which is quicker than line by line."""
        with BufferedReader(cast(RawIOBase, self._told), PORTION) as told:
            while lines := told.readlines(PORTION):
                whole = lines if lines[-1].endswith(b"\n") else lines[:-1]  # who dies may leave half a line
                yield from itertools.starmap(ChildDone, json.loads(b"[%s]" % b",".join(whole)))


def processors() -> int:
    """How many processes can work at one time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def nameless_file() -> IO[bytes]:
    """A file for what a child tells: in memory where the system has such files, for it is small."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("cardops"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def _work(prepare: Callable[[], Do], numbers: range, seconds: float, shared: mmap.mmap, told: int) -> NoReturn:
    code = _BUG
    try:
        _confine()
        do = prepare()
        for number in numbers:
            _NUMBER.pack_into(shared, 0, number)
            signal.setitimer(signal.ITIMER_PROF, seconds)
            found = do(number)
            if found is not None:
                _write(told, json.dumps((number, found)).encode() + b"\n")
        signal.setitimer(signal.ITIMER_PROF, 0)  # the time was for the work, not for what happens at an exit
        code = 0
    except (MemoryError, GitError):
        code = 1
    finally:
        os._exit(code)


def _confine() -> None:
    """Die of time and memory at once; say nothing, since what libraries print holds content."""
    faulthandler.disable()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb") as usage:  # noqa: PTH123 - no path object is needed here
            used = int(usage.read().split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = used + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most), most))


def _write(told: int, data: bytes) -> None:
    while data:
        data = data[os.write(told, data) :]
