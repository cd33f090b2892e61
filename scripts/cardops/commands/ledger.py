"""Read the records of earlier runs from the ledger."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cardops.audit.record import records
from cardops.git.ledger import DEFAULT_BRANCH, Ledger
from cardops.git.repository import Repository
from cardops.model.findings import Finding, Location


def recorded(root: Path, branch: str, repository: str) -> list[dict[str, Any]]:
    """Read the records of this repository's runs, oldest first. Empty without a ledger."""
    ledger = Ledger(root, branch)
    tip = ledger.tip()
    found = records(ledger.read(tip, "runs").values()) if tip else []
    return [record for record in found if record.get("repository") == repository]


def commits_ahead(
    root: Path,
    branch: str,
    repository: str,
    revisions: Repository,
    head: str,
    confirms: Callable[[Mapping[str, Any]], bool] | None = None,
) -> list[Finding]:
    """Find out whether the ledger's newest run applied a commit that HEAD lacks: then this checkout is stale.

    A record that `confirms` refuses was not left by a run, and counts for nothing.
    """
    ledger = Ledger(root, branch or DEFAULT_BRANCH)
    for text in ledger.newest_first("runs"):
        (found,) = records([text]) or ({},)
        commit = str(found.get("commit", "")) if found.get("repository") == repository else ""
        if not commit or (confirms and not confirms(found)):
            continue
        if revisions.knows(commit) and revisions.contains(commit, head):
            return []
        message = f"the ledger's newest run applied commit {commit[:12]} and HEAD lacks it"
        hint = "fetch and merge the newest main; after a rewritten history pass --rewritten-history"
        return [Finding("run/behind", Location("cardops.yaml"), message, hint, level="warn")]
    return []
