"""Gather what a sign-off of a pull request is decided by: its reviews, and the logins of everybody who wrote in it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cardops.git.commit_graph import commits_of
from cardops.git.log import Commit
from cardops.git.process import run_git
from cardops.git.repository import Repository
from cardops.git.trees import DECLARED
from cardops.github.client import CREDENTIALS, GitHub, GitHubError
from cardops.signoffs.contributors import PLATFORM

MAX_ADDRESSES = 50
"""Older authors that GitHub is asked about; further ones count as unknown."""


def gather_reviews(github: GitHub, root: Path, number: int) -> dict[str, Any]:
    """Return a pull request with its reviews and commits, as --reviews takes it. Its head is fetched.

    The commits are its own and one for each address that wrote earlier in the files that it changes: GitHub names the
    account behind an address only for a commit. Raises GitHubError and GitError.
    """
    pull = github.pull_request(number)
    run_git(root, [*CREDENTIALS, "fetch", "--quiet", "origin", f"refs/pull/{number}/head"])
    commits = github.all(f"pulls/{number}/commits")
    if len(commits) < int(pull.get("commits", 0)):
        commits = []  # GitHub lists 250 at most: of what it leaves out nobody knows the author, so all are unknown
    return {
        "pull_request": {
            "number": number,
            "author": pull["user"]["login"],
            "head_sha": pull["head"]["sha"],
            "merge_commit_sha": pull["merge_commit_sha"] if pull["merged_at"] else None,
            "pushers": _pushers(github, pull),
        },
        "reviews": github.all(f"pulls/{number}/reviews"),
        "commits": [*commits, *_older(github, root, pull, {str(one["sha"]) for one in commits})],
    }


def _pushers(github: GitHub, pull: dict[str, Any]) -> list[str]:
    """The accounts that pushed the head commit; none of a fork, whose activity only its owner may read."""
    head = pull["head"]
    if (head.get("repo") or {}).get("full_name") != github.repository:
        return []
    try:
        found = github.activity(quote(f"refs/heads/{head['ref']}", safe=""))
    except GitHubError:  # an older server; committers count in any case
        return []
    return [one["actor"]["login"] for one in found if one.get("after") == head["sha"] and one.get("actor")]


def _older(github: GitHub, root: Path, pull: dict[str, Any], own: set[str]) -> list[dict[str, Any]]:
    """A commit for each address that wrote in the changed files before and that the pull request does not explain."""
    head, base = str(pull["head"]["sha"]), str(pull["base"]["sha"])
    revisions = Repository(root)
    if not revisions.has(base):
        return []
    start = revisions.merge_base(head, base)
    changed = run_git(root, ["diff", "--name-only", "-z", start, head, "--", *DECLARED]).decode("utf-8", "replace")
    paths = [path for path in changed.split("\0") if path]
    if not paths:
        return []
    explained = {_address(one) for one in commits_of(root, [head, f"^{start}", "--"]) if one.hash in own}
    found: dict[str, str] = {}
    for commit in commits_of(root, [start, "--", *paths]):
        for address in _addresses(commit):
            if address not in explained:
                found.setdefault(address, commit.hash)
    return [one for sha in list(dict.fromkeys(found.values()))[:MAX_ADDRESSES] for one in _commit(github, sha)]


def _address(commit: Commit) -> str:
    return commit.people.author.email.casefold()


def _addresses(commit: Commit) -> Iterable[str]:
    people = (commit.people.author, commit.people.committer)
    return (one.email.casefold() for one in people if one.email.casefold() not in PLATFORM)


def _commit(github: GitHub, sha: str) -> list[dict[str, Any]]:
    try:
        return [github.commit(sha)]
    except GitHubError:  # it was never pushed, or is gone
        return []
