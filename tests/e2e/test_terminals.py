"""What a command says where its output cannot go, and where git has nothing yet: exit codes and words, no bug."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.workspace import SCRIPTS, Workspace

FULL = Path("/dev/full")


def run(world: Workspace, stdout: int, *arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a command that prints into `stdout`."""
    environment = world.environment() | {"PYTHONPATH": str(SCRIPTS)}
    command = [sys.executable, "-m", "cardops", *arguments]
    with subprocess.Popen(
        command, cwd=world.root, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is not None:
            process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    return process.returncode, said


@pytest.mark.parametrize("arguments", [["validate"], ["--help"]])
def test_when_nobody_reads_on_it_is_not_taken_for_findings(world: Workspace, arguments: list[str]) -> None:
    world.card("churn")
    code, said = run(world, subprocess.PIPE, *arguments)
    assert (code, said) == (3, "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_no_bug(world: Workspace) -> None:
    with FULL.open("w") as full:
        code, said = run(world, full.fileno(), "validate")
    assert code == 3
    assert said == "error: No space left on device (hint: make room or access, then run it again)\n"


def test_a_repository_without_a_commit_is_told_to_commit(world: Workspace) -> None:
    world.card("churn")
    done = world.cardops("plan")
    assert done.code == 3
    assert done.err == "error: this repository has no commit yet (hint: commit what is declared)\n"


def test_what_is_held_is_counted_and_named_once(world: Workspace) -> None:
    world.card("theirs")
    world.client("111111111111").create_model_card(ModelCardName="theirs", Content="{}", ModelCardStatus="Draft")
    world.commit()
    why = "theirs (111111111111/eu-west-1): a live card of that name exists and cardops does not manage it"
    planned = world.cardops("plan")
    held = [line for line in planned.out.splitlines() if line.startswith(f"  {why}")]
    assert len(held) == 1, planned.out
    assert "Plan: nothing to do yet, 0 cards unchanged, 1 held. Digest " in planned.out
    applied = world.apply()
    assert applied.out.splitlines()[0].startswith("     held  theirs: a live card of that name exists")
    assert applied.out.endswith("Apply: nothing to do yet; 0 cards unchanged, 1 held.\n")


def test_a_file_of_rules_that_cannot_be_read_is_named_where_it_holds_everything(world: Workspace) -> None:
    world.card("churn")
    world.write("policies/broken.yaml", "rules: 3\n")
    world.commit()
    planned = world.cardops("plan")
    assert planned.code == 1
    held = "  churn (111111111111/eu-west-1): policies/broken.yaml:1:8: policy/value: rules must be a list"
    assert held in planned.out.splitlines()
