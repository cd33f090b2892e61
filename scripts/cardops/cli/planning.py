"""From what is loaded to its plan: observe, remember, judge, plan. What several commands share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import click

from cardops.bases import Bases, behind, last_applied
from cardops.checks.accounts import changed_ids
from cardops.checks.judging import Judge
from cardops.checks.merged import Gate, check_merged
from cardops.declared.former import former_places
from cardops.declared.load import Loaded
from cardops.declared.source import CONFIG
from cardops.declared.states import Declarations
from cardops.errors import ExitCode
from cardops.findings import Finding, in_order
from cardops.location import Location
from cardops.model import Desired, Place
from cardops.observe import observe
from cardops.observed import Observed
from cardops.plan import safety
from cardops.plan.build import Given, plan
from cardops.plan.partitions import ELSEWHERE, Part, about, only
from cardops.plan.steps import Plan
from cardops.policy.documents import Folder
from cardops.policy.load import Policies, load_policies
from cardops.ports import Cloud
from cardops.render.visible import visible
from cardops.revisions.history import Revisions
from cardops.signoffs.reviews import PullRequest


@dataclass(slots=True)
class Planned:
    """A plan, and whether what AWS carries is ahead of it."""

    plan: Plan
    behind: list[Finding]
    unknown: dict[str, str]
    given: Given
    checked: list[Finding]

    def of(self, part: Part) -> "Planned":
        """What is about a part. Its safety limits are its own, and `safety.once` names the whole plan."""
        made = only(self.plan, part.places)

        def digest() -> str:
            return part.of or self.plan.digest()

        limits = safety.exceeded(self.given.desired.config, made.steps, self.given.observed, digest)
        findings = [one for one in made.findings if one.rule != safety.LIMIT]
        made = replace(made, findings=tuple(in_order([*findings, *limits])))
        unread = {place: why for place, why in self.unknown.items() if part.alone or place in map(str, part.places)}
        return replace(self, plan=made, unknown=unread, checked=about(self.checked, part.places))


def make_plan(
    loaded: Loaded,
    desired: Desired,
    cloud: Cloud,
    revisions: Revisions,
    tip: str,
    today: str,
    told: Callable[[str], None],
    reviews: list[PullRequest] | None = None,
    governed: bool = True,
    part: Part | None = None,
) -> Planned:
    """Observe, find the bases, check rules and sign-offs (unless not `governed`), and plan. Raises CardopsError.

    `loaded` must have kept its files where it is governed. With a `part` only that is planned.
    """
    desired = desired._replace(former=former_places(revisions, tip, desired))
    observed = observe(cloud, desired, told, part.places if part and part.alone else None)
    found = behind(revisions, observed, desired.config.repository, tip)
    declarations = Declarations(revisions)
    if desired.commit:
        declarations.remember(desired.commit, loaded)
    given = _given(loaded, desired, observed, Bases(declarations, cloud), today)
    gate = Gate()
    if governed:
        policies, judge = _policies(revisions, desired), Judge(declarations, reviews)
        gate = check_merged(loaded, observed, given.bases, policies, judge, tip, today)
    given, moved = _unmoved(gate.over(given), loaded, declarations, tip)
    unknown = {str(place): why for place, why in observed.unknown.items() if why != ELSEWHERE}
    checked = [*_unread(revisions, desired), *moved, *gate.findings]
    planned = Planned(plan(given), found, unknown, given, checked)
    return planned.of(part) if part else planned


def _unread(revisions: Revisions, desired: Desired) -> list[Finding]:
    """Whether accounts may have owned cards of which this clone does not know."""
    if not revisions.is_shallow() or {one.id for one in desired.config.accounts.values()} <= _ids(desired.owners):
        return []
    message = "this shallow clone cannot tell whether accounts that own no card now have owned one: they are not read"
    return [Finding("account/unread", Location(CONFIG), message, "git fetch --unshallow origin", "warn")]


def _ids(places: Iterable[Place]) -> set[str]:
    return {place.account for place in places}


def unreachable(planned: Planned) -> ExitCode:
    """Prints the places that could not be read."""
    for place, why in planned.unknown.items():
        click.echo(f"{click.style('unknown', fg='red')}: {place} could not be read: {visible(why)}", err=True)
    return ExitCode.INCOMPLETE if planned.unknown else ExitCode.DONE


def _given(loaded: Loaded, desired: Desired, observed: Observed, memory: Bases, today: str) -> Given:
    return Given(
        desired,
        observed,
        today,
        memory.find(desired, observed),
        broken=loaded.broken,
        unreadable=loaded.unreadable,
        unsure_shares=bool(loaded.broken_shares) or loaded.unreadable_shares,
        renamed=memory.renamed(desired, observed),
        locate=loaded.locate,
        unmerged=memory.unmerged,
    )


def _unmoved(given: Given, loaded: Loaded, declarations: Declarations, tip: str) -> tuple[Given, list[Finding]]:
    """Nothing widens while a name stands for another account than it did when cardops last applied."""
    config = given.desired.config
    applied = last_applied(declarations.revisions, given.observed, config.repository, tip)
    moved = list(changed_ids(declarations.config(applied), config, loaded.source)) if loaded.source else []
    if moved:
        given = replace(given, on_hold=given.on_hold or f"{moved[0].rule}: {moved[0].message}")
    return given, moved


def _policies(revisions: Revisions, desired: Desired) -> Policies:
    """The rules that stand beside what is declared: of its commit, or of the work tree."""
    return load_policies(revisions.tree(desired.commit) if desired.commit else Folder(revisions.root))
