"""`cardops why`: say what holds a card, since when, and who has to act next."""

from pathlib import Path

import click

from cardops.audit.explain import explain
from cardops.cli.cloud import connect
from cardops.cli.console import log, print_unknown
from cardops.cli.options import (
    Command,
    format_option,
    ledger_from_option,
    read_reviews,
    repository_option,
    reviews_option,
    today_option,
)
from cardops.commands.ledger import recorded
from cardops.commands.plan import build_plan
from cardops.commands.workspace import find_card, load_workspace
from cardops.git.repository import Repository
from cardops.render.explain import FORMATS


@click.command(cls=Command)
@click.argument("name", metavar="CARD")
@repository_option
@reviews_option
@ledger_from_option
@format_option(FORMATS)
@today_option
def command(name: str, start: Path, review_files: tuple[Path, ...], ledger: str, form: str, today: str) -> int:
    """Say what holds CARD, since when, and who has to act next. Only reads AWS.

    What holds it comes from the plan, since when from the records on the ledger.

    \b
    Examples:
      cardops why customer-churn-v1
      cardops why customer-churn-v1 --format json | jq .next
    """
    workspace = load_workspace(start, today, governed=True)
    desired, revisions = workspace.desired, Repository(workspace.root)
    card, cloud, reviews = find_card(name, desired), connect(workspace.config), read_reviews(review_files)
    planned = build_plan(workspace.loaded, desired, cloud, revisions, revisions.head(), today, log, reviews)
    live = planned.given.observed.cards.get(card.key)
    records = recorded(workspace.root, ledger, workspace.config.repository)
    found = [*workspace.findings, *planned.checked]
    click.echo(FORMATS[form](explain(card, live.status.value if live else "", planned.plan, found, records)))
    return print_unknown(planned.unknown)
