"""`cardops policy report`: what was found for each clause of a regulation, for auditors."""

from pathlib import Path

import click

from cardops.cli.console import print_findings
from cardops.cli.options import Command, format_option, ledger_from_option, repository_option, today_option
from cardops.commands.policy_report import make_report
from cardops.commands.workspace import find_root
from cardops.model.errors import ExitCode
from cardops.render.policy_report import REPORT_FORMATS


@click.command(cls=Command)
@click.option("--pack", "packs", multiple=True, metavar="PACK", help="Only this pack; may be given more than once.")
@click.option("--card", "cards", multiple=True, metavar="CARD", help="Only this card; may be given more than once.")
@click.option("--at", default="", metavar="REV|DATE", help="A revision, or what was merged by the end of a day.")
@ledger_from_option
@today_option
@format_option(REPORT_FORMATS)
@repository_option
def report(
    packs: tuple[str, ...], cards: tuple[str, ...], at: str, ledger: str, today: str, form: str, start: Path
) -> int:
    """Report each clause, card and rule as satisfied, not satisfied, waived, not applicable or not evidenced.

    Each result names the evidence by file and line, commit and digest, and the rule by digest, level and parameters.
    Sign-offs come from the ledger. Waivers and overrides are listed. Exits 0 whatever is found.

    \b
    Examples:
      cardops policy report --pack eu-ai-act --card credit-risk-v2
      cardops policy report --at 2026-11-30 --format html > report.html
      cardops policy report --pack nist-ai-rmf --format oscal > results.json
    """
    made = make_report(find_root(start), packs, cards, at, today, ledger)
    print_findings(made.policies.findings)
    click.echo(REPORT_FORMATS[form](made))
    return ExitCode.DONE
