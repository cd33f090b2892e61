"""Sign-offs from pull request reviews: a review covers what its head commit has, and nothing else."""

from collections.abc import Iterator, Sequence

from cardops.git.log import Person
from cardops.git.repository import Repository
from cardops.signoffs.reviews import PullRequest
from cardops.signoffs.sources import Branch, Signoff, SignoffRequest


class ReviewSource:
    """The reviews of some pull requests, held against the history."""

    def __init__(self, pulls: Sequence[PullRequest], revisions: Repository) -> None:
        self._pulls = pulls
        self._revisions = revisions

    def signoffs(self, question: SignoffRequest) -> Iterator[Signoff]:
        """See SignoffSource."""
        for pull in self._pulls:
            if not self._merged_here(pull, question):
                continue
            refusal = self._refusal(pull, question)
            if refusal is None:
                continue
            for login, why, stranger in pull.opinions():
                yield Signoff(login, why or refusal, str(pull.number), stranger)

    def branches(self, question: SignoffRequest) -> list[Branch]:
        """See SignoffSource."""
        return [Branch(self._start(pull, question), pull.head) for pull in self._about(question)]

    def author(self, question: SignoffRequest) -> str:
        """See SignoffSource."""
        return next((pull.author for pull in self._about(question)), "")

    def logins(self) -> list[str]:
        """See SignoffSource."""
        return [login for pull in self._pulls for login in (pull.author, *(r.login for r in pull.reviews))]

    def login(self, person: Person) -> str:
        """See SignoffSource."""
        return next((pull.emails[mail] for pull in self._pulls if (mail := person.email.casefold()) in pull.emails), "")

    def _about(self, question: SignoffRequest) -> Iterator[PullRequest]:
        for pull in self._pulls:
            if self._merged_here(pull, question) and self._refusal(pull, question) == "":
                yield pull

    def _merged_here(self, pull: PullRequest, question: SignoffRequest) -> bool:
        """Whether the pull request brought the state: merged after it was introduced, and before the tip."""
        if not question.merged:
            return True
        if not pull.merge or not self._known(pull.merge):
            return False
        return self._revisions.on_first_parents(pull.merge, question.tip) and self._revisions.contains(
            question.introduced, pull.merge
        )

    def _refusal(self, pull: PullRequest, question: SignoffRequest) -> str | None:
        """Why reviews of this pull request do not cover the state; None where it has nothing to do with the card."""
        if not self._known(pull.head):
            return (
                f"the reviewed commit {pull.head[:12]} is not in this clone "
                f"(git fetch origin {pull.head}, or refs/pull/{pull.number}/head)"
            )
        reviewed = question.at(pull.head)
        started = self._start(pull, question)
        before = question.at(started) if started else None
        if before == question.state or (reviewed is None and before is None):
            return None
        if reviewed != question.state:
            return f"the reviewed commit {pull.head[:12]} has another state of it"
        return ""

    def _start(self, pull: PullRequest, question: SignoffRequest) -> str:
        """The commit that its branch started from; empty where there was none."""
        onto = self._revisions.first_parent(pull.merge) if question.merged else question.parent
        return self._revisions.merge_base(pull.head, onto) if onto else ""

    def _known(self, commit: str) -> bool:
        return self._revisions.has(commit)
