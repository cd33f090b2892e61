"""`cardops pull`: write what was contributed to live cards into their files."""

from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.console import print_findings, print_unknown
from cardops.cli.options import (
    Command,
    format_option,
    read_events,
    repository_option,
    today_option,
    trail_option,
)
from cardops.commands.pull import PullRun
from cardops.model.errors import UsageError
from cardops.render.pull import FORMATS


@click.command(cls=Command)
@click.argument("names", nargs=-1, metavar="[CARD]...")
@repository_option
@click.option("--branch", default="", metavar="NAME", help="Commit to this branch instead of editing the files here.")
@click.option("--version", type=click.IntRange(min=1), metavar="N", help="Restore this version of one card.")
@trail_option
@format_option(FORMATS)
@today_option
def command(
    names: tuple[str, ...],
    start: Path,
    branch: str,
    version: int | None,
    trail: tuple[Path, ...],
    form: str,
    today: str,
) -> int:
    """Write what was contributed through the API into the YAML: those lines and nothing else. Only reads AWS.

    CARD is a name, account/name or a glob; without one every card is looked at. Exits 3 when a card has a
    conflict, or cannot be pulled; the others are pulled all the same.

    \b
    Examples:
      cardops pull
      cardops pull customer-churn-v1 --branch pull/customer-churn-v1
      cardops pull customer-churn-v1 --version 4
    """
    if version is not None and len(names) != 1:
        raise UsageError("--version restores one card", "name the card")
    run = PullRun.open(start, branch, today)
    print_findings(run.workspace.findings)
    pulled = run.pull(connect(run.workspace.config), names, version, read_events(trail))
    commit = run.write(pulled.cards, restored=version is not None)
    click.echo(FORMATS[form](pulled.cards, branch, commit))
    print_unknown({str(place): why for place, why in pulled.unknown.items()})
    return pulled.exit_code()
