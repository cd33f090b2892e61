"""(desired, observed, base, blocked cards) -> ordered steps. Pure: all that it needs is given to it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cardops.model.desired import REPOSITORY, Card, CardKey, Desired, Status
from cardops.model.findings import Finding, sort_findings
from cardops.model.observed import Observed, ObservedCard
from cardops.model.permissions import may_write
from cardops.model.provenance import is_proven_equal
from cardops.plan import adoption, safety
from cardops.plan import cards as card_steps
from cardops.plan import hub_copies as copies
from cardops.plan import kms_keys as keys
from cardops.plan import model_packages as registry_steps
from cardops.plan.approvals import Approval
from cardops.plan.card_merge import Locate, MergeInputs, at_card_file
from cardops.plan.retirement import not_created, retire, retiring_cards
from cardops.plan.sharing.associations import is_live, ours
from cardops.plan.sharing.build import sharing
from cardops.plan.steps import Plan, Step


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """Everything a plan is made from.

    `bases`: what git last declared for cards that moved; `approvals`: who signed Approved states off;
    `blocked`, `blocked_shares`: what a finding of level deny holds; `on_hold`: why nothing at all may widen;
    `broken`: cards whose files do not parse; `unreadable`: some file does not even say which card it is;
    `unsure_shares`: a share's file does not parse, so no grant may be taken for removed; `renamed`: live cards
    whose file declares another card now, with that card; `locate`: where a field of a card stands;
    `unmerged`: live contents with what an interrupted write did not get to merge back.
    """

    desired: Desired
    observed: Observed
    today: str
    bases: Mapping[CardKey, Card] = field(default_factory=dict)
    approvals: Mapping[CardKey, Approval] = field(default_factory=dict)
    blocked: Mapping[CardKey, str] = field(default_factory=dict)
    broken: frozenset[CardKey] = frozenset()
    unreadable: bool = False
    unsure_shares: bool = False
    renamed: Mapping[CardKey, CardKey] = field(default_factory=dict)
    locate: Locate = at_card_file
    blocked_shares: Collection[str] = ()
    on_hold: str = ""
    unmerged: Mapping[CardKey, bytes] = field(default_factory=dict)


def make_plan(given: PlanInputs) -> Plan:
    """The whole plan. Cards that wait for somebody are in `held`, with the reason; the others go on."""
    copied = copies.resolve(given.desired, given.observed, given.bases)
    adopted = adoption.adopt(copied.desired, given.observed, given.today)
    given = replace(given, desired=copied.desired, observed=adopted.observed)
    findings: list[Finding] = [*copied.findings, *adopted.findings]
    held: dict[CardKey, str] = dict.fromkeys(given.broken, "its file is not valid") | copied.held | dict(given.blocked)
    findings += _renamed(given, held)
    steps, unchanged = _cards(given, held, findings, adopted.cards)
    steps += adopted.steps
    steps += _apart(retire(given, held), findings)
    shared, told = sharing(given, held, adopted.waiting)
    steps, findings = steps + shared, findings + told
    steps += _apart(registry_steps.steps(given.desired, given.observed, given.bases), findings)
    if given.on_hold:
        waiting = {key for step in steps if not step.narrowing for key in step.cards}
        held |= dict.fromkeys(sorted(waiting - held.keys()), given.on_hold)
        steps = [step for step in steps if step.narrowing]
    steps = [step for step in steps if step.narrowing or not step.cards or not step.cards <= held.keys()]
    findings += keys.missing_key_access(given.desired, given.observed)
    for key, behind in copies.following(given.desired, steps, held).items():
        findings.append(behind)
        held.setdefault(key, behind.message)
    ordered = tuple(sorted(steps, key=lambda step: (step.phase, step.place, step.key, step.kind)))
    desired = given.desired
    draft = Plan(desired.config.repository, desired.commit, ordered, (), held, unchanged)
    findings += safety.exceeded_limits(desired.config, ordered, given.observed, draft.digest)
    return Plan(desired.config.repository, desired.commit, ordered, tuple(sort_findings(findings)), held, unchanged)


def _cards(
    given: PlanInputs, held: dict[CardKey, str], findings: list[Finding], adopted: Collection[CardKey]
) -> tuple[list[Step], int]:
    desired, repository = given.desired, given.desired.config.repository
    writable = _foreign_writers(given)
    steps: list[Step] = []
    unchanged = 0
    for key, card in desired.cards.items():
        live = given.observed.cards.get(key)
        if key.place in given.observed.unknown:
            held[key] = given.observed.unknown[key.place]
            continue
        if retiring_cards(key, desired.config) and card.status is not Status.ARCHIVED:
            if live is None:
                findings.append(not_created(card))
                held[key] = findings[-1].message
            continue
        try:
            if live is not None and live.tags.get(REPOSITORY) == repository:
                findings += keys.require_same_key(card, live, given.observed)
            if live is not None and is_proven_equal(card, live, repository):
                unchanged += key not in adopted and key not in held
                continue
            found = list(_card(given, card, live, writable))
        except card_steps.Blocked as waiting:
            findings += waiting.findings
            held[key] = str(waiting)
            if live is not None and live.tags.get(REPOSITORY) == repository:
                steps += card_steps.withdraw(card, live)
            continue
        steps += found
        settled = key not in adopted and key not in held
        unchanged += settled and not any(step.kind != "record" for step in found)
    return steps, unchanged


def _card(given: PlanInputs, card: Card, live: ObservedCard | None, writable: Mapping[str, str]) -> Iterator[Step]:
    repository, commit = given.desired.config.repository, given.desired.commit
    if live is None:
        yield from card_steps.create(card, repository, commit, given.approvals.get(card.key))
        return
    _refuse_foreign(card, live, repository)
    if live.processing:
        raise card_steps.held(card, "card/being-deleted", "the live card is being deleted", "wait until it is gone")
    if card.status is Status.APPROVED and card.key.arn in writable:
        raise card_steps.held(
            card,
            "access/foreign-writer",
            f"the share {writable[card.key.arn]!r}, which cardops does not own, lets others write it",
            "remove the card from that share",
        )
    yield from card_steps.update(_sides(given, card, live))


def _sides(given: PlanInputs, card: Card, live: ObservedCard) -> MergeInputs:
    base, unmerged = given.bases.get(card.key), given.unmerged.get(card.key)
    approval = given.approvals.get(card.key) if card.status is Status.APPROVED else None  # a copy may have to fall back
    repository, commit = given.desired.config.repository, given.desired.commit
    return MergeInputs(card, live, base, repository, commit, given.today, given.locate, approval, unmerged)


def _refuse_foreign(card: Card, live: ObservedCard, repository: str) -> None:
    if live.tags.get(REPOSITORY) != repository:
        raise card_steps.held(card, "ownership/foreign-card", *adoption.foreign_reason(card, live))


def _foreign_writers(given: PlanInputs) -> dict[str, str]:
    """Cards that a share of somebody else's lets others write, with that share's name."""
    repository = given.desired.config.repository
    return {
        arn: share.name
        for share in given.observed.shares
        if not ours(share, repository) and may_write(share.actions)
        for arn, state in share.resources.items()
        if is_live(state)
    }


def _renamed(given: PlanInputs, held: dict[CardKey, str]) -> Iterator[Finding]:
    """A key never changes: neither is the old card retired nor the new one made, until git says it in two files."""
    for old, new in given.renamed.items():
        message = f"{old.name}: its file now declares {new}; a card's name, account and region never change"
        held[old] = held[new] = message
        hint = f"undo it and run `cardops move {old.name}`, which declares a new card and archives this one"
        yield Finding("card/renamed", given.desired.cards[new].location, message, hint, card=str(old))


def _apart(found: Iterable[Step | Finding], findings: list[Finding]) -> list[Step]:
    """The steps; what was found instead of a step goes to the findings."""
    steps: list[Step] = []
    for one in found:
        if isinstance(one, Finding):
            findings.append(one)
        else:
            steps.append(one)
    return steps
