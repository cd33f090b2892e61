"""The interface of sign-off sources: a platform's reviews, or signed trailers."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from cardops.desired.history import Origin
from cardops.git.log import Commit, Person

StateAt = Callable[[str], object]


class SignoffRequest(NamedTuple):
    """A state of a file that needs a sign-off.

    `state` is everything that a sign-off has to cover, and `at(commit)` what a commit has instead, None for nothing.
    `paths` are all paths that the file ever had, `origins` asks for the files that it was moved or copied from. `tip`
    is the commit that has the state, `introduced` the one that brought it (empty: none yet), `parent` the one X"""

    state: object
    at: StateAt
    paths: tuple[str, ...]
    introduced: str
    parent: str
    tip: str
    merged: bool = True
    origins: Callable[[], Iterable[Origin]] = tuple


class Signoff(NamedTuple):
    """One person's approval. `refusal` says why it does not count; empty: as far as the source knows it does.

    `stranger`: the platform does not know the person as somebody who may write to the repository. `bot`: it is not a
    person.
    """

    name: str
    refusal: str = ""
    pull_request: str = ""
    stranger: bool = False
    bot: bool = False


class Branch(NamedTuple):
    """A branch: the commit that it started from (empty: none), its last one, and its merge commit (empty: open)."""

    start: str
    head: str
    merge: str = ""


class CommitLogins(NamedTuple):
    """The logins behind a commit; empty for a person whom the platform does not know.

    `committer` is None where nothing is said about one, or where the platform itself committed.
    """

    author: str
    committer: str | None = None


class SignoffSource(Protocol):
    """A place where sign-offs come from."""

    def signoffs(self, request: SignoffRequest) -> Iterator[Signoff]:
        """Every approval of the state, refused ones included. Raises GitError for a shallow clone."""
        ...

    def branches(self, request: SignoffRequest) -> list[Branch]:
        """The branches on which the state was written: a squash or a rebase leaves them out of the history."""
        ...

    def proposers(self, request: SignoffRequest) -> list[str]:
        """The logins that proposed the state or pushed it."""
        ...

    def logins_of(self, commit: Commit, on_branch: bool) -> CommitLogins:
        """The logins behind a commit, which is one of the branches' own or an older one."""
        ...

    def login(self, person: Person) -> str:
        """The login that the platform has for a person's address, or nothing."""
        ...
