"""Reading the ledger, and finding the one card that a command is about."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cardops.desired.selectors import selected
from cardops.git.ledger import DEFAULT_BRANCH, Ledger
from cardops.model.desired import Card, Desired
from cardops.model.errors import UsageError
from cardops.model.findings import Finding, Location

if TYPE_CHECKING:
    from cardops.git.repository import Repository

ledger_option = click.option(
    "--ledger",
    default=DEFAULT_BRANCH,
    show_default=True,
    metavar="BRANCH",
    help="The branch with the records of runs.",
)


def recorded(root: Path, branch: str, repository: str) -> list[dict[str, Any]]:
    """The records of this repository's runs, oldest first; none where there is no ledger."""
    from cardops.audit.record import records

    ledger = Ledger(root, branch)
    tip = ledger.tip()
    found = records(ledger.read(tip, "runs").values()) if tip else []
    return [record for record in found if record.get("repository") == repository]


def commits_ahead(root: Path, branch: str, repository: str, revisions: "Repository", head: str) -> list[Finding]:
    """That the ledger's newest run applied a commit which HEAD lacks: a stale run, whatever the cards carry."""
    from cardops.audit.record import records

    ledger = Ledger(root, branch or DEFAULT_BRANCH)
    newest = records(ledger.newest("runs"))
    commit = str(newest[0]["commit"]) if newest and newest[0].get("repository") == repository else ""
    if not commit or (revisions.knows(commit) and revisions.contains(commit, head)):
        return []
    message = f"the ledger's newest run applied commit {commit[:12]} and HEAD lacks it"
    hint = "fetch and merge the newest main; after a rewritten history pass --rewritten-history"
    return [Finding("run/behind", Location("cardops.yaml"), message, hint, level="warn")]


def find_card(name: str, desired: Desired) -> Card:
    """The declared card of a name or `account/name`. Raises UsageError for none, and for several."""
    keys = list(selected(name, desired.cards, desired.config))
    if not keys:
        raise UsageError(f"no card {name!r} is declared", "name it as its file does; account/name works too")
    if len(keys) > 1:
        raise UsageError(f"{name!r} are {len(keys)} cards: {', '.join(map(str, keys[:3]))}", "name one: account/name")
    return desired.cards[keys[0]]
