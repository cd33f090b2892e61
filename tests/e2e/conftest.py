"""One sandbox and one scratch repository a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cardops.sandbox.server import Sandbox
from e2e.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh sandbox with a repository of no cards and one share."""
    with Sandbox() as sandbox:
        found = World(tmp_path / "repository", sandbox.url)
        yield found
        found.close()
