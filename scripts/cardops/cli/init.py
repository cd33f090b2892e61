"""`cardops init`: a repository to start from."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from cardops.cli.options import CONFIG, write_atomically
from cardops.commands.templates import CONFIG_TEXT, EXAMPLE_ACCOUNT, IGNORE_TEXT, OTHER_ACCOUNT
from cardops.model.errors import UsageError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--name", default="ml-governance", show_default=True, help="The repository's name, without suffix.")
@click.option("--region", default="eu-west-1", show_default=True, help="The region cards live in by default.")
@click.option("--home", default="111111111111", show_default=True, help="The account id that owns the cards.")
@click.option("--github", is_flag=True, help="Write CODEOWNERS and workflows, into a repository that may be there.")
@click.option("--tool", default="", metavar="OWNER/NAME@COMMIT", help="With --github: workflows too, which call this.")
@click.option("--organization", default="", help="With --github: whose teams owners and groups are.")
@click.option("--check", is_flag=True, help="With --github: write nothing, exit 1 when CODEOWNERS is out of step.")
def command(
    folder: Path, name: str, region: str, home: str, github: bool, tool: str, organization: str, check: bool
) -> int:
    """Start a repository: cardops.yaml, cards/, shares/ and policies/schemas/.

    A random suffix goes on the repository's name, so that two copies never own the same card.

    \b
    Examples:
      cardops init governance --home 123456789012 --region eu-central-1
      cardops init --github --organization example-org --tool example-org/cardops@COMMIT
      cardops init --github --check
    """
    if (check or tool or organization) and not github:
        raise UsageError("--check, --tool and --organization go with --github")
    if github and (folder / CONFIG).exists():
        from cardops.github import scaffold as init_github

        return init_github.check(folder, organization) if check else init_github.write(folder, tool, organization)
    if check:
        raise UsageError(f"no {CONFIG} in {folder}", "run `cardops init --github` first")
    if github:
        from cardops.github import scaffold as init_github

        init_github.require_scaffold(folder, tool, organization)
    scaffold(folder, Scaffold(name_repository(name), region, home))
    if github:
        init_github.write(folder, tool, organization)
    click.echo("next: put your accounts into cardops.yaml, then `cardops new card NAME`")
    return 0


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What cardops.yaml says at first; `others` are further accounts, ids by alias."""

    repository: str
    region: str
    home: str
    others: Mapping[str, str] = field(default_factory=dict)


def name_repository(name: str) -> str:
    """A repository's name with a random suffix. Raises UsageError for a name that leaves no room for it."""
    if len(name) > 15:
        raise UsageError(f"{name!r} is longer than 15 characters, which leaves no room for the suffix")
    return f"{name}-{secrets.token_hex(2)}"


def require_account_id(home: str) -> None:
    """Raises UsageError for what is no account id."""
    if not (len(home) == 12 and home.isdecimal()):
        raise UsageError(f"{home!r} is no account id", "an account id has 12 digits")


def scaffold(folder: Path, begin: Scaffold) -> None:
    """Writes the files; refuses a folder that has a cardops.yaml."""
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
    click.echo(f"{folder / CONFIG}: repository {begin.repository}")
