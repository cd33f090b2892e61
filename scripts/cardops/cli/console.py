"""Print messages and findings on standard error."""

from collections.abc import Iterable, Mapping

import click

from cardops.model.errors import ExitCode
from cardops.model.findings import Finding
from cardops.render.escape import escape_invisible
from cardops.render.findings import lines


def log(message: str) -> None:
    """Print one line of progress on standard error."""
    click.echo(click.style(escape_invisible(message), dim=True), err=True)


def silent(message: str) -> None:
    """Print nothing, for work whose progress is of no interest."""


def print_findings(findings: Iterable[Finding]) -> None:
    """Print findings on standard error, one on a line."""
    for one in lines(findings):
        click.echo(one, err=True)


def print_unknown(unknown: Mapping[str, str], what: str = " could not be read") -> ExitCode:
    """Print what could not be asked, with the reason. INCOMPLETE if there is anything, else DONE."""
    for name, why in unknown.items():
        click.echo(f"{click.style('unknown', fg='red')}: {name}{what}: {escape_invisible(why)}", err=True)
    return ExitCode.INCOMPLETE if unknown else ExitCode.DONE
