"""What a conversion leaves out, and why."""

from typing import NamedTuple

from cardops.desired.problems import Path, quote


class Unmapped(NamedTuple):
    """`path` leads to a part of what is converted; `why` never holds that part's value."""

    path: Path
    why: str

    def __str__(self) -> str:
        return f"{quote(self.path)}: {self.why}"


class Inexpressible(Exception):
    """A share or card that files cannot say as it is; the text says why. Nothing is guessed."""
