"""The front door: a checkout that leaves files out is not planned."""

from pathlib import Path

import pytest

from cardops.commands.workspace import load_workspace
from cardops.model.errors import UsageError
from support.git_repository import TeamRepository


@pytest.fixture
def team(tmp_path: Path) -> TeamRepository:
    return TeamRepository(tmp_path / "repository")


@pytest.mark.parametrize("worktree", [False, True])
def test_a_sparse_checkout_is_refused_where_a_missing_card_counts(team: TeamRepository, worktree: bool) -> None:
    root = team.root
    if worktree:
        root = team.root.parent / "linked"
        team.git("worktree", "add", "-q", "-b", "linked", str(root))
    team.git("-C", str(root), "sparse-checkout", "set", "--no-cone", "/*", "!cards/")
    with pytest.raises(UsageError, match="this checkout is sparse"):
        load_workspace(root, governed=True)
    assert load_workspace(root).desired.cards == {}
    team.git("-C", str(root), "sparse-checkout", "disable")
    assert len(load_workspace(root, governed=True).desired.cards) == 1
