"""`cardops sandbox`: a local AWS on loopback."""

from pathlib import Path

import click

from cardops.cli.options import Command, file_type
from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any free one.")
@click.option("--data", type=file_type(), help="Keep the state in this file.")
@click.option("--no-organization", is_flag=True, help="Accounts are strangers: shares need invitations.")
@click.option("--outside", multiple=True, metavar="ACCOUNT", help="An account id outside the organization.")
def command(port: int, data: Path | None, no_organization: bool, outside: tuple[str, ...]) -> int:
    """Run a local AWS: SageMaker model cards, RAM and STS over HTTP. Prints its URL first; Ctrl-C ends it.

    \b
    Example:
      cardops sandbox --port 4599
      AWS_ENDPOINT_URL=http://127.0.0.1:4599 AWS_ACCESS_KEY_ID=AKIA1111111111110000 \\
        AWS_SECRET_ACCESS_KEY=any AWS_REGION=eu-west-1 aws sagemaker list-model-cards
    """
    options = Options(organization=not no_organization, outside_accounts=frozenset(outside))
    try:
        server = Sandbox(port=port, options=options, data=data)
    except OSError as problem:
        raise click.UsageError(f"port {port} cannot be used: {problem.strerror}") from problem
    click.echo(server.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.stop()
    return 0
