"""`cardops init`: a repository to start from."""

import secrets
from pathlib import Path

import click

from cardops.cli.repository import CONFIG, write_whole
from cardops.cli.templates import CONFIG_TEXT, IGNORE_TEXT
from cardops.errors import UsageError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--name", default="ml-governance", show_default=True, help="The repository's name, without suffix.")
@click.option("--region", default="eu-west-1", show_default=True, help="The region cards live in by default.")
@click.option("--home", default="111111111111", show_default=True, help="The account id that owns the cards.")
def command(folder: Path, name: str, region: str, home: str) -> int:
    """Start a repository: cardops.yaml, cards/, shares/ and policies/schemas/.

    A random suffix goes on the repository's name, so that two copies never own the same card.

    \b
    Example:
      cardops init governance --home 123456789012 --region eu-central-1
    """
    return init(folder, name, region, home)


def init(folder: Path, name: str, region: str, home: str) -> int:
    """Writes the files; refuses a folder that has a cardops.yaml."""
    if (folder / CONFIG).exists():
        raise UsageError(f"{folder / CONFIG} exists already", "nothing was changed")
    if len(name) > 15:
        raise UsageError(f"{name!r} is longer than 15 characters, which leaves no room for the suffix")
    if not (len(home) == 12 and home.isdecimal()):
        raise UsageError(f"{home!r} is no account id", "an account id has 12 digits")
    repository = f"{name}-{secrets.token_hex(2)}"
    try:
        for part in ("cards", "shares", "policies/schemas"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageError(f"{folder} cannot be written: {problem.strerror}") from problem
    for schema in sorted((Path(__file__).parent.parent / "schemas").glob("*.schema.json")):
        write_whole(folder / "policies/schemas" / schema.name, schema.read_text(encoding="utf-8"))
    write_whole(folder / ".gitignore", IGNORE_TEXT)
    write_whole(folder / CONFIG, CONFIG_TEXT.format(repository=repository, region=region, home=home))
    click.echo(f"{folder / CONFIG}: repository {repository}")
    click.echo("next: put your accounts into cardops.yaml, then `cardops new card NAME`")
    return 0
