"""Run a plan phase by phase, so that access narrows first and widens last."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import groupby

from cardops.apply import shares
from cardops.apply.card_look import refused_cards, without_cards
from cardops.apply.dispatch import dispatch
from cardops.apply.polling import Poller
from cardops.apply.results import STALE, UNSEEN, Report, StepOutcome, StepResult
from cardops.apply.settling import SettledAssociations, wait_until_settled
from cardops.apply.write_access import KeptFrom, kept_from_nothing, principals_that_write
from cardops.model.desired import CardKey, Status
from cardops.model.errors import CardopsError, NotSupportedByAwsError, StaleResourceError
from cardops.model.ports import Cloud
from cardops.plan.actions import CreatePermission, CreateShare
from cardops.plan.steps import Phase, Plan, SetStatus, Step

CONCURRENCY = 8
ASKING = frozenset({Phase.SHARE, Phase.ACCEPT})
"""Phases whose calls only ask: RAM carries them out later, and their results wait for that."""

ENDING = frozenset({Phase.REVOKE, Phase.NARROW, Phase.WITHDRAW, Phase.DEMOTE})
"""Phases that end access or an approval, and that nothing has to precede or follow."""


@dataclass(slots=True)
class ApplyRunner:
    """One apply. `shown` are the digests per resource that were shown; None lets every step run.

    `steps` are those of the plan to run, where that is not all; `kept_from` verifies which cards a means keeps a
    principal from writing.
    """

    plan: Plan
    cloud: Cloud
    report: Report = lambda _: None
    shown: Mapping[str, str] | None = None
    steps: tuple[Step, ...] | None = None
    kept_from: KeptFrom = kept_from_nothing
    patience: Poller = field(default_factory=Poller)
    failed: dict[CardKey, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    writers: Mapping[str, str] = field(default_factory=dict)
    broken_keys: dict[str, str] = field(default_factory=dict)
    split_keys: set[str] = field(default_factory=set)
    lookers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(CONCURRENCY))
    made: shares.CreatedShare = field(default_factory=shares.CreatedShare)

    def apply(self) -> list[StepResult]:
        """Run the steps and return each one's result, in order. A failure stops only what depends on it."""
        with self.lookers:
            return self._phases()

    def _phases(self) -> list[StepResult]:
        results: list[StepResult] = []
        self.digests = {} if self.shown is None else self.plan.digests()
        steps = self.plan.steps if self.steps is None else self.steps
        for phase, found in groupby(steps, key=lambda step: step.phase):
            batch = list(found)
            self.writers = self._writers(batch) if phase is Phase.PROMOTE else {}
            groups = [list(group) for _, group in groupby(batch, key=lambda step: step.key)]
            made = self._run_groups(groups)
            results += self._settled(made) if phase in ASKING else made
        return results

    def _run_groups(self, groups: Sequence[Sequence[Step]]) -> list[StepResult]:
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            return [result for group in pool.map(self._group, groups) for result in group]

    def _group(self, steps: Iterable[Step]) -> list[StepResult]:
        results: list[StepResult] = []
        for step in steps:
            for result in self._step(step):
                if step.phase not in ASKING or result.outcome in (StepOutcome.FAILED, StepOutcome.HELD):
                    self._remember(result)
                if result.outcome is StepOutcome.SKIPPED and isinstance(step.action, CreateShare):
                    self.broken_keys[step.key] = result.detail  # what follows would go into a share that is not there
                results.append(result)
        return results

    def _remember(self, result: StepResult) -> None:
        """Report the result, and keep what depends on it from running where it did not succeed."""
        if result.outcome in (StepOutcome.FAILED, StepOutcome.HELD):
            if result.step.key not in self.split_keys:
                self.broken_keys[result.step.key] = result.detail
            for key in result.step.cards:
                self.failed.setdefault(key, result.detail)
        self.report(result)

    def _gated(self, step: Step) -> str:
        """Return why a step is held that was not shown like this. Ending access needs no plan that showed it."""
        if self.shown is None or self.shown.get(step.key) == self.digests[step.key]:
            return ""
        if step.key in self.shown:
            return STALE
        return "" if step.phase in ENDING else UNSEEN

    def _step(self, step: Step) -> list[StepResult]:
        """Run one step. Where only some of its cards are refused, it is done for the others."""
        if refusal := self._gated(step):
            return [StepResult(step, StepOutcome.HELD, refusal)]
        if step.key in self.broken_keys and not step.narrowing:
            return [StepResult(step, StepOutcome.SKIPPED, "an earlier step for it did not succeed")]
        if not step.narrowing and step.cards & self.failed.keys():
            step = without_cards(step, self.failed)
            if not step.cards:
                return [StepResult(step, StepOutcome.SKIPPED, "an earlier step for the card did not succeed")]
        for key in step.cards if step.phase is Phase.PROMOTE else ():
            if key.arn in self.writers:
                why = f"the share {self.writers[key.arn]!r} still lets others write it"
                return [StepResult(step, StepOutcome.HELD, why)]
        if step.requires and not step.narrowing:
            return self._after_a_look(step)
        return [self._run(step)]

    def _after_a_look(self, step: Step) -> list[StepResult]:
        needed = {key: one for key, one in step.requires.items() if key in step.cards}
        refused = refused_cards(self.cloud, replace(step, requires=needed), self.plan.repository, self.lookers)
        if not refused:
            return [self._run(step)]
        name, why = next((key.name, why) for key, why in sorted(refused.items()))
        more = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
        kept = without_cards(step, refused)
        if not kept.cards:
            return [StepResult(step, StepOutcome.HELD, f"{name}: {why}{more}")]
        self.split_keys.add(step.key)
        held = replace(step, cards=frozenset(refused), action=without_cards(step, dict.fromkeys(kept.cards, "")).action)
        return [StepResult(held, StepOutcome.HELD, f"{name}: {why}{more}"), self._run(kept)]

    def _run(self, step: Step) -> StepResult:
        if isinstance(step.action, SetStatus) and step.narrowing and step.cards & self.failed.keys():
            # The declaration is not applied as a whole: a package may still be approved.
            step = replace(step, action=replace(step.action, declared_digest="", settles=False))
        try:
            return StepResult(step, _outcome(step), dispatch(step, self.cloud, self.plan, self.made, self.patience))
        except NotSupportedByAwsError as problem:
            refused = isinstance(step.action, CreatePermission)
            return StepResult(step, StepOutcome.UNCHANGED if refused else StepOutcome.HELD, str(problem))
        except StaleResourceError as problem:
            return StepResult(step, StepOutcome.HELD, str(problem))
        except CardopsError as problem:
            return StepResult(step, StepOutcome.FAILED, str(problem))

    def _settled(self, results: Sequence[StepResult]) -> list[StepResult]:
        """The results again, once RAM has finished what was asked of it, or has taken too long."""
        asked = [result for result in results if result.outcome in (StepOutcome.CREATED, StepOutcome.UPDATED)]
        ended = wait_until_settled(self.cloud, [result.step for result in asked], self.made.shares, self.patience)
        known = {id(result): _ended(result, one) for result, one in zip(asked, ended, strict=True)}
        settled = [known.get(id(result), result) for result in results]
        for before, result in zip(results, settled, strict=True):
            if before.outcome not in (StepOutcome.FAILED, StepOutcome.HELD):
                self._remember(result)
        return settled

    def _writers(self, batch: list[Step]) -> dict[str, str]:
        """Find who can still write the cards that are about to be approved, read anew for each account and region."""
        found: dict[str, str] = {}
        for place in sorted({step.place for step in batch}):
            arns = {
                key.arn
                for step in batch
                if step.place == place and isinstance(step.action, SetStatus) and step.action.status is Status.APPROVED
                for key in step.cards
            }
            if arns:
                found |= principals_that_write(self.cloud, place, arns, self.patience, self.kept_from)
        return found


def _ended(result: StepResult, settled: SettledAssociations) -> StepResult:
    if settled.failed:
        return replace(result, outcome=StepOutcome.FAILED, detail=settled.failed)
    if settled.waiting:
        return replace(result, outcome=StepOutcome.HELD, detail=f"{result.detail}, but {settled.waiting}")
    invited = f"; {settled.invited} is invited" if settled.invited else ""
    return replace(result, detail=f"{result.detail}{invited}")


def _outcome(step: Step) -> StepOutcome:
    return StepOutcome.CREATED if step.kind in ("create", "create-permission") else StepOutcome.UPDATED
