"""Split a plan into independent partitions: one for each account and region that owns what changes."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from cardops.model.desired import AccountRegion
from cardops.model.findings import Finding
from cardops.plan.actions import AcceptInvitation
from cardops.plan.steps import Plan, Step


@dataclass(frozen=True, slots=True)
class Partition:
    """Some of a repository's partitions. `alone`: nothing else is read, but for the spokes of their hub copies.

    `of` is the digest of the whole plan, where that was made before.
    """

    places: frozenset[AccountRegion]
    alone: bool = False
    of: str = ""


def partition_of(step: Step) -> AccountRegion:
    """Return the owner of what a step changes. An invitation belongs to the share's owner, whose calls come first."""
    return step.action.owner if isinstance(step.action, AcceptInvitation) else step.place


def only(plan: Plan, places: Collection[AccountRegion]) -> Plan:
    """Reduce a plan to these accounts and regions. Findings that name no card stay."""
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if partition_of(step) in places),
        held={key: why for key, why in plan.held.items() if key.place in places},
        findings=tuple(findings_about(plan.findings, places)),
    )


def findings_about(findings: Iterable[Finding], places: Collection[AccountRegion]) -> list[Finding]:
    """The findings that are about a card in these places, or about no card."""
    names = {str(place) for place in places}
    return [one for one in findings if not one.card or one.card.rpartition("/")[0] in names]


def steps_by_place(plan: Plan) -> dict[AccountRegion, int]:
    """Count the steps of each account and region that has any."""
    return dict(sorted(Counter(map(partition_of, plan.steps)).items()))


def distribute(steps: Mapping[AccountRegion, int], most: int) -> list[tuple[AccountRegion, ...]]:
    """The places of at most so many jobs: one each where that is enough, else with about as many steps each."""
    jobs: list[list[AccountRegion]] = [[] for _ in range(min(most, len(steps)))]
    least = [(0, number) for number in range(len(jobs))]
    for place, count in sorted(steps.items(), key=lambda one: (-one[1], one[0])):
        so_far, number = heappop(least)
        jobs[number].append(place)
        heappush(least, (so_far + count, number))
    return sorted(tuple(sorted(job)) for job in jobs)
