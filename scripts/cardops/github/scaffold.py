"""Write what `cardops init --github` adds: workflows that call cardops' own, and the owners in CODEOWNERS."""

import re
from pathlib import Path

from cardops.commands.templates import WORKFLOWS
from cardops.commands.workspace import load_workspace, write_atomically
from cardops.github.codeowners import block, block_of, organization_of, with_block
from cardops.model.desired import Desired
from cardops.model.errors import UsageError

TOOL = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)@(?P<commit>[0-9a-f]{40})")
CODEOWNERS = "CODEOWNERS"


def write(root: Path, tool: str, organization: str) -> list[tuple[str, str]]:
    """Write the block of CODEOWNERS, and with a tool the workflows that are missing.

    Returns each path with what was done. Raises UsageError, with nothing written, for what `require_scaffold` refuses.
    """
    require_scaffold(root, tool, organization)
    done = _write_workflows(root, tool) if tool else []
    owners = _text(root)
    write_atomically(root / CODEOWNERS, with_block(owners, block(_desired(root), _organization(organization, owners))))
    return [*done, (CODEOWNERS, "up to date")]


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


def _write_workflows(root: Path, tool: str) -> list[tuple[str, str]]:
    """Write the workflows that are missing. Existing files stay as they are."""
    found, done = _tool(tool), []
    for name, text in WORKFLOWS.items():
        path = root / ".github" / "workflows" / f"cardops-{name}.yml"
        shown = str(path.relative_to(root))
        if path.exists():
            done.append((shown, "exists, and stays as it is"))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.replace("TOOL", found["repository"]).replace("COMMIT", found["commit"]))
        done.append((shown, "written"))
    return done


def check(root: Path, organization: str) -> list[tuple[str, str]] | None:
    """Return the outdated lines of CODEOWNERS as ("-" or "+", line); None if it has no block of ours."""
    owners = _text(root)
    there = block_of(owners)
    if not there:
        return None
    return _differences(there.splitlines(), block(_desired(root), _organization(organization, owners)).splitlines())


def _differences(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    return [("-", line) for line in before if line not in after] + [("+", line) for line in after if line not in before]


def _organization(given: str, owners: str) -> str:
    found = given or organization_of(owners)
    if not found:
        raise UsageError(
            "Cannot infer the GitHub organization: CODEOWNERS has no teams yet.", "Pass --organization NAME."
        )
    return found


def _desired(root: Path) -> Desired:
    return load_workspace(root).desired


def _text(root: Path) -> str:
    path = root / CODEOWNERS
    return path.read_text(encoding="utf-8") if path.is_file() else ""
