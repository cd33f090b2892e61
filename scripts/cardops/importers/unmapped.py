"""Report the parts of a source that a conversion left out, and why."""

from typing import NamedTuple

from cardops.desired.problems import Path, quote


class Unmapped(NamedTuple):
    """A part of the source that was left out: its path and the reason, which never quotes its value."""

    path: Path
    why: str

    def __str__(self) -> str:
        return f"{quote(self.path)}: {self.why}"


class Inexpressible(Exception):
    """A card or share that a file cannot describe exactly; the message says why. Nothing is guessed."""
