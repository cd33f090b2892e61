"""Read sign-offs from commits: `Approved-by: NAME`, signed with the key that cardops.yaml has for NAME."""

from collections.abc import Iterator, Mapping

from cardops.desired.history import DeclarationHistory
from cardops.git.log import Commit, Person
from cardops.signoffs.sources import Branch, CommitLogins, Signoff, SignoffRequest


class TrailerSource:
    """The signed trailers of the history itself. `keys`: the keys that count, by name."""

    def __init__(self, declarations: DeclarationHistory, keys: Mapping[str, str]) -> None:
        self._declarations = declarations
        self._revisions = declarations.revisions
        self._keys = keys

    def signoffs(self, request: SignoffRequest) -> Iterator[Signoff]:
        """See SignoffSource."""
        commits = self._revisions.between(request.parent, request.tip)
        for name, commit, refusal in self._revisions.trailers(commits, self._keys):
            there = request.at(commit)
            if there is None:
                continue
            other = "" if there == request.state else f"the commit {commit[:12]} has another state of it"
            yield Signoff(name, refusal or other)

    def branches(self, request: SignoffRequest) -> list[Branch]:
        """See SignoffSource. The commits since the one before the state, as far as they changed anything."""
        return [Branch(request.parent, request.introduced or request.tip)]

    def proposers(self, request: SignoffRequest) -> list[str]:
        """See SignoffSource."""
        del request
        return []

    def logins_of(self, commit: Commit, on_branch: bool) -> CommitLogins:
        """See SignoffSource. Only keys tell who made a commit."""
        del commit, on_branch
        return CommitLogins("")

    def login(self, person: Person) -> str:
        """See SignoffSource."""
        del person
        return ""
