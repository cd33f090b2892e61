"""`cardops init`: create a repository."""

from pathlib import Path

import click

from cardops.cli.options import Command, folder_type
from cardops.commands.scaffold import Scaffold, name_repository, scaffold
from cardops.desired.sources import CONFIG
from cardops.github import scaffold as on_github
from cardops.model.errors import ExitCode, UsageError


@click.command(cls=Command)
@click.argument("folder", type=folder_type(), default=Path())
@click.option("--name", default="ml-governance", show_default=True, help="The repository's name, without suffix.")
@click.option("--region", default="eu-west-1", show_default=True, help="The region cards live in by default.")
@click.option("--home", default="111111111111", show_default=True, help="The account id that owns the cards.")
@click.option("--github", is_flag=True, help="Write CODEOWNERS and workflows, also into an existing repository.")
@click.option("--tool", default="", metavar="OWNER/NAME@COMMIT", help="With --github: workflows too, which call this.")
@click.option("--organization", default="", help="With --github: the organization of the teams that own files.")
@click.option("--check", is_flag=True, help="With --github: write nothing, exit 1 when CODEOWNERS is out of date.")
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
        return _check(folder, organization) if check else _write(folder, tool, organization)
    if check:
        raise UsageError(f"no {CONFIG} in {folder}", "run `cardops init --github` first")
    if github:
        on_github.require_scaffold(folder, tool, organization)
    first = Scaffold(name_repository(name), region, home)
    scaffold(folder, first)
    click.echo(f"{folder / CONFIG}: repository {first.repository}")
    if github:
        _write(folder, tool, organization)
    click.echo("next: put your accounts into cardops.yaml, then `cardops new card NAME`")
    return ExitCode.DONE


def _write(folder: Path, tool: str, organization: str) -> int:
    for path, what in on_github.write(folder, tool, organization):
        click.echo(f"{path}: {what}")
    return ExitCode.DONE


def _check(folder: Path, organization: str) -> int:
    """DENIED when the lines that cardops wrote into CODEOWNERS are out of date; DONE also where it wrote none."""
    differences = on_github.check(folder, organization)
    if differences is None:
        click.echo(f"{on_github.CODEOWNERS} has no lines of cardops")
    elif not differences:
        click.echo(f"{on_github.CODEOWNERS} is up to date.")
    else:
        click.echo("\n".join(f"{sign} {line}" for sign, line in differences))
        click.echo(f"{on_github.CODEOWNERS} is out of date. Run `cardops init --github` to update it.", err=True)
        return ExitCode.DENIED
    return ExitCode.DONE
