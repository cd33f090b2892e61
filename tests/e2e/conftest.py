"""One sandbox and one scratch repository a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cardops.sandbox.core.server import Sandbox
from support.github_team import GitHubTeam
from support.workspace import PERMITTING, Workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Workspace]:
    """A fresh sandbox with a repository of no cards and one share."""
    with Sandbox(options=PERMITTING) as sandbox:
        found = Workspace(tmp_path / "repository", sandbox.url)
        yield found
        found.close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHubTeam]:
    """A repository of three applied cards: two drafts, and one under review."""
    with Sandbox(options=PERMITTING) as sandbox:
        made = GitHubTeam(tmp_path, sandbox.url)
        yield made
        made.world.close()
