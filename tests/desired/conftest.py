"""Repositories made of the good fixture with files over it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import WorkTree

GOOD = Path(__file__).parent.parent / "fixtures" / "good"
Repository = Callable[..., Loaded]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the good repository."""
    return Path(shutil.copytree(GOOD, tmp_path / "repository"))


@pytest.fixture
def loaded(root: Path) -> Repository:
    """Loads the good repository with some files replaced: `loaded({"cards/a.yaml": "..."})`."""

    def load(files: dict[str, str] | None = None) -> Loaded:
        for path, text in (files or {}).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        return load_repository(WorkTree(root))

    return load
