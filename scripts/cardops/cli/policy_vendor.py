"""`cardops policy vendor`: bring bundles of rules into the repository, pinned by a lock."""

from pathlib import Path

import click

from cardops.cli.options import Command, repository_option
from cardops.commands.policy_vendor import vendor as vendor_bundles
from cardops.commands.workspace import find_root
from cardops.model.errors import ExitCode
from cardops.policy.files import LOCK
from cardops.render.escape import escape_invisible


@click.command(cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--dry-run", is_flag=True, help="Only show which rules would come, change and go.")
@repository_option
def vendor(names: tuple[str, ...], dry_run: bool, start: Path) -> int:
    """Bring the bundles that cardops.yaml names into policies/bundles/, and pin them in policies/bundles.lock.yaml.

    A bundle is declared as `bundles: [{name: NAME, git: URL, revision: TAG}]`, or with `path` for a folder.

    \b
    Examples:
      cardops policy vendor
      cardops policy vendor house --dry-run
    """
    for done in vendor_bundles(find_root(start), names, dry_run):
        click.echo(escape_invisible(f"{done.name} {done.version}".strip()))
        for word, rules in (("added", done.added), ("changed", done.changed), ("removed", done.removed)):
            if rules:
                click.echo(escape_invisible(f"  {word:<8} {', '.join(rules)}"))
    click.echo("Nothing was written." if dry_run else f"Pinned in {LOCK}. Have the change reviewed.")
    return ExitCode.DONE
