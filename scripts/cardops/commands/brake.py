"""Stop access to a card or through a share at once, and keep it stopped until the brake is released.

What to stop is read from RAM and from the cards themselves: no plan, no rule and no other file of the repository has
to be in order. Access ends first, then the tag `cardops:brake` says so to every later plan.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from cardops.apply.polling import Poller
from cardops.apply.results import StepOutcome, StepResult
from cardops.apply.runner import ApplyRunner
from cardops.commands.brake_target import Target
from cardops.desired.grants import grant_id, grants
from cardops.merge.diff import ABSENT, Change
from cardops.model.brake import ALL, BRAKE, Brake, Scope, brake_of, with_scopes
from cardops.model.desired import GRANT, Card, CardKey, Desired, ModelPackage, Status
from cardops.model.errors import CloudError, UsageError
from cardops.model.observed import Observed, ObservedCard, ObservedShare
from cardops.model.ports import Cloud
from cardops.model.registry import Approval, PackageKey
from cardops.observed.reader import look_at
from cardops.plan.actions import Disassociate
from cardops.plan.sharing.associations import is_live, keys_of, live_cards, ours
from cardops.plan.steps import Phase, Plan, SetApproval, SetStatus, SetTags, Step

ROUNDS = 3
"""How often access is looked for again: another run may have been giving it meanwhile."""
CHUNK = 100
"""RAM takes about a hundred ARNs in one call."""

Log = Callable[[str], None]


@dataclass(slots=True)
class BrakeRun:
    """One use of the brake. `left` says what still gives access that cardops may not end."""

    desired: Desired
    cloud: Cloud
    reason: str
    log: Log
    results: list[StepResult] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def pull(self, target: Target, demote: bool) -> Plan:
        """End access, leave the tag, and with `demote` end the approval and that of the model package."""
        cards = self._cards(target)
        self.log(f"braking {target.card.name if target.card else target.share}: {self.reason}")
        for number in range(ROUNDS):
            steps = list(self._revokes(target, cards))
            cards |= {key for step in steps for key in step.cards}
            if number == 0:
                steps += self._tags(target, cards)
                steps += [step for key in sorted(cards) for step in self._demotions(key)] if demote else []
            if not steps:
                break
            self._run(steps)
        return self._plan([result.step for result in self.results])

    def release(self, target: Target) -> Plan:
        """Remove the brake from the cards that carry it. Gives nothing back: the next apply does."""
        cards = self._cards(target) | set(self._tagged())
        seen = look_at(self.cloud, cards)
        steps = []
        for key, live in sorted(seen.cards.items()):
            before = brake_of(live.tags)
            kept = Brake(frozenset(scope for scope in before.scopes if not _releases(target, key, scope)))
            if kept != before:
                steps.append(_tag_step(key, live, before, kept, self.reason))
        if not steps:
            raise UsageError(
                "No card carries a brake that this releases.",
                "Name the card or share as it was braked, and the same account with --to.",
            )
        self._run(steps)
        return self._plan(steps)

    def _plan(self, steps: Iterable[Step]) -> Plan:
        return Plan(self.desired.config.repository, self.desired.commit, tuple(steps))

    def _run(self, steps: list[Step]) -> None:
        ordered = tuple(sorted(steps, key=lambda step: (step.phase, step.place, step.key, step.kind)))
        self.results += ApplyRunner(self._plan(ordered), self.cloud, patience=Poller(self.log)).apply()

    def _cards(self, target: Target) -> set[CardKey]:
        """The cards that the target means, as far as git declares them."""
        if target.card:
            return {target.card}
        places = {key.place for key in self.desired.cards}
        declared = grants(self.desired, places, "")
        return {
            key
            for grant in declared
            if grant.share.name == target.share and target.scope.covers(target.share, grant.principal)
            for key in grant.resources.values()
        }

    def _shares(self) -> Iterator[ObservedShare]:
        """Every share of the owners. A place that cannot be read is named, and the others go on."""
        self.left.clear()
        for place in sorted(self.desired.owners):
            try:
                yield from self.cloud.sharing(place).shares()
            except CloudError as problem:
                self.left.append(f"{place} could not be read: {problem}")

    def _revokes(self, target: Target, cards: Collection[CardKey]) -> Iterator[Step]:
        """Return the steps that end existing access. Foreign shares are only named."""
        wanted = {key.arn for key in cards}
        for share in self._shares():
            live = [who for who, state in share.principals.items() if is_live(state)]
            reached = [who for who in live if target.scope.covers(target.share or ALL, who)]
            held = [arn for arn in live_cards(share) if not target.card or arn in wanted]
            if not ours(share, self.desired.config.repository):
                if reached and (held := [arn for arn in held if arn in wanted]):
                    self.left.append(
                        f"the share {share.name!r}, which cardops does not own, still holds {_names(held)}"
                    )
                continue
            if not reached or not held or (target.share and not self._belongs(share, target.share)):
                continue
            for start in range(0, len(held), CHUNK):
                yield _revoke(share, tuple(held[start : start + CHUNK]), reached, self.reason)

    def _belongs(self, share: ObservedShare, name: str) -> bool:
        """Tell whether a live share stands for a grant of the declared share, whatever the files say now."""
        identity = share.tags.get(GRANT, "").partition(".")[0]
        levels = self.desired.config.access
        return any(identity == grant_id(name, who, level) for who in share.principals for level in levels)

    def _tags(self, target: Target, cards: Collection[CardKey]) -> list[Step]:
        seen = look_at(self.cloud, cards)
        steps = []
        for key in sorted(cards):
            live = seen.cards.get(key)
            if live is None and key not in seen.unreadable:
                continue
            before = brake_of(live.tags) if live else Brake()
            scope = target.scope if live else Scope()
            steps.append(_tag_step(key, live, before, with_scopes(before, [scope]), self.reason))
        return steps

    def _tagged(self) -> Iterator[CardKey]:
        """Cards that the index shows with a brake; what git no longer declares is among them."""
        for place in sorted(self.desired.owners):
            try:
                yield from (card.key for card in self.cloud.cards(place).search(False) if BRAKE in card.tags)
            except CloudError as problem:
                self.left.append(f"{place} could not be read: {problem}")

    def _demotions(self, key: CardKey) -> Iterator[Step]:
        try:
            status = self.cloud.cards(key.place).describe(key.name).status
        except CloudError:
            status = Status.APPROVED  # it may be, and Draft is never wider than what it is
        if status is Status.APPROVED:
            change = Change("status", status.value, Status.DRAFT.value)
            action = SetStatus(Status.DRAFT, Status.APPROVED)
            yield _card_step(key, Phase.DEMOTE, "demote", self.reason, action, change)
        card = self.desired.cards.get(key)
        if card and card.model_package:
            yield from self._withdrawal(card, card.model_package)

    def _withdrawal(self, card: Card, package: ModelPackage) -> Iterator[Step]:
        try:
            live = self.cloud.registry(card.key.place).describe(package.group, package.version)
        except CloudError as problem:
            self.left.append(f"the model package {package.group}/{package.version} could not be read: {problem}")
            return
        if live.approval is Approval.APPROVED:
            yield _withdraw(card.key, live.key, self.reason)


def _releases(target: Target, key: CardKey, scope: Scope) -> bool:
    if target.card is not None and key != target.card:
        return False
    if target.share and scope.share != target.share:
        return False
    return target.principal in (ALL, scope.principal)


def _revoke(share: ObservedShare, arns: tuple[str, ...], who: Iterable[str], reason: str) -> Step:
    names = [arn.rpartition("/")[2] for arn in arns]
    level = share.permission.rpartition("/")[2] or "granted"
    changes = tuple(Change(f"access[{one}].{name}", level, ABSENT) for one in sorted(who) for name in names)
    key = f"{share.place}/{share.tags.get(GRANT, share.arn)}"
    action = Disassociate(share.arn, arns)
    cards = keys_of(arns)
    return Step(
        Phase.REVOKE, "revoke", share.place, share.name, key, reason, action, changes, share.arn, cards, share.updated
    )


def _tag_step(key: CardKey, live: ObservedCard | None, before: Brake, after: Brake, reason: str) -> Step:
    text = after.text()
    action = SetTags({BRAKE: text}) if after.scopes else SetTags({}, (BRAKE,))
    was = live.tags.get(BRAKE, ABSENT) if live else ABSENT
    change = Change(f"tags.{BRAKE}", was, text if after.scopes else ABSENT)
    releases = not before.scopes <= after.scopes
    phase, kind = (Phase.RECORD, "release") if releases else (Phase.NARROW, "brake")
    return _card_step(key, phase, kind, reason, action, change)


def _card_step(key: CardKey, phase: Phase, kind: str, reason: str, action: SetTags | SetStatus, change: Change) -> Step:
    return Step(phase, kind, key.place, key.name, str(key), reason, action, (change,), "", frozenset({key}))


def _withdraw(card: CardKey, package: PackageKey, reason: str) -> Step:
    wanted = Approval.PENDING
    return Step(
        Phase.WITHDRAW,
        "withdraw-package",
        card.place,
        str(package),
        f"{package.account}/{package.region}/package/{package}",
        reason,
        SetApproval(package.group, package.version, wanted, Approval.APPROVED, f"{card.name} is braked: {reason}"),
        (Change("approval", Approval.APPROVED.value, wanted.value),),
        Approval.APPROVED.value,
        frozenset({card}),
    )


def _names(arns: Iterable[str]) -> str:
    names = sorted(arn.rpartition("/")[2] for arn in arns)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def undone(run: BrakeRun) -> bool:
    """Tell whether something that should have ended may still be there."""
    good = (StepOutcome.CREATED, StepOutcome.UPDATED, StepOutcome.UNCHANGED)
    return bool(run.left) or any(result.outcome not in good for result in run.results)


def observed_after(cloud: Cloud, results: Iterable[StepResult]) -> Observed:
    """The cards that a run of the brake touched, as they are now."""
    return look_at(cloud, {key for result in results for key in result.step.cards})
