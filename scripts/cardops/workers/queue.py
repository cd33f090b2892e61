"""Work that several processes share: each takes the next few pieces when it has done those that it took.

Divided beforehand, pieces that take long may all be one process's, and the others wait for it.
"""

import os
import struct
from collections.abc import Iterator
from typing import Self

MOST = 1_000
"""Portions in all: what says so has to fit into a pipe that nobody reads yet."""
_FIRST = struct.Struct("i")


class Portions:
    """Some numbers. Make it before the processes; each piece of work is then done by one of them."""

    def __init__(self, numbers: range) -> None:
        self._numbers = numbers
        self._size = len(numbers) // MOST + 1
        self._told, telling = os.pipe()
        os.write(telling, b"".join(_FIRST.pack(first) for first in range(0, len(numbers), self._size)))
        os.close(telling)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        os.close(self._told)

    @property
    def start(self) -> int:
        """The first of the numbers."""
        return self._numbers.start

    def __iter__(self) -> Iterator[int]:
        while portion := os.read(self._told, _FIRST.size):
            (first,) = _FIRST.unpack(portion)
            yield from self._numbers[first : first + self._size]
