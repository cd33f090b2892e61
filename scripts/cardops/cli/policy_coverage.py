"""`cardops policy coverage`: how far the rules cover a regulation on a day."""

from pathlib import Path

import click

from cardops.cli.console import print_findings
from cardops.cli.options import Command, day_or_today, format_option, repository_option
from cardops.commands.workspace import find_root
from cardops.model.errors import ExitCode, UsageError
from cardops.policy.coverage import cover
from cardops.policy.files import Folder
from cardops.policy.forms import closest_match
from cardops.policy.loader import load_policies
from cardops.render.policy_coverage import COVERAGE_FORMATS


@click.command(cls=Command)
@click.option("--pack", "names", multiple=True, metavar="PACK", help="Only this pack; may be given more than once.")
@click.option("--on", callback=day_or_today, metavar="DATE", help="As of this day. Default: today (UTC).")
@format_option(("text", "json"))
@repository_option
def coverage(names: tuple[str, ...], on: str, form: str, start: Path) -> int:
    """Show which clauses of a regulation apply on a day, which rules look at them, and what is missing.

    What begins to apply later is listed with its day, so that what will be missing then is seen now.

    \b
    Examples:
      cardops policy coverage --pack eu-ai-act
      cardops policy coverage --pack eu-ai-act --on 2027-12-02 --format json
    """
    policies = load_policies(Folder(find_root(start)))
    print_findings(policies.findings)
    for name in names:
        if name not in policies.packs:
            raise UsageError(f"There is no pack {name!r}.", closest_match(name, policies.packs))
    wanted = names or sorted(policies.packs)
    click.echo(COVERAGE_FORMATS[form]([cover(policies, policies.packs[name], on) for name in dict.fromkeys(wanted)]))
    return ExitCode.DONE
