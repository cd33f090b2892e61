"""What is merged, checked once more before anything widens: deny rules, and the sign-off of what becomes Approved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cardops.checks.judging import Judge, about_card, approval_of, approvers_of, config_before, lowered, missing
from cardops.checks.subjects import Declared, asks_for_approvers, hold_against
from cardops.declared.load import Loaded
from cardops.declared.states import Declarations, Passage, same_state
from cardops.errors import GitError
from cardops.findings import Finding, in_order
from cardops.model import REPOSITORY, Card, CardKey, Config, Desired, Status
from cardops.observed import Observed, ObservedCard
from cardops.plan import copies
from cardops.plan.approvals import Approval
from cardops.plan.build import Given
from cardops.plan.partitions import elsewhere
from cardops.plan.proofs import proven_equal, signed_off
from cardops.policy.facts import Change, Subject, packed
from cardops.policy.load import Policies
from cardops.signoffs.judge import Judgement


@dataclass(frozen=True, slots=True)
class Gate:
    """What may not widen, and who signed the rest off. `on_hold` says why nothing at all may; empty: it may."""

    findings: tuple[Finding, ...] = ()
    approvals: Mapping[CardKey, Approval] = field(default_factory=dict)
    blocked: Mapping[CardKey, str] = field(default_factory=dict)
    blocked_shares: Mapping[str, str] = field(default_factory=dict)
    on_hold: str = ""

    def over(self, given: Given) -> Given:
        """What a plan is made from, with what the gate says about it."""
        return replace(
            given,
            approvals=self.approvals,
            blocked=self.blocked,
            blocked_shares=self.blocked_shares.keys(),
            on_hold=self.on_hold,
        )


@dataclass(frozen=True, slots=True)
class _Moved:
    """A card that AWS does not have as declared, where git brought it in, and what was said about it."""

    card: Card
    passage: Passage
    judgement: Judgement | None
    kind: str
    decided: bool


def check_merged(
    loaded: Loaded,
    observed: Observed,
    bases: Mapping[CardKey, Card],
    policies: Policies,
    judge: Judge,
    tip: str,
    today: str,
) -> Gate:
    """`tip` is the commit that is to be applied. What git cannot tell blocks the card, and says what to fetch."""
    desired = loaded.desired
    if desired is None:
        return Gate(on_hold="cardops.yaml cannot be used")
    findings: list[Finding] = []
    approvals: dict[CardKey, Approval] = {}
    moved: list[_Moved] = []
    wants_changes = any(rule.on == "change" for rule in policies.rules.values())
    resolved = copies.resolve(desired, observed, bases).desired
    for card in _unsettled(desired, resolved, observed, wants_changes):
        try:
            moved.append(_look(card, desired.config, judge, tip))
        except GitError as problem:
            message = f"{card.key.name}: nobody can tell whether it is signed off: {problem.message}"
            findings.append(Finding("signoff/unknown", card.location, message, problem.hint, card=str(card.key)))
    for one in moved:
        if one.card.status is not Status.APPROVED:
            continue
        if one.judgement is None or one.judgement.enough:
            approvals[one.card.key] = approval_of(one.judgement)
        else:
            findings.append(missing(one.card, one.judgement, one.kind, one.decided))
    changes = tuple(_changes(loaded, moved, judge.declarations)) if wants_changes else ()
    found = hold_against(policies, loaded, today, changes)
    if any(not one.decided for one in moved):
        found = lowered(found, asks_for_approvers([policies]))
    return _gate([*findings, *found], approvals, desired)


def _unsettled(desired: Desired, resolved: Desired, observed: Observed, all_of_them: bool) -> Iterator[Card]:
    """Cards that AWS has not as declared, and of which no tag says that this was signed off.

    Tags of a hub copy are about what it carries, so it is compared as it is `resolved`.
    """
    repository = desired.config.repository
    for key, card in desired.cards.items():
        if elsewhere(key.place, observed):
            continue
        live = observed.cards.get(key)
        known = resolved.cards[key]
        settled = live is not None and proven_equal(known, live, repository)
        settled = settled or signed_off(known, live, repository) or _adopted_as_it_is(card, live)
        if not settled and (all_of_them or card.status is Status.APPROVED):
            yield card


def _adopted_as_it_is(card: Card, live: ObservedCard | None) -> bool:
    """Whether git takes over, unchanged, what nobody manages: it was approved before cardops, or is not approved."""
    if live is None or not card.adopt or REPOSITORY in live.tags:
        return False
    return live.status is card.status and live.content == card.content


def _look(card: Card, config: Config, judge: Judge, tip: str) -> _Moved:
    declarations = judge.declarations
    at_tip = declarations.card(tip, card.key, card.location.path)
    committed = same_state(at_tip, card)
    passage = declarations.introduction(card, tip) if committed else Passage("", tip, at_tip)
    base = config_before(declarations, passage.parent, config)
    now = declarations.config(passage.commit) or config
    question = about_card(declarations, card, passage, tip, committed)
    before = judge.before(question, base)
    kind = judge.kind(before, now)
    return _Moved(card, passage, judge.judge(question, before, now), kind, judge.decides(kind))


def _changes(loaded: Loaded, moved: Iterable[_Moved], declarations: Declarations) -> Iterator[Change]:
    if loaded.desired:
        subjects = Declared(loaded, loaded.desired)
        for one in moved:
            yield _change(one, subjects.card(one.card.key, deferred=True), declarations)


def _change(one: _Moved, subject: Subject, declarations: Declarations) -> Change:
    was, judgement = one.passage.before, one.judgement
    before = declarations.value(one.passage.parent, was.location.path) if was else None
    return Change(
        "added" if before is None else "modified",
        subject,
        None if before is None else packed(before),
        None,
        judgement.contributors.names if judgement else (),
        approvers_of(judgement),
        judgement.contributors.known if judgement else True,
        one.passage.commit,
    )


def _gate(findings: Iterable[Finding], approvals: Mapping[CardKey, Approval], desired: Desired) -> Gate:
    found = in_order(findings)
    denied = [one for one in found if one.level == "deny" and not one.suppressed]
    keys = {str(key): key for key in desired.cards}
    blocked = {keys[one.card]: f"{one.rule}: {one.message}" for one in reversed(denied) if one.card in keys}
    shares = {one.share: f"{one.rule}: {one.message}" for one in reversed(denied) if one.share and not one.card}
    everything = next(
        (f"{one.location}: {one.rule}: {one.message}" for one in denied if not one.card and not one.share), ""
    )
    kept = {key: approval for key, approval in approvals.items() if key not in blocked}
    return Gate(tuple(found), kept, blocked, shares, everything)
