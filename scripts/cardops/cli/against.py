"""Two revisions planned against one look at AWS, and what Approved cards were when they were last Approved."""

from collections.abc import Callable, Sequence
from itertools import dropwhile
from typing import TYPE_CHECKING

from cardops.bases import Subset
from cardops.cli.repository import CONFIG, Planned, make_plan
from cardops.declared.load import Loaded, load_repository
from cardops.errors import UsageError
from cardops.model import Card, Desired, Status
from cardops.observe import observe, within
from cardops.plan.approvals import Approval, approved_by
from cardops.plan.minus import Remainder, minus
from cardops.plan.steps import Step
from cardops.revisions import Revisions, run_git

if TYPE_CHECKING:
    from cardops.ports import Cloud


def plan_against(
    reference: str,
    loaded: Loaded,
    desired: Desired,
    cloud: "Cloud",
    revisions: Revisions,
    today: str,
    told: Callable[[str], None],
) -> tuple[Planned, Remainder]:
    """The plan of `desired`, and what of it the plan of `reference` lacks. Raises CardopsError."""
    commit = revisions.resolve(reference)
    base_loaded = load_repository(revisions.tree(commit), commit)
    base = base_loaded.desired
    if base is None:
        raise UsageError(f"cardops.yaml of {reference} cannot be used", "plan without --against")
    observed = observe(cloud, desired, told, (base,))
    head = revisions.head()
    planned = make_plan(loaded, desired, cloud, revisions, head, today, told, within(observed, desired))
    before = make_plan(base_loaded, base, cloud, revisions, commit, today, told, within(observed, base))
    return planned, minus(planned.plan, before.plan)


def approvals(revisions: Revisions, desired: Desired, steps: Sequence[Step]) -> tuple[Approval, ...]:
    """What a signature covers for each card that the steps approve, with the last Approved one from git."""
    return tuple(_approval(revisions, card) for card in approved_by(steps, desired.cards))


def _approval(revisions: Revisions, card: Card) -> Approval:
    path = card.location.path
    listing = run_git(revisions.root, ["log", "--first-parent", "--format=%H", "--", f":(literal){path}"])
    states = ((commit, _at(revisions, commit, card)) for commit in listing.decode().split())
    older = dropwhile(lambda state: state[1] is not None and _same(state[1], card), states)
    for commit, before in older:
        if before is not None and before.status is Status.APPROVED:
            return Approval(card, before, commit)
    return Approval(card, None)


def _at(revisions: Revisions, commit: str, card: Card) -> Card | None:
    part = Subset(revisions.tree(commit), (CONFIG, card.location.path))
    found = load_repository(part, commit).desired
    return found.cards.get(card.key) if found else None


def _same(one: Card, other: Card) -> bool:
    return (one.status, one.digest) == (other.status, other.digest)
