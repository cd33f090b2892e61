"""`cardops drift`: show what changed in AWS outside git."""

from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.console import log, print_findings, print_unknown
from cardops.cli.options import (
    Command,
    file_type,
    format_option,
    read_events,
    repository_option,
    today_option,
    trail_option,
)
from cardops.commands.drift import find_drift
from cardops.commands.workspace import load_head, write_atomically
from cardops.model.errors import ExitCode, worst_exit_code
from cardops.model.findings import exit_code_for
from cardops.render.drift import FORMATS, as_json


@click.command(cls=Command)
@repository_option
@trail_option
@click.option("--out", type=file_type(), help="Also write it here, as JSON.")
@format_option(FORMATS)
@today_option
def command(start: Path, trail: tuple[Path, ...], out: Path | None, form: str, today: str) -> int:
    """Show what differs in AWS from what is committed at HEAD, and that no commit explains. Changes nothing.

    Exits 2 when something differs, 3 when a place could not be read. What git never knew is shown, and is not a
    difference.

    \b
    Examples:
      cardops drift
      aws cloudtrail lookup-events --output json > events.json && cardops drift --cloudtrail events.json
    """
    workspace, revisions = load_head(start, today)
    print_findings(workspace.findings)
    found, unknown = find_drift(workspace, revisions, connect(workspace.config), today, read_events(trail), log)
    if out is not None:
        write_atomically(out, as_json(found) + "\n")
    click.echo(FORMATS[form](found))
    different = ExitCode.DIFFERENT if found.differs else ExitCode.DONE
    return worst_exit_code([print_unknown(unknown), exit_code_for(workspace.findings), different])
