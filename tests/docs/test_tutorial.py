"""The commands of docs/tutorial.md, run in their order against a sandbox."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardops.sandbox.core.server import Sandbox
from support.workspace import OWNER, SCRIPTS

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCKS = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.strip()]
EXPECTED = {"cardops drift": 2}
"""Exit codes other than 0: drift found the contribution."""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that the page asks for, with the programs of this environment first."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "cardops"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={SCRIPTS} exec {sys.executable} -m cardops "$@"\n')
    program.chmod(0o755)
    with Sandbox() as sandbox:
        yield {
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
            "GIT_PAGER": "cat",
            "AWS_PAGER": "",
            "AWS_ENDPOINT_URL": sandbox.url,
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": f"AKIA{OWNER}0000",
            "AWS_SECRET_ACCESS_KEY": "any",
        }


def test_every_command_does_what_the_page_says(environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "governance"
    folder.mkdir()
    printed: dict[str, str] = {}
    for command in COMMANDS:
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == EXPECTED.get(command, 0), f"{command}\n{done.stdout}\n{done.stderr}"
        printed[command] = done.stdout
    assert len(COMMANDS) > 15
    assert "lead-ranking" in printed["cardops status"]
    assert "contributed" in printed["cardops drift"]
    assert "Sales" in printed["git diff"]
