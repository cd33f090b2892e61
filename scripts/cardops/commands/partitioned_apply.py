"""Split a run over several jobs: `begin` plans everything, jobs apply parts, `join` joins their records."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardops.apply.results import RELEASABLE, exit_code
from cardops.audit import join as joined
from cardops.audit.join import Ended, Job, Statement
from cardops.commands.apply import ApplyRun
from cardops.commands.ledger import commits_ahead
from cardops.commands.plan_file import part_text
from cardops.commands.record import now, write_pages
from cardops.git.repository import Repository
from cardops.model.errors import CardopsError, ExitCode, worst_exit_code
from cardops.model.findings import Finding, exit_code_for
from cardops.observed.last_applied import refuse_stale
from cardops.plan.partitions import distribute, steps_by_place
from cardops.plan.safety import LIMIT
from cardops.plan.steps import Plan

MAX_JOBS = 256
"""GitHub's limit of jobs in one matrix (GitHub Docs, "Actions limits")."""


@dataclass(frozen=True, slots=True)
class BegunRun:
    """The decisions of `begin`: the jobs `{number, partitions, steps}`, and the limits that prevent any."""

    plan: Plan
    jobs: Sequence[Mapping[str, Any]]
    limits: Sequence[Finding]
    unknown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JoinedRun:
    """The result of `join`: the plan and results of all jobs, unread places, and the plan for stale resources."""

    plan: Plan
    results: Sequence[Ended]
    unknown: Mapping[str, str]
    again: Plan | None
    code: int


def begin(run: ApplyRun, folder: Path, max_jobs: int) -> BegunRun:
    """Plan everything, and write into `folder` the jobs, a plan for each, and the record to join theirs with."""
    planned, _, found = run.plan(governed=True)
    plan, recorder = planned.plan, run.recorder
    shown = run.gate.over(plan)
    limits = [finding for finding in plan.findings if finding.rule == LIMIT]
    jobs = [] if limits else list(_jobs(plan, plan.digests() if shown is None else shown, folder, max_jobs))
    code = worst_exit_code([exit_code_for([*found, *plan.findings]), planned.reach(), exit_code((), plan)])
    recorder.leave(planned, plan, (), planned.given.observed, ExitCode.INCOMPLETE if limits else code, bool(limits))
    write_pages(folder, {"jobs.json": f"{json.dumps(jobs)}\n"})
    return BegunRun(plan, jobs, limits, planned.unknown)


def join(run: ApplyRun, begun_folder: Path, parts: Path) -> JoinedRun:
    """Join what the jobs left in `parts` with what `begin` left, and publish the one record. Raises CardopsError."""
    recorder = run.recorder
    begun = _record(begun_folder / "pages")
    if begun is None:
        raise CardopsError(f"{begun_folder} has no record of a beginning", "its `cardops ci begin` did not finish")
    _require_newest(run, begun)
    numbers = {one["number"]: one["partitions"].split() for one in _read(begun_folder / "jobs.json")}
    jobs = [_job(parts / f"cardops-part-{number}", tuple(names), begun) for number, names in numbers.items()]
    record = joined.join(begun, jobs, now())
    pages = [begun_folder / "pages", *(parts / f"cardops-part-{number}" / "pages" for number in numbers)]
    recorder.publish(record, {name: text for page in pages for name, text in _states(page).items()})
    results = joined.ended(record)
    predicate = record["predicate"]
    unknown = {f"{one['account']}/{one['region']}": str(one["reason"]) for one in predicate["unknown"]}
    again = _plan_again(run) if any(one.detail in RELEASABLE for one in results) else None
    return JoinedRun(joined.plan_of(record), results, unknown, again, int(predicate["exit_code"]))


def _require_newest(run: ApplyRun, begun: Statement) -> None:
    """Raises StaleRunError where a newer commit was applied meanwhile: the ledger goes on from that one."""
    repository, commit, _ = _of(begun)
    root, branch = run.recorder.root, run.recorder.branch
    refuse_stale(commits_ahead(root, branch, repository, Repository(root), commit, run.confirms))


def _jobs(plan: Plan, digests: Mapping[str, str], folder: Path, max_jobs: int) -> Iterator[dict[str, Any]]:
    """Write the plan of each job, then yield its description."""
    steps = steps_by_place(plan)
    for number, places in enumerate(distribute(steps, max_jobs)):
        owned = tuple(f"{place}/" for place in places)
        part = {key: digest for key, digest in digests.items() if key.startswith(owned)}
        write_pages(folder, {f"parts/{number}.json": part_text(plan, part)})
        names = " ".join(map(str, places))
        yield {"number": number, "partitions": names, "steps": sum(steps[place] for place in places)}


def _job(folder: Path, partitions: tuple[str, ...], begun: Statement) -> Job:
    """Read the record of a job. Records of another run do not count."""
    record = _record(folder / "pages")
    if record is not None and _of(record) == (*_of(begun)[:2], sorted(partitions)):
        return Job(partitions, record)
    try:
        return Job(
            partitions, None, worst_exit_code([ExitCode.INCOMPLETE, ExitCode(int((folder / "exit_code").read_text()))])
        )
    except (OSError, ValueError):
        return Job(partitions, None)


def _of(record: Statement) -> tuple[str, str, list[str]]:
    predicate = record["predicate"]
    return predicate["repository"], predicate["commit"], sorted(predicate["partitions"])


def _record(pages: Path) -> Statement | None:
    """The newest record among the pages, if there is any."""
    paths = sorted((pages / "runs").glob("*.json"))
    return _read(paths[-1]) if paths else None


def _states(pages: Path) -> dict[str, str]:
    return {f"state/{path.name}": path.read_text(encoding="utf-8") for path in sorted((pages / "state").glob("*.json"))}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise CardopsError(f"{path} cannot be read", "begin the run again") from problem


def _plan_again(run: ApplyRun) -> Plan | None:
    """The whole plan as it is now. Without AWS there is none, and the record says all the same what is held."""
    try:
        return run.plan_again()
    except CardopsError as problem:
        run.log(f"cannot plan again what was held: {problem}")
        return None
