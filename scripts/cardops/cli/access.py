"""`cardops access`: show who can see and write which card."""

import re
from pathlib import Path

import click

from cardops.access.cells import Matrix, name_of
from cardops.access.differences import differences
from cardops.cli.cloud import connect
from cardops.cli.console import log, print_findings, print_unknown
from cardops.cli.options import Command, format_option, repository_option, today_option
from cardops.commands import access
from cardops.commands.workspace import find_root
from cardops.model.errors import UsageError, worst_exit_code
from cardops.model.findings import exit_code_for
from cardops.render.access import FORMATS, Access

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@click.command(cls=Command)
@click.argument("what", metavar="[CARD|ACCOUNT]", default="")
@repository_option
@click.option("--verify", is_flag=True, help="Try it: as each account describe each card and list its versions.")
@click.option(
    "--probe-write",
    is_flag=True,
    help="With --verify also try to write. MUTATING: sets the status that was just seen; never beside an apply.",
)
@click.option("--at", default="", metavar="REV|DATE", help="What a revision declares, or the ledger of a day (UTC).")
@format_option(FORMATS)
@today_option
def command(what: str, start: Path, verify: bool, probe_write: bool, at: str, form: str, today: str) -> int:
    """Show who can see and write which card: declared in git, granted by RAM and, with --verify, tried.

    Any difference between them is a finding, and exits 1; 3 when something is not known. Only --probe-write makes
    mutating calls. With --at a revision nothing is asked of AWS.

    \b
    Examples:
      cardops access customer-churn-v1
      cardops access ml-prod --verify
      cardops access --at 2026-06-30
    """
    if probe_write and not verify:
        raise UsageError("--probe-write goes with --verify")
    if at and verify:
        raise UsageError("--verify tries what is so now, and --at asks about another time", "choose one of them")
    root = find_root(start)
    if DAY.fullmatch(at):
        view = access.on_day(root, at, log)
    elif at:
        view = access.at_revision(root, at, today)
    else:
        view = access.now(root, today, connect, log, verify)
    print_findings(view.findings)
    matrix = _choose(view.matrix, what)
    if verify:
        matrix = access.probe(connect(matrix.config, "role"), matrix, probe_write)
    found = tuple(differences(matrix))
    click.echo(FORMATS[form](Access(matrix, found, view.commit, at)))
    unknown = {name_of(of, matrix.config): why for of, why in matrix.unknown.items()}
    codes = [exit_code_for(view.findings), exit_code_for(found), print_unknown(unknown, " could not be asked")]
    return worst_exit_code(codes)


def _choose(matrix: Matrix, what: str) -> Matrix:
    """The part of the matrix that the argument selects, with a note about an account's own cards."""
    chosen, owner, owned = access.choose(matrix, what)
    if owned:
        log(f"{owner} owns {owned}; its own policies say who in it may write them")
    return chosen
