"""Create a repository: what `cardops init` writes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cardops.commands.templates import CONFIG_TEXT, EXAMPLE_ACCOUNT, IGNORE_TEXT, OTHER_ACCOUNT
from cardops.commands.workspace import write_atomically
from cardops.desired.sources import CONFIG
from cardops.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Scaffold:
    """The first content of cardops.yaml. `others` are further accounts, ids by alias."""

    repository: str
    region: str
    home: str
    others: Mapping[str, str] = field(default_factory=dict)


def name_repository(name: str) -> str:
    """Add a random suffix to a repository's name. Raises UsageError for a name that leaves no room for it."""
    if len(name) > 15:
        raise UsageError(f"{name!r} is longer than 15 characters, which leaves no room for the suffix")
    return f"{name}-{secrets.token_hex(2)}"


def require_account_id(home: str) -> None:
    """Raises UsageError for anything but an account id."""
    if not (len(home) == 12 and home.isdecimal()):
        raise UsageError(f"{home!r} is not an account id", "an account id has 12 digits")


def scaffold(folder: Path, begin: Scaffold) -> None:
    """Write the first files. Raises UsageError for a folder that has a cardops.yaml."""
    if (folder / CONFIG).exists():
        raise UsageError(f"{folder / CONFIG} exists already", "nothing was changed")
    require_account_id(begin.home)
    try:
        for part in ("cards", "shares", "policies/schemas"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageError(f"{folder} cannot be written: {problem.strerror}") from problem
    for schema in sorted((Path(__file__).parent.parent / "schemas").glob("*.schema.json")):
        write_atomically(folder / "policies/schemas" / schema.name, schema.read_text(encoding="utf-8"))
    if not (folder / ".gitignore").exists():
        write_atomically(folder / ".gitignore", IGNORE_TEXT)
    others = [OTHER_ACCOUNT.format(alias=alias, id=account) for alias, account in begin.others.items()]
    more = "\n".join(others or [EXAMPLE_ACCOUNT])
    text = CONFIG_TEXT.format(repository=begin.repository, region=begin.region, home=begin.home, others=more)
    write_atomically(folder / CONFIG, text)
