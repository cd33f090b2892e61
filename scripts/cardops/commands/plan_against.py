"""Plan two revisions against one observation, and find what a signature covers."""

from collections.abc import Callable, Sequence
from itertools import dropwhile

from cardops.commands.plan import PlanResult, build_plan
from cardops.commands.workspace import load_governed
from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import CONFIG
from cardops.git.repository import Repository
from cardops.model import canonical
from cardops.model.desired import Card, CardKey, Desired, Status
from cardops.model.errors import UsageError
from cardops.model.findings import Finding
from cardops.model.observed import PRESENT_STATES, Observed
from cardops.model.permissions import may_write
from cardops.model.ports import Cloud
from cardops.observed.memo import MemoizedCloud
from cardops.plan import hub_copies as copies
from cardops.plan.approvals import SignatureRequest, signature_requests
from cardops.plan.delta import PlanDelta, delta
from cardops.plan.inputs import PlanInputs
from cardops.plan.steps import Step


def plan_against(
    reference: str,
    loaded: Loaded,
    desired: Desired,
    cloud: Cloud,
    revisions: Repository,
    today: str,
    log: Callable[[str], None],
    cached: bool,
) -> tuple[PlanResult, PlanDelta, frozenset[Finding]]:
    """Plan `desired`, and compare with the plan of `reference`.

    Returns the plan, the steps that differ, and the findings that `reference` has too in files that have not changed
    since: they are not of this change. Raises CardopsError.
    """
    commit = revisions.resolve(reference)
    base_loaded = load_governed(revisions.tree(commit), commit, today, cached)
    base = base_loaded.desired
    if base is None:
        raise UsageError(f"cardops.yaml of {reference} cannot be used", "plan without --against")
    look = MemoizedCloud(cloud)
    planned = build_plan(loaded, desired, look, revisions, revisions.head(), today, log)
    before = build_plan(base_loaded, base, look, revisions, commit, today, lambda _: None)
    touched = {path for change in revisions.changed(commit) for path in (change.path, change.before) if path}
    earlier = {*base_loaded.findings, *before.checked, *before.plan.findings}
    found = {*loaded.findings, *planned.checked, *planned.plan.findings}
    existing = frozenset(one for one in found & earlier if one.location.path not in touched)
    return planned, delta(planned.plan, before.plan), existing


def signatures(revisions: Repository, given: PlanInputs, steps: Sequence[Step]) -> tuple[SignatureRequest, ...]:
    """Find what a signature covers for each card that the steps approve, compared with its last Approved version.

    Of a hub copy that is all the content that it carries: git has none of it, now or before.
    """
    carried = copies.resolve(given.desired, given.observed, given.bases).desired.cards
    return tuple(
        _to_sign(revisions, card) if card.origin is None else _copy_to_sign(carried[card.key])
        for card in signature_requests(steps, given.desired.cards)
    )


def readers(observed: Observed, requests: Sequence[SignatureRequest]) -> dict[CardKey, dict[str, str]]:
    """Return, for each card to sign, the principals that RAM grants access now: `read`, or `read and write`."""
    found: dict[CardKey, dict[str, str]] = {request.card.key: {} for request in requests}
    by_arn = {key.arn: key for key in found}
    for share in observed.shares:
        ability = "read and write" if may_write(share.actions) else "read"
        held = [by_arn[arn] for arn, state in share.resources.items() if arn in by_arn and state in PRESENT_STATES]
        for key in held:
            for who, state in share.principals.items():
                if state in PRESENT_STATES and found[key].get(who) != "read and write":
                    found[key][who] = ability
    return found


def _copy_to_sign(card: Card) -> SignatureRequest:
    return SignatureRequest(card._replace(digest=canonical.digest(card.content)), None)


def _to_sign(revisions: Repository, card: Card) -> SignatureRequest:
    changes = revisions.changes_of(card.location.path, revisions.head())
    states = ((commit, _at(revisions, commit, card)) for commit in changes)
    older = dropwhile(lambda state: state[1] is not None and _same(state[1], card), states)
    for commit, before in older:
        if before is not None and before.status is Status.APPROVED:
            return SignatureRequest(card, before, commit)
    return SignatureRequest(card, None)


def _at(revisions: Repository, commit: str, card: Card) -> Card | None:
    found = load_repository(revisions.tree(commit, (CONFIG, card.location.path)), commit).desired
    return found.cards.get(card.key) if found else None


def _same(one: Card, other: Card) -> bool:
    return (one.status, one.digest) == (other.status, other.digest)
