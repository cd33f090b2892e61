"""`cardops probe`: find out what AWS does in a real account."""

from pathlib import Path

import click

from cardops.cli.console import log
from cardops.cli.options import Command, file_type
from cardops.commands.probe import Probe, cleanup, facts_file
from cardops.commands.workspace import write_atomically
from cardops.model.errors import ExitCode
from cardops.render.probe import as_text


@click.command(cls=Command)
@click.option("--region", default="", help="The Region to probe; by default that of the AWS configuration.")
@click.option("--role", default="", metavar="ARN", help="An IAM role that a throw-away card may be shared with.")
@click.option("--out", type=file_type(), default=Path("aws-facts.json"), show_default=True, help="The file to write.")
@click.option("--yes", is_flag=True, help="Do not ask before making throw-away cards.")
@click.option("--cleanup", "only_cleanup", is_flag=True, help="Only remove what earlier probes left behind.")
def command(region: str, role: str, out: Path, yes: bool, only_cleanup: bool) -> int:
    """Settle what AWS's documentation leaves open, with throw-away cards in your own account.

    It uses the credentials at hand, makes cards, a share and a permission whose names start with cardops-probe-, and
    removes them whatever happens. plan and `cardops sandbox --facts` read the file that it writes; it holds no account
    ids. Exits 3 if something could not be settled.

    \b
    Examples:
      cardops probe --region eu-west-1
      cardops probe --cleanup --yes
    """
    from cardops.aws.probe_api import ProbeApi  # boto3 takes 0.13 s, which commands without AWS must not pay

    api = ProbeApi(region)
    place = f"account {api.account()}, Region {api.region}"
    doing = "remove what earlier probes left in" if only_cleanup else "make and remove throw-away cards in"
    if not yes and not click.confirm(f"May cardops {doing} {place}?", err=True):
        return ExitCode.INCOMPLETE
    if only_cleanup:
        found = cleanup(api)
        click.echo("\n".join(f"removed {name}" for name in found) or "Nothing was left behind.")
        return ExitCode.DONE
    facts = []
    for fact in Probe(api, role).run():
        log(f"{fact.name}: {fact.evidence}")
        facts.append(fact)
    click.echo(as_text(facts))
    write_atomically(out, facts_file(facts))
    return ExitCode.INCOMPLETE if any(fact.value is None for fact in facts) else ExitCode.DONE
