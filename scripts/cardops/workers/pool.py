"""Many pieces of work by several processes with a few threads each, told of while they are done.

A thread that calls AWS holds Python's lock for most of the time, so that the threads of one process hardly use more
than one core. A process ends before its next piece when the one that started it is gone.
"""

import gc
import json
import os
import selectors
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Lock
from typing import Any, NoReturn, Self

from cardops.workers.queue import Portions

Do = Callable[[int], Any]
PIECE = 1 << 16
_BUG = 70


def abreast(prepare: Callable[[], Do], count: int, processes: int, threads: int) -> Iterator[tuple[int, Any]]:
    """The number of each piece with what it found, which has to be JSON, as they are done.

    `prepare` is called once in each process. Pieces of a process that was ended from outside are left out.
    Raises RuntimeError for a bug in the work.
    """
    with ExitStack() as stack:
        numbers = stack.enter_context(Portions(range(count)))
        started = [stack.enter_context(_Process(prepare, numbers, threads)) for _ in range(processes)]
        for line in _lines([process.told for process in started]):
            number, found = json.loads(line)
            yield number, found
        if _BUG in [process.end() for process in started]:
            raise RuntimeError("a step failed in a way that cardops does not know")


class _Process:
    def __init__(self, prepare: Callable[[], Do], numbers: Iterable[int], threads: int) -> None:
        self.told, telling = os.pipe()
        parent = os.getpid()
        self._process = os.fork()
        if self._process == 0:
            _work(prepare, numbers, threads, telling, parent)
        os.close(telling)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            self.end()
        os.close(self.told)

    def end(self) -> int:
        """Waits for it. Its exit code."""
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        return os.waitstatus_to_exitcode(status)


def _work(prepare: Callable[[], Do], numbers: Iterable[int], threads: int, telling: int, parent: int) -> NoReturn:
    code = _BUG
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent says what there is to say
        gc.freeze()  # collecting would touch, and so copy, all that was inherited
        do, alone, told = prepare(), Lock(), os.fdopen(telling, "wb")

        def work() -> None:
            for number in numbers:
                if os.getppid() != parent:
                    os._exit(0)
                line = json.dumps((number, do(number))).encode() + b"\n"
                with alone:
                    told.write(line)
                    told.flush()

        with ThreadPoolExecutor(threads) as pool:
            for started in [pool.submit(work) for _ in range(threads)]:
                started.result()
        code = 0
    finally:
        os._exit(code)


def _lines(places: Iterable[int]) -> Iterator[bytes]:
    """Whole lines from each place, in the order in which they come, until all of them have ended."""
    with selectors.DefaultSelector() as selector:
        rest = dict.fromkeys(places, b"")
        for place in rest:
            selector.register(place, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, PIECE)
                if not data:
                    selector.unregister(key.fd)
                *lines, rest[key.fd] = (rest[key.fd] + data).split(b"\n")
                yield from lines
