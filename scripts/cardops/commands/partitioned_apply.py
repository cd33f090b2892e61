"""A run in parts: `cardops ci begin` plans everything, jobs apply parts, `cardops ci join` joins their records."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cardops.cli.console import log
from cardops.cli.options import find_root, format_option, read_reviews, repository_option, reviews_option
from cardops.cli.today import today_option
from cardops.commands.record import Recorder, ledger_option, now, record_option, write_pages
from cardops.model.errors import CardopsError, ExitCode, worst_exit_code
from cardops.model.findings import exit_code_for
from cardops.render import apply_results as results_view
from cardops.render import findings as findings_view
from cardops.render.escape import escape_invisible

if TYPE_CHECKING:
    from cardops.audit.join import Job, Statement
    from cardops.plan.steps import Plan

MOST_JOBS = 256
"""GitHub's limit of jobs in one matrix (GitHub Docs, "Actions limits")."""


@click.command()
@click.option("--out", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--expect", multiple=True, metavar="DIGEST|@PATH", help="As for `cardops apply`.")
@click.option("--jobs", "most", type=click.IntRange(1), default=MOST_JOBS, show_default=True, help="At most so many.")
@repository_option
@reviews_option
@today_option
def begin(
    folder: Path, expect: tuple[str, ...], most: int, start: Path, review_files: tuple[Path, ...], today: str
) -> int:
    """Plan everything and write nothing to AWS: who has something to apply, and what each may do.

    Prints `{version, commit, digest, jobs: [{number, partitions, steps}]}`. The folder gets the jobs (`jobs.json`), a
    plan for each (`parts/NUMBER.json`, digests alone), and the record that theirs are joined with.

    \b
    Example:
      cardops ci begin --expect @merged/plans --reviews merged/reviews.json --out run
      cardops apply --partition 111111111111/eu-west-1 --plan run/parts/0.json --pages parts/cardops-part-0/pages
      cardops ci join run --parts parts --ledger
    """
    from cardops.apply.results import exit_code
    from cardops.cli.apply import ApplyCommand
    from cardops.commands.plan import unreachable
    from cardops.commands.plan_file import read_gate
    from cardops.plan.safety import LIMIT

    recorder = Recorder(find_root(start), None, "", pages=folder / "pages")
    applying = ApplyCommand(recorder, read_gate(None, expect), "text", today, read_reviews(review_files) or [], False)
    planned, _, said = applying.plan(False, governed=True)
    plan = planned.plan
    shown = applying.gate.over(plan)
    limits = [finding for finding in plan.findings if finding.rule == LIMIT]
    click.echo("\n".join(findings_view.lines(limits)), err=True, nl=bool(limits))
    jobs = [] if limits else list(_jobs(plan, plan.digests() if shown is None else shown, folder, most))
    code = worst_exit_code([exit_code_for([*said, *plan.findings]), unreachable(planned), exit_code((), plan)])
    recorder.leave(planned, plan, (), planned.given.observed, ExitCode.INCOMPLETE if limits else code, bool(limits))
    write_pages(folder, {"jobs.json": f"{json.dumps(jobs)}\n"})
    click.echo(json.dumps({"version": 1, "commit": plan.commit, "digest": plan.digest(), "jobs": jobs}))
    return ExitCode.DONE


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--parts", type=click.Path(path_type=Path, file_okay=False), required=True)
@repository_option
@reviews_option
@record_option
@ledger_option
@format_option(results_view.FORMATS)
@today_option
def join(
    run: Path,
    parts: Path,
    start: Path,
    review_files: tuple[Path, ...],
    record_file: Path | None,
    ledger: str,
    form: str,
    today: str,
) -> int:
    """Join the records of a run in parts, and end as the gravest of them did. Reads AWS where something moved.

    RUN is what `cardops ci begin` wrote. Job NUMBER left its pages in PARTS/cardops-part-NUMBER/pages, or at least
    its exit code in PARTS/cardops-part-NUMBER/exit_code; of one that left neither, nobody knows what it did.

    \b
    Example:
      cardops ci join run --parts parts --ledger --record record.json
    """
    from cardops.apply.results import STALE
    from cardops.audit import join as joined

    recorder = Recorder(find_root(start), record_file, ledger)
    begun = _record(run / "pages")
    if begun is None:
        raise CardopsError(f"{run} has no record of a beginning", "its `cardops ci begin` did not get that far")
    _demand_newest(recorder, begun)
    numbers = {one["number"]: one["partitions"].split() for one in _read(run / "jobs.json")}
    jobs = [_job(parts / f"cardops-part-{number}", tuple(names), begun) for number, names in numbers.items()]
    record = joined.join(begun, jobs, now())
    pages = [run / "pages", *(parts / f"cardops-part-{number}" / "pages" for number in numbers)]
    recorder.publish(record, {name: text for page in pages for name, text in _states(page).items()})
    results = joined.ended(record)
    again = _again(recorder, review_files, today) if any(one.detail == STALE for one in results) else None
    click.echo(results_view.FORMATS[form](joined.plan_of(record), results, again))
    for one in record["predicate"]["unknown"]:
        click.echo(f"unknown: {one['account']}/{one['region']}: {escape_invisible(one['reason'])}", err=True)
    return int(record["predicate"]["exit_code"])


def _demand_newest(recorder: Recorder, begun: "Statement") -> None:
    """Raises StaleRunError where a newer commit was applied meanwhile: the ledger goes on from that one."""
    from cardops.commands.ledger import commits_ahead
    from cardops.git.repository import Repository
    from cardops.observed.last_applied import refuse_stale

    repository, commit, _ = _of(begun)
    refuse_stale(commits_ahead(recorder.root, recorder.branch, repository, Repository(recorder.root), commit))


def _jobs(plan: "Plan", digests: Mapping[str, str], folder: Path, most: int) -> Iterator[dict[str, Any]]:
    """What each job is called, after the plan that it may run was written."""
    from cardops.commands.plan_file import part_text
    from cardops.plan.partitions import distribute, steps_by_place

    steps = steps_by_place(plan)
    for number, places in enumerate(distribute(steps, most)):
        owned = tuple(f"{place}/" for place in places)
        part = {key: digest for key, digest in digests.items() if key.startswith(owned)}
        write_pages(folder, {f"parts/{number}.json": part_text(plan, part)})
        names = " ".join(map(str, places))
        yield {"number": number, "partitions": names, "steps": sum(steps[place] for place in places)}


def _job(folder: Path, partitions: tuple[str, ...], begun: "Statement") -> "Job":
    """What a job left; nothing, where what it left is about another run."""
    from cardops.audit.join import Job

    record = _record(folder / "pages")
    if record is not None and _of(record) == (*_of(begun)[:2], sorted(partitions)):
        return Job(partitions, record)
    try:
        return Job(
            partitions, None, worst_exit_code([ExitCode.INCOMPLETE, ExitCode(int((folder / "exit_code").read_text()))])
        )
    except (OSError, ValueError):
        return Job(partitions, None)


def _of(record: "Statement") -> tuple[str, str, list[str]]:
    predicate = record["predicate"]
    return predicate["repository"], predicate["commit"], sorted(predicate["partitions"])


def _record(pages: Path) -> "Statement | None":
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


def _again(recorder: Recorder, review_files: tuple[Path, ...], today: str) -> "Plan | None":
    """The whole plan as it is now; without AWS there is none, and the record says what is held all the same."""
    from cardops.cli.apply import ApplyCommand
    from cardops.commands.plan_file import PlanGate

    applying = ApplyCommand(recorder, PlanGate(), "text", today, read_reviews(review_files) or [], False)
    try:
        return applying.again()
    except CardopsError as problem:
        log(f"nobody can tell what would happen now: {escape_invisible(str(problem))}")
        return None
