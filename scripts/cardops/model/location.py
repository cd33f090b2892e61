"""A place in a file."""

from typing import NamedTuple


class Location(NamedTuple):
    """`path` is relative to the repository's root, with forward slashes; `line` and `column` count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
