"""Build the documentation site from docs/ and the code: `make docs`.

Reference pages are generated from what the code knows: commands and options from click, the fields of files from the
JSON schemas. Nothing generated is committed, so it cannot be out of date.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cardops.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "build" / "docs" / "src"
SCHEMAS = ROOT / "scripts" / "cardops" / "schemas"
FILES = {"config": "cardops.yaml", "card": "cards/*.yaml", "share": "shares/*.yaml"}
TOP = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
LINK_UP = re.compile(r"\]\((?:\.\./)+(CHANGELOG|CONTRIBUTING|SECURITY)\.md")
LINK_DOWN = re.compile(r"\]\(docs/")


def main() -> int:
    """Write build/docs/src and run mkdocs on it. Returns mkdocs' exit code."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "docs", SOURCE)
    for name in TOP:
        text = (ROOT / name).read_text(encoding="utf-8")
        (SOURCE / name).write_text(LINK_DOWN.sub("](", text), encoding="utf-8")
    for page in SOURCE.rglob("*.md"):
        up = "../" * (len(page.relative_to(SOURCE).parts) - 1)
        page.write_text(LINK_UP.sub(rf"]({up}\1.md", page.read_text(encoding="utf-8")), encoding="utf-8")
    reference = SOURCE / "reference"
    reference.mkdir(exist_ok=True)
    (reference / "commands.md").write_text("\n".join(commands_page()), encoding="utf-8")
    (reference / "files.md").write_text("\n".join(files_page()), encoding="utf-8")
    return subprocess.run(
        [sys.argv[1], "-m", "mkdocs", "build", "--strict", "--quiet"], cwd=ROOT, check=False
    ).returncode


def commands_page() -> Iterator[str]:
    """Yield the lines of the page about every command and option."""
    yield "# Commands\n"
    yield "Every command takes `--help`. Exit codes are explained in [Troubleshooting](../troubleshooting.md).\n"
    with click.Context(app, info_name="cardops") as context:
        yield from _commands(app, context)


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        with click.Context(command, info_name=name, parent=context) as own:
            yield from _command(command, own)
            if isinstance(command, click.Group):
                yield from _commands(command, own)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path}\n"
    text, _, examples = (command.help or "").partition("\b")
    yield " ".join(text.split()) + "\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```console\n{context.command_path} {usage}\n```\n"
    options = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    rows = [record for record in options if record is not None and not record[0].startswith("--help")]
    if rows:
        yield "| Option | Meaning |\n|---|---|"
        yield from (f"| `{_cell(name)}` | {_cell(meaning)} |" for name, meaning in rows)
        yield ""
    shown = [line.strip() for line in examples.splitlines() if line.strip() and not line.strip().startswith("Example")]
    if shown:
        yield "```console\n" + "\n".join(shown) + "\n```\n"


def files_page() -> Iterator[str]:
    """Yield the lines of the page about the fields of cardops.yaml, cards and shares."""
    yield "# Files\n"
    yield "The fields of each kind of file, from its JSON schema. A star marks a required field.\n"
    for kind, path in FILES.items():
        schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
        yield f"## {path}\n"
        yield f"{schema.get('description', '')}\n"
        yield "| Field | Type | Meaning |\n|---|---|---|"
        yield from _fields(schema, schema.get("$defs", {}), "")
        yield ""


def _fields(schema: dict[str, Any], shared: dict[str, Any], at: str) -> Iterator[str]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        reference = part.get("$ref", "").removeprefix("#/$defs/")
        part = {**shared.get(reference, {}), **part}
        star = "\\*" if name in required else ""
        kinds = part.get("enum") or part.get("type", "")
        kind = " or ".join(map(str, kinds)) if isinstance(kinds, list) else kinds
        yield f"| `{at}{name}`{star} | {_cell(kind)} | {_cell(part.get('description', ''))} |"
        items = part.get("items") if part.get("type") == "array" else None
        inner = {**shared.get(str((items or {}).get("$ref", "")).removeprefix("#/$defs/"), {}), **(items or {})}
        yield from _fields(inner if items else part, shared, f"{at}{name}{'[]' if items else ''}.")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
