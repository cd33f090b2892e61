"""Build the plan of a loaded repository, for plan, apply, drift and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from cardops.desired.delivered_copies import with_copies
from cardops.desired.former_owners import former_account_regions
from cardops.desired.history import DeclarationHistory
from cardops.desired.loader import Loaded
from cardops.desired.sources import CONFIG
from cardops.git.repository import Repository
from cardops.model.desired import AccountRegion, CardKey, Desired, Means
from cardops.model.errors import ExitCode
from cardops.model.findings import Finding, Location, sort_findings
from cardops.model.observed import OTHER_PARTITION, Observed
from cardops.model.ports import Cloud
from cardops.observed.last_applied import LastApplied, behind, last_applied
from cardops.observed.read_only import ReadOnlyVerifier
from cardops.observed.reader import look_again, observe
from cardops.observed.references import observe_former_packages
from cardops.observed.version_limits import version_limits
from cardops.plan import safety
from cardops.plan.builder import make_plan
from cardops.plan.inputs import PlanInputs
from cardops.plan.model_packages import former_packages
from cardops.plan.partitions import Partition, findings_about, only
from cardops.plan.sharing.read_only import key_arns, to_verify
from cardops.plan.steps import Plan
from cardops.policy.files import Folder
from cardops.policy.loader import PolicySet, load_policies
from cardops.signoffs.reviews import PullRequest
from cardops.validation.merge_gate import MergeGate, check_merge
from cardops.validation.signoff_check import SignoffChecker
from cardops.validation.stable_ids import changed_ids


@dataclass(slots=True)
class PlanResult:
    """A plan, what it was made from, and findings about it.

    `behind` says that AWS carries commits which HEAD lacks, `unknown` which places could not be read and why, `checked`
    what rules and sign-offs have found.
    """

    plan: Plan
    behind: list[Finding]
    unknown: dict[str, str]
    given: PlanInputs
    checked: list[Finding]

    def reach(self) -> ExitCode:
        """INCOMPLETE where a place could not be read."""
        return ExitCode.INCOMPLETE if self.unknown else ExitCode.DONE

    def of(self, part: Partition) -> "PlanResult":
        """The plan of one part. Its safety limits are its own, and `safety.once` names the whole plan."""
        made = only(self.plan, part.places)

        def digest() -> str:
            return part.of or self.plan.digest()

        limits = safety.exceeded_limits(self.given.desired.config, made.steps, self.given.observed, digest)
        findings = [one for one in made.findings if one.rule != safety.LIMIT]
        made = replace(made, findings=tuple(sort_findings([*findings, *limits])))
        unread = {place: why for place, why in self.unknown.items() if part.alone or place in map(str, part.places)}
        return replace(self, plan=made, unknown=unread, checked=findings_about(self.checked, part.places))


def build_plan(
    loaded: Loaded,
    desired: Desired,
    cloud: Cloud,
    revisions: Repository,
    tip: str,
    today: str,
    log: Callable[[str], None],
    reviews: list[PullRequest] | None = None,
    governed: bool = True,
    part: Partition | None = None,
) -> PlanResult:
    """Observe, find the bases, check rules and sign-offs (unless not `governed`), and plan. Raises CardopsError.

    `loaded` must have kept its files where it is governed. With a `part` only that is planned.
    """
    desired = desired._replace(former=former_account_regions(revisions, tip, desired))
    desired, taken = with_copies(desired, today)
    observed = observe(cloud, desired, log, part.places if part and part.alone else None)
    declarations = DeclarationHistory(revisions)
    if desired.commit:
        declarations.remember(desired.commit, loaded)
    checker = SignoffChecker(declarations, reviews) if governed else None
    verifier = ReadOnlyVerifier(cloud, desired.config, log)
    planner = _Planner(loaded, desired, cloud, declarations, verifier, checker, tip, today)
    observed = replace(observed, version_limits=version_limits(cloud, observed))
    planned = planner.plan(observed)
    while unsure := planned.plan.widened() & planned.given.observed.indexed:
        seen = look_again(cloud, planned.given.observed, unsure)
        if (seen.cards, seen.unreadable) == (planned.given.observed.cards, planned.given.observed.unreadable):
            break  # the index was right, and the plan stands
        planned = planner.plan(seen)
    planned = replace(planned, checked=[*planned.checked, *taken])
    return planned.of(part) if part else planned


@dataclass(frozen=True, slots=True)
class _Planner:
    """Everything that does not change between two looks at AWS. Without a `checker` nothing is governed."""

    loaded: Loaded
    desired: Desired
    cloud: Cloud
    declarations: DeclarationHistory
    verifier: ReadOnlyVerifier
    checker: SignoffChecker | None
    tip: str
    today: str

    def plan(self, observed: Observed) -> PlanResult:
        """Find the bases, check rules and sign-offs, and plan against one observation."""
        loaded, desired, declarations = self.loaded, self.desired, self.declarations
        revisions = declarations.revisions
        inputs = _given(loaded, desired, observed, LastApplied(declarations, self.cloud), self.today)
        checks = self.verifier.verify(to_verify(desired, observed, self.today), key_arns(observed))
        inputs = replace(inputs, read_only=checks)
        former = former_packages(desired, inputs.bases)
        inputs = replace(inputs, observed=observe_former_packages(self.cloud, observed, former))
        gate = MergeGate()
        if self.checker:
            policies = _policies(revisions, desired)
            gate = check_merge(loaded, observed, inputs.bases, policies, self.checker, self.tip, self.today)
        inputs, moved = _unmoved(gate.over(inputs), loaded, declarations, self.tip)
        unknown = {str(place): why for place, why in observed.unknown.items() if why != OTHER_PARTITION}
        checked = [*_unread(revisions, desired), *moved, *gate.findings]
        found = behind(revisions, observed, desired.config.repository, self.tip)
        return PlanResult(make_plan(inputs), found, unknown, inputs, checked)


def _unread(revisions: Repository, desired: Desired) -> list[Finding]:
    """Return True if accounts may have owned cards that this clone does not know."""
    if not revisions.is_shallow() or {one.id for one in desired.config.accounts.values()} <= _ids(desired.owners):
        return []
    message = "this shallow clone cannot tell whether accounts that own no card now have owned one: they are not read"
    return [Finding("account/unread", Location(CONFIG), message, "git fetch --unshallow origin", "warn")]


def _ids(places: Iterable[AccountRegion]) -> set[str]:
    return {place.account for place in places}


def _given(loaded: Loaded, desired: Desired, observed: Observed, memory: LastApplied, today: str) -> PlanInputs:
    unsure = bool(loaded.broken_shares) or loaded.unreadable_shares
    return PlanInputs(
        desired,
        observed,
        today,
        memory.find(desired, observed),
        broken=loaded.broken | (_copies_in_doubt(desired, observed) if unsure else frozenset()),
        unreadable=loaded.unreadable,
        unsure_shares=unsure,
        renamed=memory.renamed(desired, observed),
        locate=loaded.locate,
        unmerged=memory.unmerged,
    )


def _copies_in_doubt(desired: Desired, observed: Observed) -> frozenset[CardKey]:
    """Live cards that may be copies which a share that cannot be read asks for: they are not taken for removed."""
    accounts = {one.id for one in desired.config.accounts.values() if Means.COPY in one.read_only}
    return frozenset(key for key in observed.cards if key.account in accounts and key not in desired.cards)


def _unmoved(
    given: PlanInputs, loaded: Loaded, declarations: DeclarationHistory, tip: str
) -> tuple[PlanInputs, list[Finding]]:
    """Nothing widens while a name stands for another account than it did when cardops last applied."""
    config = given.desired.config
    applied = last_applied(declarations.revisions, given.observed, config.repository, tip)
    moved = list(changed_ids(declarations.config(applied), config, loaded.source)) if loaded.source else []
    if moved:
        given = replace(given, on_hold=given.on_hold or f"{moved[0].rule}: {moved[0].message}")
    return given, moved


def _policies(revisions: Repository, desired: Desired) -> PolicySet:
    """The rules that stand beside what is declared: of its commit, or of the work tree."""
    return load_policies(revisions.tree(desired.commit) if desired.commit else Folder(revisions.root))
