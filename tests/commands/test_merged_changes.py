"""Which merges are still to be applied, from the records of runs."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from cardops.commands.merged_changes import MergedChanges
from cardops.github.platform import GitHubPlatform


class Platform(GitHubPlatform):
    """Every commit came with a pull request of its own."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def merged_as(self, commit: str) -> list[int]:
        self.asked.append(commit)
        return [len(self.asked)]


@pytest.fixture
def commits(tmp_path: Path) -> list[str]:
    """Four on main, oldest first."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    made = []
    for number in range(4):
        (tmp_path / "cards").mkdir(exist_ok=True)
        (tmp_path / "cards/a.yaml").write_text(f"name: a{number}\n")
        git("add", "-A")
        git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", str(number))
        made.append(git("rev-parse", "HEAD"))
    return made


def record(commit: str, *partitions: str, complete: bool = True) -> dict[str, Any]:
    return {"scope": "all", "commit": commit, "complete": complete, "partitions": list(partitions)}


def left(tmp_path: Path, *records: dict[str, Any]) -> list[str]:
    platform = Platform()
    MergedChanges(tmp_path, platform, records, lambda _: True, print).numbers()
    return platform.asked


def test_what_came_after_the_last_whole_run_is_left(tmp_path: Path, commits: list[str]) -> None:
    assert left(tmp_path, record(commits[0]), record(commits[2])) == commits[3:]
    assert left(tmp_path, record(commits[0]), record(commits[2], complete=False)) == commits[1:]


def test_a_run_of_one_partition_finishes_nothing_for_the_others(tmp_path: Path, commits: list[str]) -> None:
    assert left(tmp_path, record(commits[0]), record(commits[2], "111111111111/eu-west-1")) == commits[1:]
