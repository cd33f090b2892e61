"""Mark a commit wherever it takes access away, so that an older checkout can give nothing back.

A run is refused as stale when AWS carries a commit that HEAD lacks. Cards carry the commit of their declaration, but
a commit that only ends access changes no card, and the share that it ends may be gone.
"""

from collections.abc import Iterable, Iterator, Mapping

from cardops.model.desired import COMMIT, GRANT, AccountRegion, CardKey
from cardops.model.observed import ObservedShare
from cardops.model.provenance import is_proven_equal
from cardops.plan.actions import DeleteShare, Disassociate, MarkShare, ReplacePermission
from cardops.plan.inputs import PlanInputs
from cardops.plan.sharing.associations import ours
from cardops.plan.steps import Phase, SetTags, Step

REASON = "access ends, and an older checkout must not give it back"


def marks(inputs: PlanInputs, steps: Iterable[Step], held: Mapping[CardKey, str]) -> Iterator[Step]:
    """Yield a mark for each account and region in which the steps take access away: on a share that stays, else a card.

    They run before these steps. They are bookkeeping and no part of a plan, so no digest names them.
    """
    ending: dict[AccountRegion, set[str]] = {}
    for step in steps:
        if step.narrowing and isinstance(step.action, DeleteShare | Disassociate | ReplacePermission):
            gone = {step.action.share} if isinstance(step.action, DeleteShare) else set()
            ending.setdefault(step.place, set()).update(gone)
    for place, gone in sorted(ending.items()):
        if (share := _share_that_stays(inputs, place, gone)) is not None:
            yield _mark_share(share, inputs.desired.commit)
        elif (key := _settled_card(inputs, place, held)) is not None:
            tags = SetTags({COMMIT: inputs.desired.commit})
            yield Step(Phase.LOCK, "record", place, key.name, str(key), REASON, tags, cards=frozenset({key}))


def _share_that_stays(inputs: PlanInputs, place: AccountRegion, gone: Iterable[str]) -> ObservedShare | None:
    repository, ended = inputs.desired.config.repository, set(gone)
    staying = (
        share
        for share in inputs.observed.shares
        if share.place == place and share.arn not in ended and ours(share, repository) and share.status == "ACTIVE"
    )
    return min(staying, key=lambda share: share.arn, default=None)


def _settled_card(inputs: PlanInputs, place: AccountRegion, held: Mapping[CardKey, str]) -> CardKey | None:
    """A card that is live as HEAD declares it, so that HEAD may stand in its tag."""
    desired = inputs.desired
    settled = (
        key
        for key, card in desired.cards.items()
        if key.place == place
        and key not in held
        and (live := inputs.observed.cards.get(key)) is not None
        and is_proven_equal(card, live, desired.config.repository)
    )
    return min(settled, default=None)


def _mark_share(share: ObservedShare, commit: str) -> Step:
    key = f"{share.place.account}/{share.place.region}/{share.tags[GRANT]}"
    action = MarkShare(share.arn, {COMMIT: commit})
    return Step(Phase.LOCK, "record", share.place, share.name, key, REASON, action, sees=share.arn)
