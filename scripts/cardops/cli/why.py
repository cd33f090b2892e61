"""`cardops why`: what holds a card, since when, and who has to act next."""

from pathlib import Path

import click

from cardops.cli.ledgers import ledger_option, recorded, the_card
from cardops.cli.planning import make_plan, unreachable
from cardops.cli.repository import (
    find_root,
    format_option,
    load_governed,
    read_reviews,
    repository_option,
    reviews_option,
)
from cardops.cli.today import today_option
from cardops.cli.told import told
from cardops.declared.source import WorkTree
from cardops.errors import ExitCode
from cardops.render import findings as findings_view
from cardops.render import reasons


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
    from cardops.aws.cloud import Boto3Cloud
    from cardops.revisions.history import Revisions
    from cardops.why import explain

    root = find_root(start)
    loaded = load_governed(WorkTree(root), today=today)
    if loaded.desired is None:
        click.echo("\n".join(findings_view.lines(loaded.findings)), err=True)
        return ExitCode.DENIED
    card = the_card(name, loaded.desired)
    revisions, cloud = Revisions(root), Boto3Cloud(loaded.desired.config, "plan_role")
    reviews = read_reviews(review_files)
    planned = make_plan(loaded, loaded.desired, cloud, revisions, revisions.head(), today, told, reviews)
    live = planned.given.observed.cards.get(card.key)
    records = recorded(root, ledger, loaded.desired.config.repository)
    found = [*loaded.findings, *planned.checked]
    click.echo(reasons.FORMATS[form](explain(card, live.status.value if live else "", planned.plan, found, records)))
    return unreachable(planned)
