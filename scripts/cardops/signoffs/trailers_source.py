"""Sign-offs from commits: `Approved-by: NAME`, signed with the key that cardops.yaml had for NAME before the change."""

from collections.abc import Iterator

from cardops.desired.history import DeclarationHistory
from cardops.git.log import Person
from cardops.signoffs.sources import Branch, Signoff, SignoffRequest


class TrailerSource:
    """The signed trailers of the history itself."""

    def __init__(self, declarations: DeclarationHistory) -> None:
        self._declarations = declarations
        self._revisions = declarations.revisions

    def signoffs(self, question: SignoffRequest) -> Iterator[Signoff]:
        """See SignoffSource. Keys are those before the state was introduced: a change cannot bring its own."""
        before = self._declarations.config(question.parent)
        keys = before.signing_keys if before else {}
        commits = self._revisions.between(question.parent, question.tip)
        for name, commit, refusal in self._revisions.trailers(commits, keys):
            there = question.at(commit)
            if there is None:
                continue
            other = "" if there == question.state else f"the commit {commit[:12]} has another state of it"
            yield Signoff(name, refusal or other)

    def branches(self, question: SignoffRequest) -> list[Branch]:
        """See SignoffSource."""
        return []

    def author(self, question: SignoffRequest) -> str:
        """See SignoffSource."""
        return ""

    def logins(self) -> list[str]:
        """See SignoffSource."""
        return []

    def login(self, person: Person) -> str:
        """See SignoffSource. A commit names its author itself, and the same names are used for keys."""
        return person.name
