"""`cardops init --github`: the workflows that call cardops' own, and CODEOWNERS in step with what is declared."""

import re
from pathlib import Path

import click

from cardops.cli.options import load_work_tree, write_atomically
from cardops.commands.templates import WORKFLOWS
from cardops.github.codeowners import block, block_of, organization_of, with_block
from cardops.model.desired import Desired
from cardops.model.errors import ExitCode, UsageError

TOOL = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)@(?P<commit>[0-9a-f]{40})")
CODEOWNERS = "CODEOWNERS"


def write(root: Path, tool: str, organization: str) -> int:
    """Writes the block of CODEOWNERS, and with a tool the workflows that are missing; nothing where it refuses."""
    require_scaffold(root, tool, organization)
    if tool:
        _write_workflows(root, tool)
    owners = _text(root)
    write_atomically(root / CODEOWNERS, with_block(owners, block(_desired(root), _organization(organization, owners))))
    click.echo(f"{CODEOWNERS}: in step with what is declared")
    return ExitCode.DONE


def require_scaffold(root: Path, tool: str, organization: str) -> None:
    """Raises UsageError for what `write` would refuse, before anything is written."""
    if tool:
        _tool(tool)
    _organization(organization, _text(root))


def _tool(given: str) -> re.Match[str]:
    found = TOOL.fullmatch(given)
    if found is None:
        raise UsageError("--tool is OWNER/NAME@COMMIT, with all 40 characters", "a tag can be moved, a commit cannot")
    return found


def _write_workflows(root: Path, tool: str) -> None:
    """Files that are there already stay as they are."""
    found = _tool(tool)
    for name, text in WORKFLOWS.items():
        path = root / ".github" / "workflows" / f"cardops-{name}.yml"
        if path.exists():
            click.echo(f"{path.relative_to(root)}: is there already, and stays as it is")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.replace("TOOL", found["repository"]).replace("COMMIT", found["commit"]))
        click.echo(f"{path.relative_to(root)}: written")


def check(root: Path, organization: str) -> int:
    """1 when the lines that cardops wrote into CODEOWNERS are out of step; 0 where it wrote none."""
    owners = _text(root)
    there = block_of(owners)
    if not there:
        click.echo(f"{CODEOWNERS} has no lines of cardops")
        return ExitCode.DONE
    wanted = block(_desired(root), _organization(organization, owners))
    if wanted == there:
        click.echo(f"{CODEOWNERS} is in step with what is declared")
        return ExitCode.DONE
    for sign, line in _differences(there.splitlines(), wanted.splitlines()):
        click.echo(f"{sign} {line}")
    click.echo(f"{CODEOWNERS} is out of step; `cardops init --github` writes it", err=True)
    return ExitCode.DENIED


def _differences(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    return [("-", line) for line in before if line not in after] + [("+", line) for line in after if line not in before]


def _organization(given: str, owners: str) -> str:
    found = given or organization_of(owners)
    if not found:
        raise UsageError("whose teams? CODEOWNERS names none yet", "pass --organization NAME")
    return found


def _desired(root: Path) -> Desired:
    desired = load_work_tree(root).desired
    if desired is None:
        raise UsageError("cardops.yaml cannot be used", "see `cardops validate`")
    return desired


def _text(root: Path) -> str:
    path = root / CODEOWNERS
    return path.read_text(encoding="utf-8") if path.is_file() else ""
