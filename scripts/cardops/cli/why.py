"""`cardops why`: what holds a card, since when, and who has to act next."""

from pathlib import Path

import click

from cardops.cli.console import log
from cardops.cli.options import (
    find_root,
    format_option,
    load_governed,
    read_reviews,
    repository_option,
    reviews_option,
)
from cardops.cli.today import today_option
from cardops.commands.ledger import find_card, ledger_option, recorded
from cardops.commands.plan import build_plan, unreachable
from cardops.desired.sources import WorkTree
from cardops.model.errors import ExitCode
from cardops.render import explain as reasons
from cardops.render import findings as findings_view


@click.command()
@click.argument("name", metavar="CARD")
@repository_option
@reviews_option
@ledger_option
@format_option(reasons.FORMATS)
@today_option
def command(name: str, start: Path, review_files: tuple[Path, ...], ledger: str, form: str, today: str) -> int:
    """Say what holds CARD, since when, and who has to act next. Only reads AWS.

    What holds it comes from the plan, since when from the records on the ledger.

    \b
    Examples:
      cardops why customer-churn-v1
      cardops why customer-churn-v1 --format json | jq .next
    """
    from cardops.audit.explain import explain
    from cardops.aws.cloud import Boto3Cloud
    from cardops.git.repository import Repository

    root = find_root(start)
    loaded = load_governed(WorkTree(root), today=today)
    if loaded.desired is None:
        click.echo("\n".join(findings_view.lines(loaded.findings)), err=True)
        return ExitCode.DENIED
    card = find_card(name, loaded.desired)
    revisions, cloud = Repository(root), Boto3Cloud(loaded.desired.config, "plan_role")
    reviews = read_reviews(review_files)
    planned = build_plan(loaded, loaded.desired, cloud, revisions, revisions.head(), today, log, reviews)
    live = planned.given.observed.cards.get(card.key)
    records = recorded(root, ledger, loaded.desired.config.repository)
    found = [*loaded.findings, *planned.checked]
    click.echo(reasons.FORMATS[form](explain(card, live.status.value if live else "", planned.plan, found, records)))
    return unreachable(planned)
