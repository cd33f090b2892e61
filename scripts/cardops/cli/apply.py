"""`cardops apply`: make AWS what git declares at HEAD."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.apply.results import STALE
from cardops.cli.console import log
from cardops.cli.options import find_root, format_option, read_reviews, repository_option, reviews_option
from cardops.cli.parts import partition_option, places_named
from cardops.cli.today import today_option
from cardops.commands import plan_file as shown_plans
from cardops.commands import verify as verifying
from cardops.commands.ledger import commits_ahead
from cardops.commands.plan import PlanResult, build_plan, unreachable
from cardops.commands.record import Recorder, Scope, ledger_option, pages_option, record_option
from cardops.model.errors import ExitCode, UsageError, worst_exit_code
from cardops.model.findings import exit_code_for, sort_findings
from cardops.plan.emergency import narrowing_steps
from cardops.plan.partitions import Partition, findings_about
from cardops.plan.safety import LIMIT
from cardops.render import apply_results as results_view
from cardops.render import findings as findings_view

if TYPE_CHECKING:
    from cardops.apply.results import StepResult
    from cardops.desired.loader import Loaded
    from cardops.git.repository import Repository
    from cardops.model.findings import Finding
    from cardops.model.ports import Cloud
    from cardops.plan.steps import Plan, Step
    from cardops.signoffs.reviews import PullRequest


@click.command()
@repository_option
@click.option("--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), help="Run just this plan.")
@click.option(
    "--expect",
    multiple=True,
    metavar="DIGEST|@PATH",
    help="Refuse another digest; or hold what differs from this plan, or a folder of plans, and do the rest.",
)
@partition_option
@click.option("--only", type=click.Choice(["narrowing"]), help="Only end access; needs no plan that somebody saw.")
@click.option("--reason", metavar="WHY", help="With --only narrowing: the emergency brake, which also demotes.")
@click.option("--outside-ci", is_flag=True, help="Yes, apply from here: CI serialises applies, a laptop does not.")
@click.option("--verify/--no-verify", default=True, show_default=True, help="Try, as its consumers, what was changed.")
@click.option("--rewritten-history", is_flag=True, help="Go on though AWS carries commits that HEAD lacks.")
@reviews_option
@record_option
@ledger_option
@pages_option
@format_option(results_view.FORMATS)
@today_option
def command(
    start: Path,
    plan_file: Path | None,
    expect: tuple[str, ...],
    partitions: tuple[str, ...],
    only: str | None,
    reason: str | None,
    outside_ci: bool,
    verify: bool,
    rewritten_history: bool,
    review_files: tuple[Path, ...],
    record_file: Path | None,
    ledger: str,
    pages: Path | None,
    form: str,
    today: str,
) -> int:
    """Apply what is committed at HEAD. Plans again first, and holds whatever is not as it was shown.

    With --partition it reads all accounts and writes to these; in a run that `cardops ci begin` began it reads
    these alone.

    \b
    Examples:
      cardops apply --outside-ci
      cardops plan --out plan.json && cardops apply --plan plan.json --outside-ci
      cardops apply --expect @plan.json --reviews reviews.json --ledger
      cardops apply --partition 111111111111/eu-west-1 --outside-ci
      cardops apply --only narrowing --reason "leaked test data in churn-v2"
    """
    _demand_leave(only, reason, outside_ci)
    gate, places = shown_plans.read_gate(plan_file, expect), places_named(partitions)
    if gate.part_of and not places:
        raise UsageError(f"{plan_file} is a part of a plan", "name its accounts and regions with --partition")
    scope: Scope = "narrowing" if only else "all"
    recorder = Recorder(find_root(start), record_file, ledger, scope, reason or "", pages, places)
    applying = ApplyCommand(recorder, gate, form, today, read_reviews(review_files) or [], verify)
    return applying.narrow(rewritten_history) if only else applying.apply(rewritten_history)


def _demand_leave(only: str | None, reason: str | None, outside_ci: bool) -> None:
    if reason is not None and only is None:
        raise UsageError("--reason goes with --only narrowing", "an ordinary apply has its reasons in git")
    if reason is not None and not reason.strip():
        raise UsageError("--reason is empty", "say why")
    if not outside_ci and os.environ.get("CI", "").lower() not in ("1", "true"):
        raise UsageError("apply runs in CI, one at a time", "pass --outside-ci if nothing else applies now")


@dataclass(frozen=True, slots=True)
class ApplyCommand:
    """One apply: what it may do, where it is recorded and how it is told."""

    recorder: Recorder
    gate: shown_plans.PlanGate
    form: str
    today: str
    reviews: "list[PullRequest]"
    verify: bool

    def apply(self, rewritten_history: bool) -> int:
        """All that was shown. Nothing at all where a safety limit says so."""
        planned, cloud, said = self.plan(rewritten_history, governed=True)
        gated = self.gate.over(planned.plan)
        if any(finding.rule == LIMIT for finding in planned.plan.findings):
            click.echo("\n".join(findings_view.lines(planned.plan.findings)), err=True)
            self._record(planned, planned.plan, (), cloud, ExitCode.INCOMPLETE, refused=True)
            return ExitCode.INCOMPLETE
        return self._finish(planned, planned.plan, planned.plan.steps, cloud, gated, said)

    def narrow(self, rewritten_history: bool) -> int:
        """Only what ends access; with a reason also demotions. Safety limits do not count."""
        planned, cloud, said = self.plan(rewritten_history, governed=False)
        gated = self.gate.over(planned.plan)
        kept = tuple(one for one in planned.plan.findings if one.rule != LIMIT)
        plan, reason = replace(planned.plan, findings=kept), self.recorder.reason
        log(f"only narrowing{f', as an emergency: {reason}' if reason else ''}; nothing is granted")
        return self._finish(planned, plan, narrowing_steps(plan, brake=bool(reason)), cloud, gated, said)

    def _finish(
        self,
        planned: PlanResult,
        plan: "Plan",
        steps: "tuple[Step, ...]",
        cloud: "Cloud",
        gated: "dict[str, str] | None",
        said: "Sequence[Finding]",
    ) -> int:
        results, finished = _run(planned, plan, steps, cloud, gated, self.form)
        differing = self._verify(planned, results, cloud) if self.verify else []
        denied = exit_code_for([*said, *plan.findings])
        code = worst_exit_code([denied, unreachable(planned), finished, verifying.exit_code(differing)])
        plan = replace(plan, findings=(*plan.findings, *differing))
        moved = [result for result in results if result.detail == STALE]
        whole = plan if self.form == "text" else replace(plan, findings=tuple(sort_findings([*said, *plan.findings])))
        click.echo(results_view.FORMATS[self.form](whole, results, self.again(cloud) if moved else None))
        self._record(planned, plan, results, cloud, code)
        return code

    def _verify(self, planned: PlanResult, results: "Sequence[StepResult]", cloud: "Cloud") -> "list[Finding]":
        return verifying.verify(cloud, planned.given.desired, results, self.today, planned.plan.held.keys())

    def again(self, cloud: "Cloud | None" = None) -> "Plan | None":
        """The plan for what was held because it moved: with its digest somebody can release it.

        None where a place cannot be read: a digest of the rest would release nothing.
        """
        from cardops.aws.cloud import Boto3Cloud

        loaded, revisions, head = load(self.recorder.root, self.today)
        if loaded.desired is None:
            return None
        desired, part, silent = loaded.desired, self._part(narrowing=False), lambda _: None
        look = cloud or Boto3Cloud(desired.config, "role")
        planned = build_plan(loaded, desired, look, revisions, head, self.today, silent, self.reviews, part=part)
        return None if planned.unknown else planned.plan

    def _part(self, narrowing: bool) -> Partition | None:
        """What ends access depends on no other account, and all else was decided when the run began, or is now."""
        places, whole = self.recorder.places, self.gate.part_of
        return Partition(places, narrowing or bool(whole), whole) if places else None

    def _record(
        self,
        planned: PlanResult,
        plan: "Plan",
        results: "Sequence[StepResult]",
        cloud: "Cloud",
        code: ExitCode,
        refused: bool = False,
    ) -> None:
        if self.recorder.wanted:
            self.recorder.write(planned, plan, results, cloud, code, refused)

    def plan(self, rewritten_history: bool, governed: bool) -> "tuple[PlanResult, Cloud, Sequence[Finding]]":
        """What HEAD means for AWS now. Raises StaleRunError, and Exit where HEAD declares nothing that can be used."""
        from cardops.aws.cloud import Boto3Cloud
        from cardops.observed.last_applied import refuse_stale

        recorder = self.recorder
        loaded, revisions, head = load(recorder.root, self.today)
        self.gate.demand_commit(head)
        places = recorder.places
        found = findings_about(loaded.findings, places) if places else loaded.findings
        click.echo("\n".join(findings_view.lines(found)), err=True, nl=bool(found))
        if loaded.desired is None:
            raise click.exceptions.Exit(int(ExitCode.DENIED))
        desired, part = loaded.desired, self._part(narrowing=not governed)
        if not rewritten_history:
            refuse_stale(commits_ahead(recorder.root, recorder.branch, desired.config.repository, revisions, head))
        cloud = Boto3Cloud(desired.config, "role")
        planned = build_plan(loaded, desired, cloud, revisions, head, self.today, log, self.reviews, governed, part)
        if not rewritten_history:
            refuse_stale(planned.behind)
        click.echo("\n".join(findings_view.lines(planned.checked)), err=True, nl=bool(planned.checked))
        return planned, cloud, [*found, *planned.checked]


def load(root: Path, today: str) -> "tuple[Loaded, Repository, str]":
    """What is committed at HEAD. Raises UsageError where something is not."""
    from cardops.cli.options import load_governed
    from cardops.git.repository import Repository

    revisions = Repository(root)
    if changed := revisions.uncommitted():
        raise UsageError(f"uncommitted changes in {', '.join(changed[:3])}", "apply runs what is committed: commit")
    head = revisions.head()
    return load_governed(revisions.tree(head), head, today), revisions, head


def _run(
    planned: "PlanResult",
    plan: "Plan",
    steps: "tuple[Step, ...]",
    cloud: "Cloud",
    shown: "dict[str, str] | None",
    form: str,
) -> "tuple[Sequence[StepResult], ExitCode]":
    from cardops.apply.polling import Poller
    from cardops.apply.results import exit_code
    from cardops.apply.runner import ApplyRunner
    from cardops.cli.progress import show_progress
    from cardops.observed.read_only import ReadOnlyVerifier
    from cardops.plan.sharing.read_only import key_arns

    verifier = ReadOnlyVerifier(cloud, planned.given.desired.config)
    kept_from = partial(verifier.kept_from, keys=key_arns(planned.given.observed))
    with show_progress(len(steps), quiet=form != "text") as report:
        results = ApplyRunner(plan, cloud, report, shown, steps, kept_from, Poller(log)).apply()
    return results, exit_code(results, plan)
