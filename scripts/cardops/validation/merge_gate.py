"""Check merged state again before access widens: deny rules, and the sign-offs of Approved cards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cardops.desired.history import CardRevision, DeclarationHistory, same_state
from cardops.desired.loader import Loaded
from cardops.model.desired import APPROVED_BY, COMMIT, REPOSITORY, SIGNED, Card, CardKey, Config, Desired, Status
from cardops.model.errors import GitError
from cardops.model.findings import Finding, sort_findings
from cardops.model.observed import Observed, ObservedCard
from cardops.model.provenance import is_proven_equal, signed_off, signed_off_before_0_2
from cardops.plan import hub_copies as copies
from cardops.plan.approvals import Approval
from cardops.plan.inputs import PlanInputs
from cardops.policy.facts import Change, Subject, encode
from cardops.policy.loader import PolicySet
from cardops.signoffs.decision import SignoffDecision
from cardops.validation.share_gate import ShareGate
from cardops.validation.signoff_check import (
    SignoffChecker,
    approval_of,
    approvers_of,
    card_finding,
    config_before,
    downgraded,
    missing,
)
from cardops.validation.subjects import RuleSubjects, asks_for_approvers, evaluate_rules


@dataclass(frozen=True, slots=True)
class MergeGate:
    """The cards and shares that may not widen, and the sign-offs of the rest. `on_hold` says why nothing may widen."""

    findings: tuple[Finding, ...] = ()
    approvals: Mapping[CardKey, Approval] = field(default_factory=dict)
    blocked: Mapping[CardKey, str] = field(default_factory=dict)
    blocked_shares: Mapping[str, str] = field(default_factory=dict)
    on_hold: str = ""

    def over(self, given: PlanInputs) -> PlanInputs:
        """Return a plan's inputs together with the gate's decisions."""
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
    passage: CardRevision
    judgement: SignoffDecision | None
    kind: str
    decided: bool


def check_merge(
    loaded: Loaded,
    observed: Observed,
    bases: Mapping[CardKey, Card],
    policies: PolicySet,
    judge: SignoffChecker,
    tip: str,
    today: str,
) -> MergeGate:
    """`tip` is the commit that is to be applied. What git cannot tell blocks the card, and says what to fetch."""
    desired = loaded.desired
    if desired is None:
        return MergeGate(on_hold="cardops.yaml cannot be used")
    findings: list[Finding] = []
    approvals: dict[CardKey, Approval] = {}
    moved: list[_Moved] = []
    wants_changes = any(rule.on == "change" for rule in policies.rules.values())
    resolved = copies.resolve(desired, observed, bases).desired
    for card in _unsettled(desired, resolved, observed, wants_changes):
        try:
            if recorded := _recorded(card, observed.cards.get(card.key), desired.config, judge.declarations):
                approvals[card.key] = recorded
            else:
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
    findings += ShareGate(desired, judge, tip).findings(observed, today)
    changes = tuple(_changes(loaded, moved, judge.declarations)) if wants_changes else ()
    found = evaluate_rules(policies, loaded, today, changes)
    if any(not one.decided for one in moved):
        found = downgraded(found, asks_for_approvers([policies]))
    return _gate([*findings, *found], approvals, desired)


def _unsettled(desired: Desired, resolved: Desired, observed: Observed, all_of_them: bool) -> Iterator[Card]:
    """Cards that AWS has not as declared, and of which no tag says that this was signed off.

    Tags of a hub copy are about what it carries, so it is compared as it is `resolved`.
    """
    repository = desired.config.repository
    for key, card in desired.cards.items():
        if observed.in_other_partition(key.place):
            continue
        live = observed.cards.get(key)
        known = resolved.cards[key]
        settled = live is not None and is_proven_equal(known, live, repository)
        settled = settled or signed_off(known, live, repository) or _adopted_as_it_is(card, live)
        if not settled and (all_of_them or card.status is Status.APPROVED):
            yield card


def _recorded(
    card: Card, live: ObservedCard | None, config: Config, declarations: DeclarationHistory
) -> Approval | None:
    """The sign-off that an earlier release recorded without saying of what; this one says it from now on."""
    commit = live.tags.get(COMMIT, "") if live and APPROVED_BY in live.tags and SIGNED not in live.tags else ""
    if not commit or not live or not declarations.revisions.knows(commit):
        return None
    before = declarations.card(commit, card.key, card.location.path)
    found = signed_off_before_0_2(before, card, live, config.repository)
    return Approval.recorded(live.tags) if found else None


def _adopted_as_it_is(card: Card, live: ObservedCard | None) -> bool:
    """Return True if git adopts, unchanged, a card that was approved before cardops or is not approved.

    A model package that is approved with the card is no part of what was there.
    """
    if live is None or not card.adopt or REPOSITORY in live.tags or card.model_package:
        return False
    return live.status is card.status and live.content == card.content


def _look(card: Card, config: Config, judge: SignoffChecker, tip: str) -> _Moved:
    declarations = judge.declarations
    at_tip = declarations.card(tip, card.key, card.location.path)
    committed = same_state(at_tip, card)
    passage = declarations.introduction(card, tip) if committed else CardRevision("", tip, at_tip)
    base = config_before(declarations, passage.parent, config)
    now = declarations.config(passage.commit) or config
    question = card_finding(declarations, card, passage, tip, committed)
    before = judge.before(question, base)
    kind = judge.kind([*before, now], config)
    return _Moved(card, passage, judge.judge(question, before, now, config), kind, judge.decides(kind))


def _changes(loaded: Loaded, moved: Iterable[_Moved], declarations: DeclarationHistory) -> Iterator[Change]:
    if loaded.desired:
        subjects = RuleSubjects(loaded, loaded.desired)
        for one in moved:
            yield _change(one, subjects.card(one.card.key, deferred=True), declarations)


def _change(one: _Moved, subject: Subject, declarations: DeclarationHistory) -> Change:
    was, judgement = one.passage.before, one.judgement
    before = declarations.value(one.passage.parent, was.location.path) if was else None
    return Change(
        "added" if before is None else "modified",
        subject,
        None if before is None else encode(before),
        None,
        judgement.contributors.names if judgement else (),
        approvers_of(judgement),
        judgement.contributors.known if judgement else True,
        one.passage.commit,
    )


def _gate(findings: Iterable[Finding], approvals: Mapping[CardKey, Approval], desired: Desired) -> MergeGate:
    found = sort_findings(findings)
    denied = [one for one in found if one.level == "deny" and not one.suppressed]
    keys = {str(key): key for key in desired.cards}
    blocked = {keys[one.card]: f"{one.rule}: {one.message}" for one in reversed(denied) if one.card in keys}
    shares = {one.share: f"{one.rule}: {one.message}" for one in reversed(denied) if one.share and not one.card}
    everything = next(
        (f"{one.location}: {one.rule}: {one.message}" for one in denied if not one.card and not one.share), ""
    )
    kept = {key: approval for key, approval in approvals.items() if key not in blocked}
    return MergeGate(tuple(found), kept, blocked, shares, everything)
