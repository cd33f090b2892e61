"""The platform that hosts the repository, as commands see it. GitHub is the first adapter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class Change(NamedTuple):
    """A pull request: `head` is its last commit, `merge` the commit it was merged as (empty while it is open)."""

    number: int
    author: str
    head: str
    merge: str = ""


class OpenChange(NamedTuple):
    """An open pull request from a branch: whether somebody has reviewed it, and its description."""

    number: int
    reviewed: bool
    body: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a confirmed run of our own workflow uploaded; `path` is the workflow's path in the repository."""

    run: int
    name: str
    path: str
    expired: bool


class Platform(Protocol):
    """One repository on a platform. Every method raises CardopsError when the platform refuses or cannot be asked."""

    def change(self, number: int) -> Change:
        """A pull request by its number."""
        ...

    def review_file(self, root: Path, number: int) -> dict[str, Any]:
        """A pull request with its reviews and commits, as --reviews takes it; its last commit is fetched."""
        ...

    def merged_as(self, commit: str) -> list[int]:
        """The numbers of merged pull requests that a commit belongs to."""
        ...

    def plans(self, change: Change, tree: str) -> Iterator[Artifact]:
        """The plans that our plan workflow made of the change's head, or of a merge group with the merged `tree`.

        Newest run first. Whatever another workflow, event, repository or commit uploaded is not among them.
        """
        ...

    def run_record(self, job: str) -> tuple[bool, str]:
        """Find out whether `job` is the address of a run of our apply workflow on the default branch.

        Also the text of the record that the run uploaded; empty where the platform has deleted it since.
        """
        ...

    def download(self, artifact: Artifact, folder: Path) -> None:
        """Unpack an artifact into a folder."""
        ...

    def comment(self, number: int, marker: str, text: str) -> None:
        """Write a comment on a pull request, or replace the one of ours that ends with the marker."""
        ...

    def keep_issue(self, label: str, title: str, text: str) -> None:
        """Open the one issue with the label, or replace its text."""
        ...

    def close_issue(self, label: str) -> None:
        """Close the issue with the label, if there is one."""
        ...

    def open_change(self, branch: str) -> OpenChange | None:
        """The open pull request from a branch, if there is one."""
        ...

    def propose(self, branch: str, base: str, title: str, body: str) -> None:
        """Open a pull request."""
        ...

    def describe(self, number: int, body: str) -> None:
        """Replace the description of a pull request."""
        ...

    def git_credentials(self) -> Sequence[str]:
        """The options of git with which it may read from and push to the platform."""
        ...
