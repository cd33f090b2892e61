"""`cardops sandbox`: a local AWS on loopback."""

from pathlib import Path

import click

from cardops.cli.options import Command, file_type
from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import BadSwitch, Options, read_facts, read_switch
from cardops.sandbox.store import BadDataFile


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any free one.")
@click.option("--data", type=file_type(), help="Keep the state in this file.")
@click.option("--no-organization", is_flag=True, help="Accounts are strangers: shares need invitations.")
@click.option("--outside", multiple=True, metavar="ACCOUNT", help="An account id outside the organization.")
@click.option("--facts", type=file_type(exists=True), help="Behave as this file of facts says AWS does.")
@click.option("--switch", "switches", multiple=True, metavar="NAME=VALUE", help="Set a switch; see docs/sandbox.md.")
def command(
    port: int,
    data: Path | None,
    no_organization: bool,
    outside: tuple[str, ...],
    facts: Path | None,
    switches: tuple[str, ...],
) -> int:
    """Run a local AWS: SageMaker model cards, RAM, IAM, Organizations, KMS and STS over HTTP.

    Prints its URL first; Ctrl-C ends it.

    \b
    Example:
      cardops sandbox --port 4599
      AWS_ENDPOINT_URL=http://127.0.0.1:4599 AWS_ACCESS_KEY_ID=AKIA1111111111110000 \\
        AWS_SECRET_ACCESS_KEY=any AWS_REGION=eu-west-1 aws sagemaker list-model-cards
    """
    try:
        options = Options(organization=not no_organization, outside_accounts=frozenset(outside))
        options = options.switched(read_facts(facts) if facts else {})
        for text in switches:
            options = options.switched(read_switch(text))
    except BadSwitch as problem:
        raise click.UsageError(str(problem)) from problem
    try:
        server = Sandbox(port=port, options=options, data=data)
    except BadDataFile as problem:
        raise click.UsageError(str(problem)) from problem
    except OSError as problem:
        raise click.UsageError(f"Port {port} cannot be used: {problem.strerror}.") from problem
    click.echo(server.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.stop()
    return 0
