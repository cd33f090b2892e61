"""Golden files: the exact output of a renderer, renewed with `pytest --update-golden`."""

import re
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "render" / "golden"
DIGEST = re.compile(r"\b[0-9a-f]{32}\b")
"""Digests have tests of their own; here they would only change whenever a step does."""

Golden = Callable[[str, str], None]


def check_golden(name: str, text: str, update: bool = False) -> None:
    """Compare a text with the golden file of that name, or write the file."""
    text = DIGEST.sub("DIGEST", text)
    path = FOLDER / name
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    assert path.is_file(), f"There is no golden file {name}. Run pytest --update-golden and read the file."
    assert f"{text}\n" == path.read_text(encoding="utf-8")
