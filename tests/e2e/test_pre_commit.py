"""pre-commit itself runs our hooks: a bad commit is refused with its place, a good one is made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cardops.cli.app import COMMANDS

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
GOOD = ROOT / "tests" / "fixtures" / "good"


def manifest() -> dict[str, dict[str, Any]]:
    """What other repositories can use, by id."""
    return {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}


def pre_commit(*arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments], cwd=root, capture_output=True, text=True, check=False
    )


class Repository:
    """A scratch repository with our validate hook, run by this Python in place of an installation."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = Path(shutil.copytree(GOOD, root))
        self.environment = os.environ | {
            "PRE_COMMIT_HOME": str(home),
            "PYTHONPATH": str(SCRIPTS),
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "ada@example.org" for who in ("AUTHOR", "COMMITTER")},
        }
        hook = manifest()["cardops-validate"]
        local = hook | {"language": "system", "entry": hook["entry"].replace("cardops", f"{sys.executable} -m cardops")}
        config = yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]})
        (self.root / ".pre-commit-config.yaml").write_text(config, "utf-8")
        self.run("git", "init", "-q", "-b", "main")
        self.run(sys.executable, "-m", "pre_commit", "install")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)

    def commit(self) -> subprocess.CompletedProcess[str]:
        self.run("git", "add", "-A")
        return self.run("git", "commit", "-m", "change")

    def commits(self) -> int:
        return len(self.run("git", "log", "--format=%h").stdout.split())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository", tmp_path / "pre-commit")


def test_a_good_commit_is_made_and_a_bad_one_refused_with_its_place(repository: Repository) -> None:
    done = repository.commit()
    assert (done.returncode, repository.commits()) == (0, 1), done.stderr
    assert "Passed" in done.stderr
    card = repository.root / "cards" / "churn.yaml"
    good = card.read_text("utf-8")
    card.write_text(good.replace("status: ", "status: Very"), "utf-8")
    refused = repository.commit()
    assert (refused.returncode, repository.commits()) == (1, 1)
    assert "cards/churn.yaml:2:9: schema/enum deny: " in refused.stderr
    card.write_text(good, "utf-8")
    (repository.root / "README.md").write_text("words\n", "utf-8")
    assert (repository.commit().returncode, repository.commits()) == (0, 2)


def test_removing_a_card_that_a_share_names_is_refused(repository: Repository) -> None:
    assert repository.commit().returncode == 0
    (repository.root / "cards" / "churn.yaml").unlink()
    refused = repository.commit()
    assert (refused.returncode, repository.commits()) == (1, 1)
    assert "shares/churn.yaml:2:9: reference/unknown-card deny: " in refused.stderr


def test_pre_commit_accepts_the_manifest_and_the_configuration() -> None:
    for arguments in (["validate-manifest", ".pre-commit-hooks.yaml"], ["validate-config", ".pre-commit-config.yaml"]):
        done = pre_commit(*arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_hooks_of_this_repository_come_from_nowhere_else() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [source["repo"] for source in config["repos"]] == ["local"]
    [source] = config["repos"]
    assert {hook["language"] for hook in source["hooks"]} == {"system"}
    assert {hook["id"] for hook in source["hooks"]} >= manifest().keys()


def test_hooks_run_commands_of_the_installed_console_script() -> None:
    hooks = manifest()
    assert hooks.keys() == {"cardops-validate", "cardops-policy-test"}
    for name, hook in hooks.items():
        program, command, *_ = hook["entry"].split()
        assert (program, hook["language"], hook["pass_filenames"]) == ("cardops", "python", False)
        assert command in COMMANDS or name == "cardops-policy-test"
