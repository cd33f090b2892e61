"""`cardops access`: who can see this card, what can this account see or write."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.access.cells import name_of
from cardops.cli.console import log
from cardops.cli.options import find_root, format_option, load_work_tree, repository_option
from cardops.cli.today import today_option
from cardops.model.errors import CardopsError, ExitCode, UsageError, worst_exit_code
from cardops.model.findings import exit_code_for
from cardops.render import access as access_view
from cardops.render import findings as findings_view
from cardops.render.escape import escape_invisible

if TYPE_CHECKING:
    from cardops.access.cells import Matrix
    from cardops.desired.loader import Loaded
    from cardops.model.desired import Config, Desired
    from cardops.model.observed import Observed

    Asked = tuple[Matrix, str, ExitCode]
    """A matrix, the commit that declares it (empty: the work tree), and what its files' findings exit with."""

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@click.command()
@click.argument("what", metavar="[CARD|ACCOUNT]", default="")
@repository_option
@click.option("--verify", is_flag=True, help="Try it: as each account describe each card and list its versions.")
@click.option(
    "--probe-write",
    is_flag=True,
    help="With --verify also try to write. MUTATING: sets the status that was just seen; never beside an apply.",
)
@click.option("--at", default="", metavar="REV|DATE", help="What a revision declares, or the ledger of a day (UTC).")
@format_option(access_view.FORMATS)
@today_option
def command(what: str, start: Path, verify: bool, probe_write: bool, at: str, form: str, today: str) -> int:
    """Show who can see and write which card: declared in git, granted by RAM and, with --verify, tried.

    Any difference between them is a finding, and exits 1; 3 when something is not known. Only --probe-write makes
    mutating calls. With --at a revision nothing is asked of AWS.

    \b
    Examples:
      cardops access customer-churn-v1
      cardops access ml-prod --verify
      cardops access --at 2026-06-30
    """
    if probe_write and not verify:
        raise UsageError("--probe-write goes with --verify")
    if at and verify:
        raise UsageError("--verify tries what is so now, and --at asks about another time", "choose one of them")
    root = find_root(start)
    if DAY.fullmatch(at):
        matrix, commit, code = _on_day(root, at)
    elif at:
        matrix, commit, code = _at_revision(root, at, today)
    else:
        matrix, commit, code = _now(root, today)
    matrix = _chosen(matrix, what)
    if verify:
        matrix = _tried(matrix, probe_write)
    return _show(matrix, commit, at, form, code)


def _now(root: Path, today: str) -> "Asked":
    from cardops.access import verify
    from cardops.access.matrix import make_matrix
    from cardops.aws.cloud import Boto3Cloud
    from cardops.desired.former_owners import include_former_owners

    desired, code = _declared(load_work_tree(root))
    desired = include_former_owners(root, desired)
    found = verify.granted(Boto3Cloud(desired.config, "plan_role"), sorted(desired.owners), log)
    return make_matrix(desired, found, desired.config, today), "", code


def _tried(matrix: "Matrix", probe: bool) -> "Matrix":
    from cardops.access import verify
    from cardops.aws.cloud import Boto3Cloud

    return verify.probe(Boto3Cloud(matrix.config, "role"), matrix, matrix.cells.keys(), probe)


def _at_revision(root: Path, at: str, today: str) -> "Asked":
    from cardops.access.matrix import make_matrix
    from cardops.desired.loader import load_repository
    from cardops.git.repository import Repository

    revisions = Repository(root)
    commit = revisions.resolve(at)
    desired, code = _declared(load_repository(revisions.tree(commit), commit))
    return make_matrix(desired, None, desired.config, today), commit, code


def _on_day(root: Path, day: str) -> "Asked":
    """What RAM granted after the last run of that day, against what the commit of that run declares."""
    from cardops.access.matrix import make_matrix
    from cardops.desired.loader import load_repository
    from cardops.git.repository import Repository

    observed, commit = _recorded(root, day)
    revisions = Repository(root)
    if not commit or not revisions.has(commit):
        log("git does not have the commit that was applied then, so what it declared is not known")
        desired, code = _declared(load_work_tree(root))
        return make_matrix(None, observed, desired.config, day), "", code
    desired, code = _declared(load_repository(revisions.tree(commit), commit))
    return make_matrix(desired, observed, desired.config, day), commit, code


def _recorded(root: Path, day: str) -> "tuple[Observed, str]":
    """What the ledger's last run of a day observed, and the commit that it applied (or nothing)."""
    from cardops.audit.record import from_json, records
    from cardops.git.ledger import DEFAULT_BRANCH, Ledger

    ledger = Ledger(root)
    page = ledger.at(day)
    if not page:
        raise CardopsError(f"the ledger has nothing up to {day}", f"git fetch origin {DEFAULT_BRANCH}")
    try:
        observed = from_json(ledger.read(page, "state"))
        runs = records(ledger.read(page, "runs").values())
        return observed, str(runs[-1]["commit"]) if runs else ""
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        message = f"the ledger's state of {day} cannot be read"
        raise CardopsError(message, f"look at {page[:12]} of {DEFAULT_BRANCH}") from problem


def _declared(loaded: "Loaded") -> "tuple[Desired, ExitCode]":
    """What is declared; its findings go to standard error."""
    click.echo("\n".join(findings_view.lines(loaded.findings)), err=True, nl=bool(loaded.findings))
    if loaded.desired is None:
        raise click.exceptions.Exit(int(ExitCode.DENIED))
    return loaded.desired, exit_code_for(loaded.findings)


def _show(matrix: "Matrix", commit: str, at: str, form: str, code: ExitCode) -> int:
    from cardops.access.differences import differences

    found = tuple(differences(matrix))
    click.echo(access_view.FORMATS[form](access_view.Access(matrix, found, commit, at)))
    for of, why in matrix.unknown.items():
        who = name_of(of, matrix.config)
        click.echo(f"{click.style('unknown', fg='red')}: {who} could not be asked: {escape_invisible(why)}", err=True)
    return worst_exit_code([code, exit_code_for(found), ExitCode.INCOMPLETE if matrix.unknown else ExitCode.DONE])


def _chosen(matrix: "Matrix", what: str) -> "Matrix":
    """The part about an account (by name or id), or about the cards that a name or glob selects."""
    from cardops.desired.selectors import selected

    if not what:
        return matrix
    account = _account(matrix.config, what)
    cards = set(selected(what, {pair.card for pair in matrix.cells}, matrix.config))
    if account and cards:
        raise UsageError(
            f"{what!r} names an account and a card", f"write ACCOUNT/{what} for the card, or the account's id"
        )
    if not account and not cards:
        raise UsageError(f"no account and no card is called {what!r}", "name it as cardops.yaml or its file does")
    owned = {pair.card for pair in matrix.cells if pair.card.account == account}
    if owned:
        who = name_of(account, matrix.config)
        log(f"{who} owns {len(owned)} card(s); its own policies say who in it may write them")
    return matrix.of({pair for pair in matrix.cells if pair.account == account or pair.card in cards})


def _account(config: "Config", what: str) -> str:
    known = config.accounts.get(what)
    return known.id if known else what if re.fullmatch(r"\d{12}", what) else ""
