"""A plan in parts that do not touch each other: one for each account and region that owns what is changed."""

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
    """Who owns what a step changes. An invitation is taken up in the consumer's account, after its owner's calls."""
    return step.action.owner if isinstance(step.action, AcceptInvitation) else step.place


def only(plan: Plan, places: Collection[AccountRegion]) -> Plan:
    """What a plan does and holds in these places. What names no card is about all places."""
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
    """How many steps each place has; places without any are left out."""
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
