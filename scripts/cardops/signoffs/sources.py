"""The one interface behind which sign-offs come from a platform's reviews or from signed trailers."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from cardops.git.log import Person

StateAt = Callable[[str], object]


class SignoffRequest(NamedTuple):
    """Is this state signed off?

    `state` is what a sign-off has to cover, and `at(commit)` what there was at a commit, None where there was
    nothing. `paths` are all that its file ever had. `tip` is the commit that has the state, `introduced` the one
    that brought it (empty: none yet), `parent` the one before that (empty: there was none). `merged` is False while
    the state is only proposed, on a branch that started at `parent`.
    """

    state: object
    at: StateAt
    paths: tuple[str, ...]
    introduced: str
    parent: str
    tip: str
    merged: bool = True


class Signoff(NamedTuple):
    """One person's word about a state. `refusal` says why it does not count; empty: as far as the source knows it does.

    `stranger`: the platform does not know the person as somebody who may write to the repository.
    """

    name: str
    refusal: str = ""
    pull_request: str = ""
    stranger: bool = False


class Branch(NamedTuple):
    """The commit that a branch started from (empty: none), and its last one."""

    start: str
    head: str


class SignoffSource(Protocol):
    """Where sign-offs come from."""

    def signoffs(self, question: SignoffRequest) -> Iterator[Signoff]:
        """Everything that was said about the state, refused words included. Raises GitError for a shallow clone."""
        ...

    def branches(self, question: SignoffRequest) -> list[Branch]:
        """Where the state was written, as it was reviewed: a squash or a rebase leaves that out of the history."""
        ...

    def author(self, question: SignoffRequest) -> str:
        """The login that proposed the state, or nothing."""
        ...

    def logins(self) -> list[str]:
        """Every login that the source names."""
        ...

    def login(self, person: Person) -> str:
        """The login that the platform has for a commit's author, or nothing."""
        ...
