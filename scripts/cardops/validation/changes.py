"""Compute the changes of a branch with their authors and approvers, as rules on changes see them."""

from collections.abc import Iterator
from typing import NamedTuple

from cardops.desired.cards import CardFile
from cardops.desired.history import CardRevision, same_state
from cardops.desired.loader import Loaded
from cardops.desired.selectors import selected
from cardops.desired.share_access import access_to, is_sensitive, widened
from cardops.merge.diff import diff
from cardops.model.desired import Card, CardKey, Config, Share, Status
from cardops.policy.facts import Change, ChangeKind, Subject
from cardops.signoffs.decision import SignoffDecision
from cardops.validation.signoff_check import SignoffChecker, approvers_of, card_finding, file_finding
from cardops.validation.subjects import RuleSubjects, whole_repository


class BranchChanges(NamedTuple):
    """A branch from the commit that it `started` at to its `tip`, and the configurations that decide about it."""

    started: str
    tip: str
    base: Config
    now: Config


class ProposedChange(NamedTuple):
    """One change; `card` is what it proposes, None for a share and for what is removed.

    `share` is a proposed share, and `widened` are the cards to which its change needs a sign-off of its own.
    """

    change: Change
    judgement: SignoffDecision | None
    card: Card | None = None
    was: Card | None = None
    share: Share | None = None
    widened: tuple[Card, ...] = ()

    @property
    def needs_signoff(self) -> bool:
        """A card becomes Approved, changes while it is, or is shared more widely: this needs a sign-off anyhow."""
        card = self.card
        return bool(self.widened) or (
            card is not None and card.status is Status.APPROVED and not same_state(self.was, card)
        )


def changes_between(
    before: Loaded, after: Loaded, branch: BranchChanges, judge: SignoffChecker
) -> Iterator[ProposedChange]:
    """Every card and share that is added, modified, renamed (its file alone) or removed; broken files say nothing."""
    old, new = _touched(before, after), _touched(after, before)
    for identity, subject in new.items():
        was = old.get(identity)
        if was is None or was.path != subject.path or was.value != subject.value:
            yield _proposed(
                whole_repository(was) if was else None, whole_repository(subject), before, after, branch, judge
            )
    for identity, subject in old.items():
        if identity not in new and not _unsure(subject, after):
            yield _removed(whole_repository(subject), branch, judge)


def _touched(loaded: Loaded, other: Loaded) -> dict[tuple[str, str], Subject]:
    """The cards and shares of one side, without the cards whose file has the same path and bytes on the other side."""
    if loaded.desired is None:
        return {}
    subjects = RuleSubjects(loaded, loaded.desired)
    beside = other.sound.get
    differing = [key for key, file in loaded.sound.items() if file is not beside(key)]
    cards = [subjects.card(key) for key in differing if not _same(loaded.sound[key], beside(key))]
    return {(subject.kind, subject.key): subject for subject in (*cards, *subjects.of("share"))}


def _same(file: CardFile, other: CardFile | None) -> bool:
    return other is not None and file.path == other.path and bool(file.hash) and file.hash == other.hash


def _proposed(
    was: Subject | None, subject: Subject, before: Loaded, after: Loaded, branch: BranchChanges, judge: SignoffChecker
) -> ProposedChange:
    paths = tuple(change.path for change in diff(was.value if was else {}, subject.value))
    kind: ChangeKind = "added" if was is None else "modified" if paths else "renamed"
    card, old = _card(after, subject.key), _card(before, subject.key)
    declarations = judge.declarations
    if subject.kind == "card" and card is not None:
        passage = CardRevision("", branch.started, old)
        question = card_finding(declarations, card, passage, branch.tip, merged=False)
    else:
        question = file_finding(declarations, subject.path, subject.value, branch.started, branch.tip)
    judgement = judge.judge(question, judge.before(question, branch.base), branch.now)
    change = _change(kind, subject, was, paths, judgement, branch)
    if subject.kind == "card":
        return ProposedChange(change, judgement, card, old)
    share = next(one for one in after.desired.shares if one.name == subject.key) if after.desired else None
    widened = tuple(_widened(share, before, after)) if share and paths else ()
    return ProposedChange(change, judgement, None, None, share, widened)


def _widened(share: Share, before: Loaded, after: Loaded) -> Iterator[Card]:
    """The Approved and high-risk cards to which a share gives access that no share gave them before."""
    desired, old = after.desired, before.desired
    keys = {key for name in share.cards for key in selected(name, after.keys, desired.config)} if desired else ()
    for key in sorted(keys):
        card = desired.cards.get(key) if desired else None
        if desired is None or card is None or not is_sensitive(card):
            continue
        had = access_to(key, old.shares, old.config) if old else {}
        if widened(had, access_to(key, [share], desired.config)):
            yield card


def _removed(subject: Subject, branch: BranchChanges, judge: SignoffChecker) -> ProposedChange:
    question = file_finding(judge.declarations, subject.path, None, branch.started, branch.tip)
    judgement = judge.judge(question, judge.before(question, branch.base), branch.now)
    return ProposedChange(_change("removed", subject, subject, (), judgement, branch), judgement)


def _change(
    kind: ChangeKind,
    subject: Subject,
    was: Subject | None,
    paths: tuple[str, ...],
    judgement: SignoffDecision | None,
    branch: BranchChanges,
) -> Change:
    wrote = judgement.contributors if judgement else None
    return Change(
        kind,
        subject,
        was.value if was else None,
        paths,
        wrote.names if wrote else (),
        approvers_of(judgement),
        wrote.known if wrote else True,
        branch.tip,
    )


def _card(loaded: Loaded, key: str) -> Card | None:
    return loaded.desired.cards.get(CardKey(*key.split("/"))) if loaded.desired and key.count("/") == 2 else None


def _unsure(subject: Subject, after: Loaded) -> bool:
    """Return True if an unusable file may still declare it."""
    if subject.kind == "card":
        return after.unreadable or subject.key in {str(key) for key in after.broken}
    return after.unreadable_shares or subject.name in after.broken_shares
