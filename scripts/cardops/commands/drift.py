"""Find drift: what differs in AWS from HEAD, and that no commit explains."""

from collections.abc import Callable
from dataclasses import replace

from cardops.audit.cloudtrail import CARD_WRITES, TAG_WRITES, TrailEvent, last_write
from cardops.commands.plan import PlanResult, build_plan
from cardops.commands.workspace import Workspace
from cardops.desired.delivered_copies import with_copies
from cardops.desired.loader import load_repository
from cardops.drift import find
from cardops.drift.model import Drift
from cardops.git.repository import Repository
from cardops.model.ports import Cloud
from cardops.observed.last_applied import last_applied
from cardops.observed.reader import observe_contents
from cardops.plan.builder import make_plan
from cardops.plan.inputs import PlanInputs


def find_drift(
    workspace: Workspace,
    revisions: Repository,
    cloud: Cloud,
    today: str,
    events: tuple[TrailEvent, ...],
    log: Callable[[str], None],
) -> tuple[Drift, dict[str, str]]:
    """Compare AWS with HEAD, which `workspace` was loaded from.

    Returns the drift, with who made a change where `events` tell, and the places that could not be read, with the
    reason. Raises CardopsError.
    """
    head = revisions.head()
    planned = build_plan(workspace.loaded, workspace.desired, cloud, revisions, head, today, log, governed=False)
    planned.given = _with_contents(planned.given, cloud)
    return _named(_find(planned, revisions, head), events), planned.unknown


def _with_contents(given: PlanInputs, cloud: Cloud) -> PlanInputs:
    """Read also the content of cards that need no step: an apply may have merged what git still lacks."""
    live = given.observed.cards
    unread = [
        card
        for key, card in given.desired.cards.items()
        if card.origin is None and key in live and live[key].content is None
    ]
    seen = observe_contents(cloud, unread, thorough=False)
    return replace(given, observed=replace(given.observed, cards={**live, **seen.cards}))


def _find(planned: PlanResult, revisions: Repository, head: str) -> Drift:
    given = planned.given
    commit = last_applied(revisions, given.observed, given.desired.config.repository, head)
    if not commit or commit == head:
        applied = given.desired if commit else None
        return find.find_drift(given, planned.plan, applied, planned.plan)
    desired = load_repository(revisions.tree(commit), commit).desired
    desired = with_copies(desired, given.today)[0] if desired else None
    before = make_plan(replace(given, desired=desired)) if desired else planned.plan
    return find.find_drift(given, planned.plan, desired, before)


def _named(found: Drift, events: tuple[TrailEvent, ...]) -> Drift:
    """Return the drift with the person who changed each resource, if the events tell."""
    differences = []
    for difference in found.differences:
        tags = difference.what in ("tags", "lock")
        arn = difference.arn or (difference.card.arn if difference.card else "")
        names = None if difference.arn else TAG_WRITES if tags else CARD_WRITES
        event = last_write(events, arn, names, "" if tags else difference.when) if arn else None
        differences.append(replace(difference, who=event.who, when=event.time) if event else difference)
    return replace(found, differences=tuple(differences))
