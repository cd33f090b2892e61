"""Pull requests that change one card's status, with reviews."""

import json
from pathlib import Path
from typing import Any

from support.workspace import CONFIG, Workspace


def start(world: Workspace) -> None:
    """A card under review, in a repository that asks for reviews."""
    world.write("cardops.yaml", CONFIG.replace("signoff: none", "signoff: reviews\napprovers: {model-risk: [lead]}"))
    world.card("churn", "PendingReview")
    world.commit("under review")
    assert world.apply().code == 0


def merge(world: Workspace, status: str) -> tuple[str, str]:
    """A pull request that changes the status, squashed onto main: its head, and the merge commit."""
    world.git("checkout", "-q", "-B", "change")
    world.card("churn", status)
    head = world.commit(status)
    world.git("checkout", "-q", "main")
    world.git("merge", "-q", "--squash", "change")
    return head, world.commit(f"{status} (#7)")


def reviews(world: Workspace, head: str, merged: str, *logins: str) -> str:
    """A file of approvals of the head; its path."""
    pull = {"number": 7, "author": "ada", "head_sha": head, "merge_commit_sha": merged}
    given: list[Any] = [
        {"user": {"login": login}, "state": "APPROVED", "commit_id": head, "submitted_at": "2026-06-01T10:00:00Z"}
        for login in logins
    ]
    path = Path(world.root).parent / "reviews.json"
    commits = [
        {"sha": sha, "commit": {"author": {"email": "ada@example.org"}}, "author": {"login": "ada"}}
        for sha in world.git("log", "--format=%H", head).splitlines()
    ]
    path.write_text(json.dumps({"pull_request": pull, "reviews": given, "commits": commits}))
    return str(path)
