"""Choose the source of sign-offs for a state, and report missing ones."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from cardops.desired.history import CardRevision, DeclarationHistory, Origin
from cardops.desired.sources import CONFIG
from cardops.model.desired import Card, Config
from cardops.model.findings import Finding, Level
from cardops.plan.approvals import Approval
from cardops.policy.facts import Approver
from cardops.signoffs.decision import SignoffDecision, decide, keys_of
from cardops.signoffs.reviews import PullRequest
from cardops.signoffs.reviews_source import ReviewSource
from cardops.signoffs.sources import SignoffRequest, SignoffSource
from cardops.signoffs.trailers_source import TrailerSource

HINTS = {
    "reviews": "have the pull request reviewed; give its reviews with --reviews FILE",
    "signed-trailers": "an approver commits `Approved-by: NAME` with the key that cardops.yaml names for them",
}


class SignoffChecker:
    """Judges states of cards and files. `reviews` is None where no file of reviews was given."""

    def __init__(self, declarations: DeclarationHistory, reviews: list[PullRequest] | None) -> None:
        self.declarations = declarations
        self.given = reviews is not None
        self._reviews = ReviewSource(reviews or [], declarations.revisions)
        self._configs: dict[tuple[str, str], list[Config]] = {}

    def kind(self, before: Iterable[Config], now: Config) -> str:
        """Return the source of sign-offs that was configured before the change."""
        return next((config.signoff for config in (*before, now) if config.signoff != "none"), "none")

    def before(self, request: SignoffRequest, base: Config) -> list[Config]:
        """Every configuration that counts for a state: `base`, what each branch that brought the state started from and
        ran through, and what its merge left behind.

        Merged by rebase, each commit of a branch is one of the history, and none of them may loosen what judges the
        next. A configuration that cannot be used knows no approver and no key.
        """
        found = [base]
        for branch in self._reviews.branches(request):
            ends = [commit for commit in (branch.start, branch.merge) if commit]
            found += [config_before(self.declarations, commit, base) for commit in ends]
            found += self._between(branch.start, branch.head, base)
        found += self._between(request.parent, request.introduced or request.tip, base)
        return [config for at, config in enumerate(found) if config not in found[:at]]

    def _between(self, start: str, end: str, base: Config) -> list[Config]:
        if (start, end) not in self._configs:
            revisions = self.declarations.revisions
            alone = not start or revisions.parents(end) == [start]  # then there is nothing in between
            changes = [] if alone else revisions.changes_between(start, end, CONFIG)
            self._configs[start, end] = [config_before(self.declarations, commit, base) for commit in changes]
        return self._configs[start, end]

    def decides(self, kind: str) -> bool:
        """Tell whether everything is there to say that a sign-off is missing."""
        return kind != "reviews" or self.given

    def judge(
        self, request: SignoffRequest, before: Sequence[Config], now: Config, at_tip: Config | None = None
    ) -> SignoffDecision | None:
        """None where nobody has to sign off. Unknown contributors are only counted once the platform was asked.

        `at_tip` is the configuration that is applied: a commit that loosens one for the next commit alone, and is put
        right before it is applied, lets nothing pass.
        """
        last = at_tip or now
        kind = self.kind([*before, now], last)
        if kind == "none":
            return None
        source: SignoffSource = self._reviews
        if kind != "reviews":
            source = TrailerSource(self.declarations, keys_of([*before, last]))
        found = decide(request, source, self.declarations.revisions, before, now)
        return found if self.decides(kind) else found._replace(contributors=found.contributors._replace(known=True))


def state_of(card: Card | None) -> object:
    """Everything that a sign-off of a card covers."""
    return card.declared if card else None


def card_finding(
    declarations: DeclarationHistory, card: Card, passage: CardRevision, tip: str, merged: bool
) -> SignoffRequest:
    """The question whether a card's state is signed off."""

    def at(commit: str) -> object:
        return state_of(declarations.card(commit, card.key, card.location.path))

    passages = list(declarations.passages(card, tip))
    before = [passage.before for passage in passages]
    paths = tuple(dict.fromkeys([card.location.path, *(was.location.path for was in before if was)]))

    def origins() -> Iterator[Origin]:
        return declarations.origins(passages[-1].commit, paths[-1]) if passages else iter(())

    return SignoffRequest(state_of(card), at, paths, passage.commit, passage.parent, tip, merged, origins)


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
    """Return the people whose approval counts, as rules see them."""
    return tuple(Approver(name, groups) for name, groups in judgement.approvers.items()) if judgement else ()


def downgraded(findings: Iterable[Finding], rules: Collection[str]) -> list[Finding]:
    """The findings with those of some rules as warnings: what they ask for cannot be there yet."""
    return [one._replace(level="warn") if one.rule in rules and one.level == "deny" else one for one in findings]
