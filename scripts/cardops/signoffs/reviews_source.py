"""Read sign-offs from pull request reviews. A review covers the state at its head commit and nothing else."""

from collections.abc import Iterator, Sequence

from cardops.git.log import Commit, Person
from cardops.git.repository import Repository
from cardops.signoffs.reviews import PullRequest
from cardops.signoffs.sources import Branch, CommitLogins, Signoff, SignoffRequest


class ReviewSource:
    """The reviews of some pull requests, held against the history."""

    def __init__(self, pulls: Sequence[PullRequest], revisions: Repository) -> None:
        self._pulls = pulls
        self._revisions = revisions

    def signoffs(self, request: SignoffRequest) -> Iterator[Signoff]:
        """See SignoffSource."""
        for pull in self._pulls:
            if not self._merged_here(pull, request):
                continue
            refusal = self._refusal(pull, request)
            if refusal is None:
                continue
            for one in pull.opinions():
                yield Signoff(one.login, one.refusal or refusal, str(pull.number), one.stranger, one.bot)

    def branches(self, request: SignoffRequest) -> list[Branch]:
        """See SignoffSource."""
        return [
            Branch(self._start(pull, request), pull.head, pull.merge if request.merged else "")
            for pull in self._about(request)
        ]

    def proposers(self, request: SignoffRequest) -> list[str]:
        """See SignoffSource."""
        return [login for pull in self._about(request) for login in (pull.author, *pull.pushers)]

    def logins_of(self, commit: Commit, on_branch: bool) -> CommitLogins:
        """See SignoffSource. A commit of a branch is known by its hash alone: one that the platform does not list (it
        lists 250) is nobody's. An older one is known by its author's address, too.
        """
        known = next((pull.commits[commit.hash] for pull in self._pulls if commit.hash in pull.commits), None)
        return known or CommitLogins("" if on_branch else self.login(commit.people.author))

    def login(self, person: Person) -> str:
        """See SignoffSource. An address that the platform gives to two people is nobody's."""
        logins = {pull.emails.get(person.email.casefold(), "") for pull in self._pulls} - {""}
        return logins.pop() if len(logins) == 1 else ""

    def _about(self, request: SignoffRequest) -> Iterator[PullRequest]:
        for pull in self._pulls:
            if self._merged_here(pull, request) and self._refusal(pull, request) == "":
                yield pull

    def _merged_here(self, pull: PullRequest, request: SignoffRequest) -> bool:
        """Tell whether the pull request brought the state: merged after it was introduced, and before the tip."""
        if not request.merged:
            return True
        if not pull.merge or not self._known(pull.merge):
            return False
        return self._revisions.on_first_parents(pull.merge, request.tip) and self._revisions.contains(
            request.introduced, pull.merge
        )

    def _refusal(self, pull: PullRequest, request: SignoffRequest) -> str | None:
        """Return why reviews of this pull request do not cover the state; None if it does not concern the card."""
        if not self._known(pull.head):
            return (
                f"the reviewed commit {pull.head[:12]} is not in this clone "
                f"(git fetch origin {pull.head}, or refs/pull/{pull.number}/head)"
            )
        reviewed = request.at(pull.head)
        started = self._start(pull, request)
        before = request.at(started) if started else None
        if before == request.state or (reviewed is None and before is None):
            return None
        if reviewed != request.state:
            return f"the reviewed commit {pull.head[:12]} has another state of it"
        return ""

    def _start(self, pull: PullRequest, request: SignoffRequest) -> str:
        """The commit that its branch started from; empty where there was none."""
        onto = self._revisions.first_parent(pull.merge) if request.merged else request.parent
        return self._revisions.merge_base(pull.head, onto) if onto else ""

    def _known(self, commit: str) -> bool:
        return self._revisions.has(commit)
