"""A problem with a document, before it has a file: places are paths into the value."""

from typing import NamedTuple

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """`path` leads to what is wrong, or to its key when `at_key`; the message never holds content."""

    path: Path
    message: str
    rule: str
    hint: str = ""
    at_key: bool = False


def quote(path: Path) -> str:
    """A path as people write it: `content.evaluation_details[0].name`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_short(step)}" for step in path)
    return text.removeprefix(".") or "the document"


def _short(key: str) -> str:
    return key if len(key) <= 60 else key[:60] + "…"
