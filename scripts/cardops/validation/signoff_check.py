"""Which source's sign-offs a state needs, and what is said where there are not enough."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from cardops.desired.history import CardRevision, DeclarationHistory
from cardops.desired.sources import CONFIG
from cardops.model.desired import Card, Config
from cardops.model.findings import Finding, Level
from cardops.plan.approvals import Approval
from cardops.policy.facts import Approver
from cardops.signoffs.decision import SignoffDecision, decide
from cardops.signoffs.reviews import PullRequest
from cardops.signoffs.reviews_source import ReviewSource
from cardops.signoffs.sources import SignoffRequest, SignoffSource
from cardops.signoffs.trailers_source import TrailerSource

HINTS = {
    "reviews": "have the pull request reviewed; give its reviews with --reviews FILE",
    "signed-trailers": "an approver commits `Approved-by: NAME` with the key that cardops.yaml names for them",
}


class SignoffChecker:
    """Judges states of cards. `reviews` is None where no file of reviews was given."""

    def __init__(self, declarations: DeclarationHistory, reviews: list[PullRequest] | None) -> None:
        self.declarations = declarations
        self.given = reviews is not None
        self._sources: Mapping[str, SignoffSource] = {
            "reviews": ReviewSource(reviews or [], declarations.revisions),
            "signed-trailers": TrailerSource(declarations),
        }

    def kind(self, before: Iterable[Config], now: Config) -> str:
        """Where sign-offs have to come from: what was asked before the change holds for the change that ends it."""
        return next((config.signoff for config in (*before, now) if config.signoff != "none"), "none")

    def before(self, question: SignoffRequest, base: Config) -> list[Config]:
        """`base`, and first what was there before each pull request that brought the state and changes cardops.yaml.

        Merged by rebase, such a change is a commit of its own, which `base` may come after.
        """
        declarations = self.declarations
        earlier = [
            config_before(declarations, branch.start, base)
            for branch in self._sources["reviews"].branches(question)
            if question.merged
            and branch.start
            and declarations.text(branch.start, CONFIG) != declarations.text(branch.head, CONFIG)
        ]
        return [*earlier, base]

    def decides(self, kind: str) -> bool:
        """Whether everything is there to say that a sign-off is missing."""
        return kind != "reviews" or self.given

    def judge(self, question: SignoffRequest, before: Sequence[Config], now: Config) -> SignoffDecision | None:
        """None where nobody has to sign off. Who is unknown is only counted once the platform was asked."""
        kind = self.kind(before, now)
        if kind == "none":
            return None
        found = decide(question, self._sources[kind], self.declarations.revisions, before, now)
        return found if self.decides(kind) else found._replace(contributors=found.contributors._replace(known=True))


def state_of(card: Card | None) -> object:
    """What a sign-off of a card covers: its key, its status and its declared content."""
    return (card.key, card.status, card.digest) if card else None


def card_finding(
    declarations: DeclarationHistory, card: Card, passage: CardRevision, tip: str, merged: bool
) -> SignoffRequest:
    """The question whether a card's state is signed off."""

    def at(commit: str) -> object:
        return state_of(declarations.card(commit, card.key, card.location.path))

    before = [passage.before for passage in declarations.passages(card, tip)]
    paths = dict.fromkeys([card.location.path, *(was.location.path for was in before if was)])
    return SignoffRequest(state_of(card), at, tuple(paths), passage.commit, passage.parent, tip, merged)


def file_finding(declarations: DeclarationHistory, path: str, now: object, parent: str, tip: str) -> SignoffRequest:
    """The question whether a proposed file is signed off: all that it says; `now` is None where it is removed."""
    return SignoffRequest(now, lambda commit: declarations.value(commit, path), (path,), "", parent, tip, False)


def config_before(declarations: DeclarationHistory, parent: str, now: Config) -> Config:
    """The configuration before a change; where it cannot be used, one that knows no approver and no key."""
    if not parent:
        return now
    return declarations.config(parent) or now._replace(approvers={}, signing_keys={})


def approval_of(judgement: SignoffDecision | None) -> Approval:
    """The sign-off as a plan records it."""
    if judgement is None:
        return Approval()
    return Approval(tuple(judgement.approvers), " ".join(judgement.pull_requests))


def missing(card: Card, judgement: SignoffDecision, kind: str, decided: bool) -> Finding:
    """The finding for a state without enough sign-offs; only a warning while nobody could have given one."""
    level: Level = "deny" if decided else "warn"
    message = f"{card.key.name} is to be {card.status}, and {judgement.lack()}"
    return Finding("signoff/missing", card.location, message, HINTS[kind], level, card=str(card.key))


def approvers_of(judgement: SignoffDecision | None) -> tuple[Approver, ...]:
    """Those whose word counts, as rules see them."""
    return tuple(Approver(name, groups) for name, groups in judgement.approvers.items()) if judgement else ()


def downgraded(findings: Iterable[Finding], rules: Collection[str]) -> list[Finding]:
    """The findings with those of some rules as warnings: what they ask for cannot be there yet."""
    return [one._replace(level="warn") if one.rule in rules and one.level == "deny" else one for one in findings]
