"""Which merges are still to be applied, from the records of runs."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from cardops.github.client import GitHub
from cardops.github.merged_pulls import MergedPulls


class Platform(GitHub):
    """Every commit came with a pull request of its own."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def all(self, path: str) -> list[dict[str, Any]]:
        self.asked.append(path.split("/")[1])
        return [{"number": len(self.asked), "merged_at": "2026-06-01T10:00:00Z"}]


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
    MergedPulls(tmp_path, platform, records).pulls()
    return platform.asked


def test_what_came_after_the_last_whole_run_is_left(tmp_path: Path, commits: list[str]) -> None:
    assert left(tmp_path, record(commits[0]), record(commits[2])) == commits[3:]
    assert left(tmp_path, record(commits[0]), record(commits[2], complete=False)) == commits[1:]


def test_a_run_of_one_partition_finishes_nothing_for_the_others(tmp_path: Path, commits: list[str]) -> None:
    assert left(tmp_path, record(commits[0]), record(commits[2], "111111111111/eu-west-1")) == commits[1:]
