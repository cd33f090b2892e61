"""Find the platform that runs this command, if one does."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from cardops.commands.merged_changes import ConfirmedRecords
from cardops.github.platform import GitHubPlatform


def record_check() -> Callable[[Mapping[str, Any]], bool] | None:
    """The check that a run left a record of the ledger; None outside CI, where the ledger is this clone's own."""
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    in_a_run = repository and os.environ.get("GITHUB_RUN_ID")
    return ConfirmedRecords(GitHubPlatform(repository)).confirms if in_a_run else None
