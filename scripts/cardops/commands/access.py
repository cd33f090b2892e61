"""Build the access matrix: now, at a revision, or on a day that the ledger knows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cardops.access import verify
from cardops.access.cells import Matrix, name_of
from cardops.access.matrix import make_matrix
from cardops.audit.record import from_json, records
from cardops.commands.workspace import load_workspace, usable
from cardops.desired.former_owners import include_former_owners
from cardops.desired.loader import load_repository
from cardops.desired.selectors import selected
from cardops.git.ledger import DEFAULT_BRANCH, Ledger
from cardops.git.repository import Repository
from cardops.model.desired import Config
from cardops.model.errors import CardopsError, UsageError
from cardops.model.findings import Finding, plural
from cardops.model.observed import Observed
from cardops.model.ports import Cloud
from cardops.observed.read_only import ReadOnlyVerifier
from cardops.plan.sharing.read_only import to_verify

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AccessView:
    """A matrix, the commit that declares it (empty: the work tree), and the findings of the declaring files."""

    matrix: Matrix
    commit: str
    findings: list[Finding]


def now(root: Path, today: str, connect: Callable[[Config], Cloud], log: Log, verify_means: bool = False) -> AccessView:
    """Compare the work tree's declaration with RAM's grants now. Raises CardopsError.

    With `verify_means` also whether the means hold that keep read access read-only.
    """
    workspace = load_workspace(root)
    desired = include_former_owners(root, workspace.desired)
    cloud = connect(desired.config)
    found = verify.granted(cloud, sorted(desired.owners), log)
    checks = None
    if verify_means and (wanted := to_verify(desired, found, today)):
        keys = verify.key_arns(cloud, desired)
        checks = ReadOnlyVerifier(cloud, desired.config, log).verify(wanted, keys)
    return AccessView(make_matrix(desired, found, desired.config, today, checks), "", workspace.findings)


def at_revision(root: Path, at: str, today: str) -> AccessView:
    """Show the access that a revision declares, without AWS. Raises GitError and InvalidConfigError."""
    revisions = Repository(root)
    commit = revisions.resolve(at)
    workspace = usable(root, load_repository(revisions.tree(commit), commit))
    return AccessView(make_matrix(workspace.desired, None, workspace.config, today), commit, workspace.findings)


def on_day(root: Path, day: str, log: Log) -> AccessView:
    """Compare RAM's grants after the last run of that day (UTC) with that run's declaration."""
    observed, commit = _recorded(root, day)
    revisions = Repository(root)
    if not commit or not revisions.has(commit):
        log("git does not have the commit that was applied then, so what it declared is not known")
        workspace = load_workspace(root)
        return AccessView(make_matrix(None, observed, workspace.config, day), "", workspace.findings)
    workspace = usable(root, load_repository(revisions.tree(commit), commit))
    return AccessView(make_matrix(workspace.desired, observed, workspace.config, day), commit, workspace.findings)


def probe(cloud: Cloud, matrix: Matrix, probe_write: bool) -> Matrix:
    """Try each cell of the matrix as its account. With `probe_write` also try to write: a mutating call."""
    return verify.probe(cloud, matrix, matrix.cells.keys(), probe_write)


def choose(matrix: Matrix, what: str) -> tuple[Matrix, str, str]:
    """The part about an account (by name or id), or about the cards that a name or glob selects; all for "".

    Also the account's name and, in words, how many cards it owns; empty if it owns none. Raises UsageError.
    """
    if not what:
        return matrix, "", ""
    account = _account(matrix.config, what)
    cards = set(selected(what, {pair.card for pair in matrix.cells}, matrix.config))
    if account and cards:
        raise UsageError(
            f"{what!r} names an account and a card", f"write ACCOUNT/{what} for the card, or the account's id"
        )
    if not account and not cards:
        raise UsageError(f"no account and no card is called {what!r}", "name it as cardops.yaml or its file does")
    owned = {pair.card for pair in matrix.cells if pair.card.account == account}
    chosen = matrix.of({pair for pair in matrix.cells if pair.account == account or pair.card in cards})
    return chosen, name_of(account, matrix.config) if owned else "", plural(len(owned), "card") if owned else ""


def _account(config: Config, what: str) -> str:
    known = config.accounts.get(what)
    return known.id if known else what if re.fullmatch(r"\d{12}", what) else ""


def _recorded(root: Path, day: str) -> tuple[Observed, str]:
    """Read the state that the ledger's last run of a day observed, and the commit that it applied (or nothing)."""
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
