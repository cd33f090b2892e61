"""Limit how much one plan may change without confirmation."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from cardops.model.desired import AccountRegion, Config
from cardops.model.findings import Finding, Location
from cardops.model.observed import Observed
from cardops.model.provenance import is_managed
from cardops.plan.actions import Associate, CreateShare, DeleteShare, Disassociate
from cardops.plan.steps import DeleteCard, Step, WriteContent

LIMIT = "safety/limit"


def exceeded_limits(
    config: Config, steps: Iterable[Step], observed: Observed, digest: Callable[[], str]
) -> Iterator[Finding]:
    """A finding for each limit and place that the steps exceed; none when `safety.once` names this plan, by its
    `digest`, which is made only where it says something.
    """
    if config.safety.once and config.safety.once == digest():
        return
    managed = _managed(config, observed)
    counted = Counter((step.place, limit) for step in steps for limit in _counts_as(step))
    for (place, limit), count in sorted(counted.items()):
        of = managed[place, _kind(limit)]
        most: float | int = getattr(config.safety, f"max_{limit}")
        allowed = most if isinstance(most, int) else most * of
        if of < config.safety.floor or count <= allowed:
            continue
        yield Finding(
            LIMIT,
            Location("cardops.yaml"),
            f"{count} {limit.replace('_', ' ')} in {place} are more than max_{limit} allows ({allowed:g} of {of})",
            f"look at the plan; if it is meant, set `safety: {{once: {digest()}}}` in a reviewed change",
        )


def _managed(config: Config, observed: Observed) -> Counter[tuple[AccountRegion, str]]:
    managed: Counter[tuple[AccountRegion, str]] = Counter()
    for key, card in observed.cards.items():
        managed[key.place, "cards"] += is_managed(card.tags, config.repository)
    for share in observed.shares:
        if is_managed(share.tags, config.repository):
            managed[share.place, "associations"] += len(share.resources)
    return managed


def _kind(limit: str) -> str:
    return "associations" if limit in ("revokes", "new_principals") else "cards"


def _counts_as(step: Step) -> Iterator[str]:
    match step.action:
        case WriteContent():
            yield "updates"
        case DeleteCard():
            yield "retires"
        case Disassociate(resources=resources):
            yield from ["revokes"] * max(1, len(resources))
        case DeleteShare(resources=resources):
            yield from ["revokes"] * max(1, len(resources))
        case CreateShare() | Associate(principals=(_, *_)):
            yield "new_principals"
    if step.kind == "retire":
        yield "retires"
