"""Compare two plans: the steps that a change introduces, apart from those that its base would do anyway. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cardops.merge.diff import Change
from cardops.model.desired import CardKey
from cardops.plan.steps import Plan, Step, jsonable

Named = tuple[str, str]
"""A resource's key and a step's kind."""


@dataclass(frozen=True, slots=True)
class PlanDelta:
    """`own`: steps that only this plan has, with just the changes that are its own; `leftovers`: what the base
    plan would do too; `averted`: what only the base plan would do; `held`: cards that only this plan holds.

    Steps in it are for showing. Digests are those of the whole plan.
    """

    base: str
    own: tuple[Step, ...]
    leftovers: tuple[Step, ...]
    averted: tuple[Step, ...]
    held: Mapping[CardKey, str]

    def digests(self, plan: Plan) -> dict[str, str]:
        """The digests, in the whole plan, of the resources that `own` touches."""
        keys = {step.key for step in self.own}
        return {key: digest for key, digest in plan.digests().items() if key in keys}


def delta(plan: Plan, base: Plan) -> PlanDelta:
    """Both plans are made from one observation, else what moved in between counts as the change's."""
    own, leftovers = _split(plan.steps, _changes(base.steps))
    averted, _ = _split(base.steps, _changes(plan.steps))
    held = {key: why for key, why in plan.held.items() if base.held.get(key) != why}
    return PlanDelta(base.commit, _counted(own), _counted(leftovers), _counted(averted), held)


def _split(steps: Iterable[Step], others: Mapping[Named, frozenset[str]]) -> tuple[list[Step], list[Step]]:
    """Split steps into those that the others lack and those that they have; a step may be in both, in parts."""
    missing: list[Step] = []
    common: list[Step] = []
    for step in steps:
        theirs = others.get((step.key, step.kind))
        if theirs is None:
            missing.append(step)
            continue
        mine = tuple(change for change in step.changes if _identity(change) not in theirs)
        if mine:
            missing.append(replace(step, changes=mine))
        if len(mine) < len(step.changes) or not step.changes:
            common.append(replace(step, changes=tuple(change for change in step.changes if change not in mine)))
    return missing, common


def _changes(steps: Iterable[Step]) -> dict[Named, frozenset[str]]:
    found: dict[Named, frozenset[str]] = {}
    for step in steps:
        named = (step.key, step.kind)
        found[named] = found.get(named, frozenset()) | {_identity(change) for change in step.changes}
    return found


def _identity(change: Change) -> str:
    return json.dumps([change.path, jsonable(change.before), jsonable(change.after)], sort_keys=True, default=str)


def _counted(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.kind != "record")
