"""What people feel on one card: validate never imports what only AWS needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.git_repository import TeamRepository
from support.merge_gate import RULE, approve

SCRIPTS = Path(__file__).parents[2] / "scripts"
PROGRAM = """\
import json, sys
from cardops.cli.app import run
code = run(sys.argv[1:])
print(json.dumps([int(code), sorted(sys.modules)]))
"""


def modules(repo: TeamRepository, *arguments: str) -> tuple[int, set[str]]:
    command = [sys.executable, "-c", PROGRAM, "validate", "-C", str(repo.root), *arguments]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    code, names = json.loads(done.stdout.splitlines()[-1])
    return code, set(names)


def test_validate_imports_neither_boto3_nor_without_a_base_git_and_pyyaml(tmp_path: Path) -> None:
    repo = TeamRepository(tmp_path / "repository")
    repo.write("policies/lifecycle.yaml", RULE)
    repo.commit("rules")
    approve(repo)
    code, names = modules(repo)
    assert code == 0
    assert not names & {"boto3", "botocore", "git", "yaml", "jsonschema"}
    repo.card("Approved", "in other words")
    code, names = modules(repo)
    assert code == 0
    assert {"jsonschema_rs", "cel_expr_python"} <= names  # before processes are divided, and not once in each
    code, names = modules(repo, "--base", "main")
    assert code == 0
    assert not names & {"boto3", "botocore"}
