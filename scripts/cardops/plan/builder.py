"""Build the plan: ordered steps from desired, observed and last applied state. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from cardops.model.desired import Card, CardKey, Status
from cardops.model.findings import Finding, sort_findings
from cardops.model.observed import ObservedCard
from cardops.model.provenance import is_managed, is_proven_equal
from cardops.plan import adoption, hub_copies, kms_keys, model_packages, safety, version_budget
from cardops.plan import cards as card_steps
from cardops.plan.blocked import Blocked
from cardops.plan.blocked import held as held_card
from cardops.plan.card_merge import MergeInputs
from cardops.plan.inputs import PlanInputs
from cardops.plan.retirement import not_created, retire, retiring_cards
from cardops.plan.sharing.associations import is_live, ours
from cardops.plan.sharing.build import sharing
from cardops.plan.sharing.read_only import writes_through
from cardops.plan.steps import Plan, SetStatus, Step

BRAKED = "the emergency brake is on (tag cardops:brake); `cardops brake --release` ends it"


def make_plan(inputs: PlanInputs) -> Plan:
    """Build the whole plan. Blocked cards are in `held` with the reason; all others go on."""
    copied = hub_copies.resolve(inputs.desired, inputs.observed, inputs.bases)
    adopted = adoption.adopt(copied.desired, inputs.observed, inputs.today)
    approvals = {**inputs.approvals, **hub_copies.approvals(copied.desired, inputs.observed, inputs.approvals)}
    inputs = replace(inputs, desired=copied.desired, observed=adopted.observed, approvals=approvals)
    findings: list[Finding] = [*copied.findings, *adopted.findings]
    held: dict[CardKey, str] = (
        dict.fromkeys(inputs.broken, "its file is not valid") | copied.held | dict(inputs.blocked)
    )
    findings += _renamed(inputs, held)
    braked = {key: BRAKED for key, brake in inputs.brakes().items() if brake.stops_everything}
    held |= braked
    steps, unchanged = _cards(inputs, held, findings, adopted.cards)
    held |= braked  # whatever else holds such a card, this is what somebody has to end first
    steps += adopted.steps
    steps += _apart(retire(inputs, held), findings)
    shared, told = sharing(inputs, held, adopted.waiting)
    steps, findings = steps + shared, findings + told
    statuses = _statuses(inputs, steps, held)
    steps += _apart(model_packages.steps(inputs.desired, inputs.observed, inputs.bases, statuses), findings)
    if inputs.on_hold:
        waiting = {key for step in steps if not step.narrowing for key in step.cards}
        held |= dict.fromkeys(sorted(waiting - held.keys()), inputs.on_hold)
        steps = [step for step in steps if step.narrowing]
    steps = [step for step in steps if step.narrowing or not step.cards or not step.cards <= held.keys()]
    findings += kms_keys.missing_key_access(inputs.desired, inputs.observed)
    for key, behind in hub_copies.following(inputs.desired, steps, held).items():
        findings.append(behind)
        held.setdefault(key, behind.message)
    ordered = tuple(sorted(steps, key=lambda step: (step.phase, step.place, step.key, step.kind)))
    desired = inputs.desired
    draft = Plan(desired.config.repository, desired.commit, ordered, (), held, unchanged)
    findings += version_budget.near_limit(desired, inputs.observed, ordered)
    findings += safety.exceeded_limits(desired.config, ordered, inputs.observed, draft.digest)
    limits, found = inputs.observed.version_limits, tuple(sort_findings(findings))
    return Plan(desired.config.repository, desired.commit, ordered, found, held, unchanged, limits)


def _statuses(inputs: PlanInputs, steps: Iterable[Step], held: Collection[CardKey]) -> dict[CardKey, Status]:
    """The status of every card once the plan is done; a card that is not there has none."""
    found = {key: live.status for key, live in inputs.observed.cards.items()}
    for step in sorted(steps, key=lambda step: step.phase):
        if isinstance(step.action, SetStatus) and (step.narrowing or not (inputs.on_hold or step.cards <= set(held))):
            found |= dict.fromkeys(step.cards, step.action.status)
    return found


def _cards(
    inputs: PlanInputs, held: dict[CardKey, str], findings: list[Finding], adopted: Collection[CardKey]
) -> tuple[list[Step], int]:
    desired, repository = inputs.desired, inputs.desired.config.repository
    writable = _foreign_writers(inputs)
    steps: list[Step] = []
    unchanged = 0
    for key, card in desired.cards.items():
        live = inputs.observed.cards.get(key)
        if key.place in inputs.observed.unknown:
            held[key] = inputs.observed.unknown[key.place]
            continue
        if why := inputs.observed.unreadable.get(key, ""):
            held[key] = f"it cannot be read: {why}"
            findings.append(_unreadable(card, why))
            steps += card_steps.withdraw(card, live) if live and is_managed(live.tags, repository) else ()
            continue
        if retiring_cards(key, desired.config) and card.status is not Status.ARCHIVED:
            if live is None:
                findings.append(not_created(card))
                held[key] = findings[-1].message
            continue
        try:
            if live is not None and is_managed(live.tags, repository):
                findings += kms_keys.require_same_key(card, live, inputs.observed)
            if live is not None and is_proven_equal(card, live, repository):
                unchanged += key not in adopted and key not in held
                continue
            found = list(_card(inputs, card, live, writable))
        except Blocked as waiting:
            findings += waiting.findings
            held[key] = str(waiting)
            if live is not None and is_managed(live.tags, repository):
                steps += card_steps.withdraw(card, live)
            continue
        steps += found
        if key in held and live is not None and live.status is card.status is Status.APPROVED:
            steps += card_steps.unsigned(live)
        settled = key not in adopted and key not in held
        unchanged += settled and not any(step.kind != "record" for step in found)
    return steps, unchanged


def _card(inputs: PlanInputs, card: Card, live: ObservedCard | None, writable: Mapping[str, str]) -> Iterator[Step]:
    repository, commit = inputs.desired.config.repository, inputs.desired.commit
    if live is None:
        yield from card_steps.create(card, repository, commit, inputs.approvals.get(card.key))
        return
    _refuse_foreign(card, live, repository)
    if live.processing:
        raise held_card(card, "card/being-deleted", "the live card is being deleted", "wait until it is gone")
    if card.status is Status.APPROVED and card.key.arn in writable:
        raise held_card(
            card,
            "access/foreign-writer",
            f"the share {writable[card.key.arn]!r}, which cardops does not own, lets others write it",
            "remove the card from that share",
        )
    yield from card_steps.update(_sides(inputs, card, live))


def _unreadable(card: Card, why: str) -> Finding:
    hint = "let the role read the card and its key, or have its content written anew; its access narrows meanwhile"
    return Finding("card/unreadable", card.location, f"{card.key.name} cannot be read: {why}", hint, card=str(card.key))


def _sides(inputs: PlanInputs, card: Card, live: ObservedCard) -> MergeInputs:
    base, unmerged = inputs.bases.get(card.key), inputs.unmerged.get(card.key)
    approval = (
        inputs.approvals.get(card.key) if card.status is Status.APPROVED else None
    )  # a copy may have to fall back
    repository, commit = inputs.desired.config.repository, inputs.desired.commit
    return MergeInputs(card, live, base, repository, commit, inputs.today, inputs.locate, approval, unmerged)


def _refuse_foreign(card: Card, live: ObservedCard, repository: str) -> None:
    if not is_managed(live.tags, repository):
        raise held_card(card, "ownership/foreign-card", *adoption.foreign_reason(card, live))


def _foreign_writers(inputs: PlanInputs) -> dict[str, str]:
    """Map each card that a foreign share lets others write to that share's name."""
    repository = inputs.desired.config.repository
    return {
        arn: share.name
        for share in inputs.observed.shares
        if not ours(share, repository)
        for arn, state in share.resources.items()
        if is_live(state) and writes_through(share, arn, inputs.read_only)
    }


def _renamed(inputs: PlanInputs, held: dict[CardKey, str]) -> Iterator[Finding]:
    """A key never changes: neither is the old card retired nor the new one made, until git says it in two files."""
    for old, new in inputs.renamed.items():
        message = f"{old.name}: its file now declares {new}; a card's name, account and region never change"
        held[old] = held[new] = message
        hint = f"undo it and run `cardops move {old.name}`, which declares a new card and archives this one"
        yield Finding("card/renamed", inputs.desired.cards[new].location, message, hint, card=str(old))


def _apart(found: Iterable[Step | Finding], findings: list[Finding]) -> list[Step]:
    """The steps; what was found instead of a step goes to the findings."""
    steps: list[Step] = []
    for one in found:
        if isinstance(one, Finding):
            findings.append(one)
        else:
            steps.append(one)
    return steps
