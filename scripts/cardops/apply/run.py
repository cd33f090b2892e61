"""Run a plan: phase after phase, so that access narrows first and widens last; many resources at a time."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby

from cardops.apply import cards, registry, shares
from cardops.errors import CardopsError, ExitCode, Moved
from cardops.model import CardKey, Status
from cardops.plan.steps import (
    Associate,
    CreateCard,
    CreateShare,
    DeleteCard,
    Phase,
    Plan,
    SetApproval,
    SetStatus,
    SetTags,
    Step,
    WriteContent,
)
from cardops.ports import Cloud

CONCURRENCY = 8


class Outcome(StrEnum):
    """What a step did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """A step, what became of it, and a few words without content."""

    step: Step
    outcome: Outcome
    detail: str = ""


Report = Callable[[Result], None]


@dataclass(slots=True)
class Run:
    """One apply. `shown` are the digests per resource that were shown; None lets every step run."""

    plan: Plan
    cloud: Cloud
    report: Report = lambda _: None
    told: Callable[[str], None] = lambda _: None
    shown: Mapping[str, str] | None = None
    only_narrowing: bool = False
    failed: dict[CardKey, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    writers: Mapping[str, str] = field(default_factory=dict)
    broken_keys: dict[str, str] = field(default_factory=dict)
    share_arns: dict[str, str] = field(default_factory=dict)

    def apply(self) -> list[Result]:
        """Every step's result, in order. One failure stops only what depends on it."""
        results: list[Result] = []
        self.digests = self.plan.digests()
        steps = [step for step in self.plan.steps if step.narrowing or not self.only_narrowing]
        for phase, found in groupby(steps, key=lambda step: step.phase):
            batch = list(found)
            self.writers = self._writers(batch) if phase is Phase.PROMOTE else {}
            groups = [list(group) for _, group in groupby(batch, key=lambda step: step.key)]
            with ThreadPoolExecutor(CONCURRENCY) as pool:
                for group in pool.map(self._group, groups):
                    results += group
        return results

    def _group(self, steps: Iterable[Step]) -> list[Result]:
        results = []
        for step in steps:
            result = self._step(step)
            if result.outcome in (Outcome.FAILED, Outcome.HELD):
                self.broken_keys[step.key] = result.detail
                for key in step.cards:
                    self.failed.setdefault(key, result.detail)
            self.report(result)
            results.append(result)
        return results

    def _step(self, step: Step) -> Result:
        if self.shown is not None and self.shown.get(step.key) != self.digests[step.key]:
            return Result(step, Outcome.HELD, "it moved since it was shown; nothing was written")
        if step.key in self.broken_keys:
            return Result(step, Outcome.SKIPPED, "an earlier step for it did not succeed")
        if not step.narrowing and step.cards & self.failed.keys():
            step = _without(step, self.failed)
            if not step.cards:
                return Result(step, Outcome.SKIPPED, "an earlier step for the card did not succeed")
        for key in step.cards if step.phase is Phase.PROMOTE else ():
            if key.arn in self.writers:
                return Result(step, Outcome.HELD, f"the share {self.writers[key.arn]!r} still lets others write it")
        try:
            return Result(step, _outcome(step), self._run(step))
        except Moved as problem:
            return Result(step, Outcome.HELD, str(problem))
        except CardopsError as problem:
            return Result(step, Outcome.FAILED, str(problem))

    def _run(self, step: Step) -> str:
        if isinstance(step.action, SetApproval):
            port_registry = self.cloud.registry(step.place)
            return registry.run(port_registry, step, step.action, self.plan.repository, self.plan.commit)
        if not isinstance(step.action, CreateCard | WriteContent | SetStatus | SetTags | DeleteCard):
            port = self.cloud.sharing(step.place)
            return shares.run(port, step, self.plan.repository, self.share_arns)
        port_cards = self.cloud.cards(step.place)
        (key,) = step.cards
        match step.action:
            case CreateCard():
                return cards.create(port_cards, key, step.action)
            case WriteContent():
                return cards.write_content(port_cards, key, step.action, self.plan.commit)
            case SetStatus():
                return cards.set_status(port_cards, key, step.action, self.plan.commit)
            case SetTags():
                return cards.set_tags(port_cards, key, step.action)
            case DeleteCard():
                return cards.delete(port_cards, key, step.action)

    def _writers(self, batch: list[Step]) -> dict[str, str]:
        """Who could still write the cards that are about to be approved, asked freshly and per place."""
        found: dict[str, str] = {}
        for place in sorted({step.place for step in batch}):
            arns = {
                key.arn
                for step in batch
                if step.place == place and isinstance(step.action, SetStatus) and step.action.status is Status.APPROVED
                for key in step.cards
            }
            if arns:
                found |= shares.writers(self.cloud, place, arns, self.told)
        return found


def _without(step: Step, failed: Mapping[CardKey, str]) -> Step:
    """The step without the cards that failed; a bulk share goes on for the others."""
    kept = frozenset(step.cards - failed.keys())
    arns = {key.arn for key in kept}
    if isinstance(step.action, CreateShare | Associate):
        resources = tuple(arn for arn in step.action.resources if arn in arns)
        return replace(step, cards=kept, action=replace(step.action, resources=resources))
    return replace(step, cards=frozenset())


def _outcome(step: Step) -> Outcome:
    return Outcome.CREATED if step.kind in ("create", "create-permission") else Outcome.UPDATED


def exit_code(results: Iterable[Result], plan: Plan) -> ExitCode:
    """INCOMPLETE when anything failed, was skipped or is held."""
    undone = any(r.outcome in (Outcome.FAILED, Outcome.HELD, Outcome.SKIPPED) for r in results)
    return ExitCode.INCOMPLETE if undone or plan.held or plan.findings else ExitCode.DONE
