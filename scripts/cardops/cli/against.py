"""Two revisions planned against one look at AWS, and what Approved cards were when they were last Approved."""

from collections.abc import Callable, Sequence
from itertools import dropwhile
from typing import TYPE_CHECKING

from cardops import canonical
from cardops.cli.planning import Planned, make_plan
from cardops.cli.repository import CONFIG, load_governed
from cardops.declared.load import Loaded, load_repository
from cardops.errors import UsageError
from cardops.model import Card, Desired, Status
from cardops.plan import copies
from cardops.plan.build import Given
from cardops.plan.minus import Remainder, minus
from cardops.plan.signing import ToSign, to_sign
from cardops.plan.steps import Step
from cardops.remembered import Remembered
from cardops.revisions.history import Revisions

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
    cached: bool,
) -> tuple[Planned, Remainder]:
    """The plan of `desired`, and what of it the plan of `reference` lacks. Raises CardopsError."""
    commit = revisions.resolve(reference)
    base_loaded = load_governed(revisions.tree(commit), commit, today, cached)
    base = base_loaded.desired
    if base is None:
        raise UsageError(f"cardops.yaml of {reference} cannot be used", "plan without --against")
    look = Remembered(cloud)
    planned = make_plan(loaded, desired, look, revisions, revisions.head(), today, told)
    before = make_plan(base_loaded, base, look, revisions, commit, today, lambda _: None)
    return planned, minus(planned.plan, before.plan)


def signatures(revisions: Revisions, given: Given, steps: Sequence[Step]) -> tuple[ToSign, ...]:
    """What a signature covers for each card that the steps approve, with the last Approved one from git.

    Of a hub copy that is all the content that it carries: git has none of it, now or before.
    """
    carried = copies.resolve(given.desired, given.observed, given.bases).desired.cards
    return tuple(
        _to_sign(revisions, card) if card.origin is None else _copy_to_sign(carried[card.key])
        for card in to_sign(steps, given.desired.cards)
    )


def _copy_to_sign(card: Card) -> ToSign:
    return ToSign(card._replace(digest=canonical.digest(card.content)), None)


def _to_sign(revisions: Revisions, card: Card) -> ToSign:
    changes = revisions.changes_of(card.location.path, revisions.head())
    states = ((commit, _at(revisions, commit, card)) for commit in changes)
    older = dropwhile(lambda state: state[1] is not None and _same(state[1], card), states)
    for commit, before in older:
        if before is not None and before.status is Status.APPROVED:
            return ToSign(card, before, commit)
    return ToSign(card, None)


def _at(revisions: Revisions, commit: str, card: Card) -> Card | None:
    found = load_repository(revisions.tree(commit, (CONFIG, card.location.path)), commit).desired
    return found.cards.get(card.key) if found else None


def _same(one: Card, other: Card) -> bool:
    return (one.status, one.digest) == (other.status, other.digest)
