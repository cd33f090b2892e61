"""A repository with rules of its own, copied for each test."""

import shutil
from pathlib import Path

import pytest

from support.edited_repository import RULES, EditedRepository
from support.generated_repository import commit, git, write_repository


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "repository"
    write_repository(root, 8)
    (root / "policies/own.yaml").write_text(RULES, "utf-8")
    commit(root, "rules of our own")
    git(root, "tag", "start")
    return root


@pytest.fixture
def repository(made: Path, tmp_path: Path, request: pytest.FixtureRequest) -> EditedRepository:
    shutil.copytree(made, tmp_path / "repository")
    git(tmp_path / "repository", "status")
    return EditedRepository(tmp_path / "repository", getattr(request, "param", 0))
