"""`cardops import`: files for what an account holds, or for what a file from elsewhere describes. Reads only."""

from pathlib import Path

import click

from cardops.cli import cloud
from cardops.cli.console import log
from cardops.cli.options import Command, file_type, folder_type, format_option
from cardops.commands.import_account import import_account
from cardops.commands.import_files import import_file
from cardops.model.desired import Config
from cardops.model.errors import UsageError
from cardops.model.ports import Cloud
from cardops.render.import_report import FORMATS


@click.command(cls=Command)
@click.option("--from", "file", type=file_type(), help="Import this file, not an account.")
@click.option("--into", "folder", type=folder_type(), default=Path(), help="The repository.")
@click.option("--account", metavar="NAME", help="An account of cardops.yaml. Default: home.")
@click.option("--home", metavar="ID", help="Without cardops.yaml: the account id, read with the ambient credentials.")
@click.option("--region", help="The region. Default: that of cardops.yaml.")
@click.option("--name", help="With --from: the card's name.")
@click.option("--owner", default="unassigned", show_default=True, help="The team that the cards are to name as owner.")
@format_option(FORMATS)
def command(
    file: Path | None,
    folder: Path,
    account: str | None,
    home: str | None,
    region: str | None,
    name: str | None,
    owner: str,
    form: str,
) -> int:
    """Write cards/ and shares/ for what exists. Makes no mutating call, and overwrites no file.

    From an account: what nobody manages is marked with `adopt`, so that the next plan shows adoptions, which write
    tags alone. From a file (model card JSON, a CloudFormation template, a Hugging Face README.md): a card in Draft.
    What cannot be expressed is listed with the reason.

    \b
    Examples:
      cardops import --home 123456789012 --region eu-west-1 --into governance
      cardops import --account ml-dev
      cardops import --region us-east-1
      cardops import --from README.md --name sentiment-v1 --owner team-nlp
    """
    if not 0 < len(owner) <= 128:
        raise UsageError("an owner has 1 to 128 characters")
    if file is not None:
        if account or home or region:
            raise UsageError("--from reads no account", "leave out --account, --home and --region")
        code, imported = import_file(folder, file, name, owner)
    else:
        if name:
            raise UsageError("--name goes with --from", "cards of an account keep their names")
        code, imported = import_account(folder, account, home, region, owner, _connect, log)
    click.echo(FORMATS[form](imported))
    return code


def _connect(config: Config, known: bool) -> Cloud:
    """With the plan role of a repository that is there; before that with the ambient credentials."""
    return cloud.connect(config, "plan_role" if known else "role")
