"""`cardops doctor`: check what this set-up lacks."""

from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.options import Command, format_option, repository_option
from cardops.commands.doctor import Check, check_accounts, check_machine, check_repository
from cardops.model.errors import ExitCode
from cardops.render.doctor import FORMATS


@click.command(cls=Command)
@repository_option
@click.option("--offline", is_flag=True, help="Do not ask AWS about credentials and roles.")
@format_option(FORMATS)
def command(start: Path, offline: bool, form: str) -> int:
    """Check Python, git, gh, the repository, credentials and the roles of each account. Makes no mutating call.

    Roles are checked by IAM's policy simulator against the permissions that this version needs. Exits 1 if there is a
    problem, 3 if something could not be found out.

    \b
    Examples:
      cardops doctor
      cardops doctor --offline --format json
    """
    checks: list[Check] = list(check_machine())
    for one in check_repository(start):
        if isinstance(one, Check):
            checks.append(one)
        elif not offline:
            checks += check_accounts(one, connect)
    click.echo(FORMATS[form](checks))
    outcomes = {check.outcome for check in checks if check.subject != "gh"}
    return ExitCode.DENIED if "problem" in outcomes else ExitCode.INCOMPLETE if "unknown" in outcomes else ExitCode.DONE
