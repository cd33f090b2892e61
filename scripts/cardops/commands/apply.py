"""Apply what is committed at HEAD: plan, run, verify, record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cardops.apply.polling import Poller
from cardops.apply.results import RELEASABLE, Report, StepOutcome, StepResult, exit_code
from cardops.apply.runner import ApplyRunner
from cardops.commands import verify as verification
from cardops.commands.ledger import commits_ahead
from cardops.commands.plan import PlanResult, build_plan
from cardops.commands.plan_file import PlanGate
from cardops.commands.record import Recorder
from cardops.commands.workspace import load_head, load_to_narrow, require_committed
from cardops.model.desired import Config
from cardops.model.errors import ExitCode, worst_exit_code
from cardops.model.findings import Finding, InvalidConfigError, exit_code_for, sort_findings
from cardops.model.ports import Cloud
from cardops.observed.last_applied import refuse_stale
from cardops.observed.read_only import ReadOnlyVerifier
from cardops.plan import staleness
from cardops.plan.emergency import narrowing_steps
from cardops.plan.partitions import Partition, findings_about
from cardops.plan.safety import LIMIT
from cardops.plan.sharing.read_only import key_arns
from cardops.plan.steps import Plan, Step
from cardops.signoffs.reviews import PullRequest

Log = Callable[[str], None]
Progress = Callable[[int], AbstractContextManager[Report]]
"""Given the number of steps, yields the function to call after each."""


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """The end of a run: `plan` is what it took, `results` what became of its steps; `refused`: nothing was tried.

    `findings` are those of the files and of the checks before the run; those of the plan are in `plan`.
    """

    planned: PlanResult
    plan: Plan
    results: Sequence[StepResult]
    findings: Sequence[Finding]
    cloud: Cloud
    code: ExitCode
    refused: bool = False

    @property
    def moved(self) -> bool:
        """Return True if a step was held because its resource is stale."""
        return any(result.detail in RELEASABLE for result in self.results)

    def with_all_findings(self) -> Plan:
        """The plan with every finding of the run, for a format that prints them in one place."""
        return replace(self.plan, findings=tuple(sort_findings([*self.findings, *self.plan.findings])))


@dataclass(frozen=True, slots=True)
class ApplyRun:
    """One apply: what it may do, where it is recorded, and whom it reports to.

    `connect` gives the AWS clients for a configuration. `log` takes lines of progress, `show` findings as soon as
    they are known. `confirms` says whether a run left a record of the ledger; without it all of them count.
    """

    recorder: Recorder
    gate: PlanGate
    today: str
    reviews: list[PullRequest]
    connect: Callable[[Config], Cloud]
    log: Log
    show: Callable[[Iterable[Finding]], None]
    verify: bool = True
    rewritten_history: bool = False
    confirms: Callable[[Mapping[str, Any]], bool] | None = None

    def apply(self, progress: Progress) -> ApplyOutcome:
        """Run all that was shown. Runs nothing where a safety limit is exceeded. Raises CardopsError."""
        planned, cloud, found = self.plan(governed=True)
        gated = self.gate.over(planned.plan)
        if any(finding.rule == LIMIT for finding in planned.plan.findings):
            return ApplyOutcome(planned, planned.plan, (), found, cloud, ExitCode.INCOMPLETE, refused=True)
        return self._run(planned, planned.plan, planned.plan.steps, cloud, gated, found, progress)

    def narrow(self, progress: Progress) -> ApplyOutcome:
        """Run only what ends access; with a reason also demotions. Safety limits do not count."""
        planned, cloud, found = self.plan(governed=False)
        gated = self.gate.over(planned.plan)
        kept = tuple(one for one in planned.plan.findings if one.rule != LIMIT)
        plan, reason = replace(planned.plan, findings=kept), self.recorder.reason
        self.log(f"only narrowing{f', as an emergency: {reason}' if reason else ''}; nothing is granted")
        steps = narrowing_steps(plan, brake=bool(reason))
        return self._run(planned, plan, steps, cloud, gated, found, progress)

    def plan(self, governed: bool) -> tuple[PlanResult, Cloud, Sequence[Finding]]:
        """Plan HEAD for AWS as it is now. Raises StaleRunError, InvalidConfigError and other CardopsErrors."""
        recorder = self.recorder
        if governed:
            require_committed(recorder.root)
            workspace, revisions = load_head(recorder.root, self.today, governed=True)
        else:
            workspace, revisions = load_to_narrow(recorder.root, self.today)
        head, places, loaded = revisions.head(), recorder.places, workspace.loaded
        self.gate.demand_commit(head)
        found = findings_about(loaded.findings, places) if places else loaded.findings
        self.show(found)
        desired, part = workspace.desired, self._part(narrowing=not governed)
        if governed and not self.rewritten_history:  # what ends access depends on no branch that others may push to
            repository = desired.config.repository
            refuse_stale(commits_ahead(recorder.root, recorder.branch, repository, revisions, head, self.confirms))
        cloud = self.connect(desired.config)
        planned = build_plan(
            loaded, desired, cloud, revisions, head, self.today, self.log, self.reviews, governed, part
        )
        if not self.rewritten_history:
            refuse_stale(planned.behind)
        self.show(planned.checked)
        return planned, cloud, [*found, *planned.checked]

    def plan_again(self, cloud: Cloud | None = None) -> Plan | None:
        """Plan again for held stale resources. The new plan's digest releases it.

        None where a place cannot be read: a digest of the rest would release nothing.
        """
        try:
            workspace, revisions = load_head(self.recorder.root, self.today, governed=True)
        except InvalidConfigError:
            return None
        desired, part, look = workspace.desired, self._part(narrowing=False), cloud or self.connect(workspace.config)
        head, silent = revisions.head(), lambda _: None
        planned = build_plan(
            workspace.loaded, desired, look, revisions, head, self.today, silent, self.reviews, part=part
        )
        return None if planned.unknown else planned.plan

    def record(self, outcome: ApplyOutcome) -> None:
        """Leave the record of the run, where one is wanted. Raises GitError."""
        if self.recorder.wanted:
            self.recorder.write(
                outcome.planned, outcome.plan, outcome.results, outcome.cloud, outcome.code, outcome.refused
            )

    def _run(
        self,
        planned: PlanResult,
        plan: Plan,
        steps: tuple[Step, ...],
        cloud: Cloud,
        gated: dict[str, str] | None,
        found: Sequence[Finding],
        progress: Progress,
    ) -> ApplyOutcome:
        verifier = ReadOnlyVerifier(cloud, planned.given.desired.config)
        kept_from = partial(verifier.kept_from, keys=key_arns(planned.given.observed))
        marked = self._mark(planned, plan, steps, cloud)
        with progress(len(steps)) as report:
            results = marked + ApplyRunner(plan, cloud, report, gated, steps, kept_from, Poller(self.log)).apply()
        differing = self._verify(planned, results, cloud) if self.verify else []
        codes = [
            exit_code_for([*found, *plan.findings]),
            planned.reach(),
            exit_code(results, plan),
            verification.exit_code(differing),
        ]
        plan = replace(plan, findings=(*plan.findings, *differing))
        return ApplyOutcome(planned, plan, results, found, cloud, worst_exit_code(codes))

    def _mark(self, planned: PlanResult, plan: Plan, steps: tuple[Step, ...], cloud: Cloud) -> list[StepResult]:
        """Leave the commit where access is about to end. Returns the marks that did not succeed."""
        marks = tuple(staleness.marks(planned.given, steps, plan.held))
        results = ApplyRunner(plan, cloud, steps=marks).apply() if marks else []
        return [result for result in results if result.outcome is not StepOutcome.UPDATED]

    def _verify(self, planned: PlanResult, results: Sequence[StepResult], cloud: Cloud) -> list[Finding]:
        desired, held = planned.given.desired, planned.plan.held.keys()
        return verification.verify(cloud, desired, results, self.today, held, self.log)

    def _part(self, narrowing: bool) -> Partition | None:
        """Return the partition to plan; None for everything. Ending access depends on no other account."""
        places, whole = self.recorder.places, self.gate.part_of
        return Partition(places, narrowing or bool(whole), whole) if places else None
