"""`cardops ci begin` and `cardops ci join`: one run, split over jobs."""

import json
from functools import partial
from pathlib import Path

import click

from cardops.cli.cloud import connect
from cardops.cli.console import log, print_findings, print_unknown
from cardops.cli.options import (
    Command,
    folder_type,
    format_option,
    ledger_to_option,
    read_reviews,
    record_option,
    repository_option,
    reviews_option,
    today_option,
)
from cardops.cli.platform import record_check
from cardops.commands import partitioned_apply
from cardops.commands.apply import ApplyRun
from cardops.commands.partitioned_apply import MAX_JOBS
from cardops.commands.plan_file import PlanGate, read_gate
from cardops.commands.record import Recorder
from cardops.commands.workspace import find_root
from cardops.model.errors import ExitCode
from cardops.render.apply_results import FORMATS


@click.command(cls=Command)
@click.option("--out", "folder", type=folder_type(), required=True, help="Write the jobs and their plans here.")
@click.option("--expect", multiple=True, metavar="DIGEST|@PATH", help="As for `cardops apply`.")
@click.option(
    "--jobs", "max_jobs", type=click.IntRange(1), default=MAX_JOBS, show_default=True, help="At most so many."
)
@repository_option
@reviews_option
@today_option
def begin(
    folder: Path, expect: tuple[str, ...], max_jobs: int, start: Path, review_files: tuple[Path, ...], today: str
) -> int:
    """Plan everything and write nothing to AWS: who has something to apply, and what each may do.

    Prints `{version, commit, digest, jobs: [{number, partitions, steps}]}`. The folder gets the jobs (`jobs.json`), a
    plan for each (`parts/NUMBER.json`, digests alone), and the record that theirs are joined with.

    \b
    Example:
      cardops ci begin --expect @merged/plans --reviews merged/reviews.json --out run
      cardops apply --partition 111111111111/eu-west-1 --plan run/parts/0.json --pages parts/cardops-part-0/pages
      cardops ci join run --parts parts --ledger-to
    """
    recorder = Recorder(find_root(start), None, "", pages=folder / "pages")
    run = _run(recorder, read_gate(None, expect), review_files, today)
    begun = partitioned_apply.begin(run, folder, max_jobs)
    print_findings(begun.limits)
    print_unknown(begun.unknown)
    plan = begun.plan
    click.echo(json.dumps({"version": 1, "commit": plan.commit, "digest": plan.digest(), "jobs": begun.jobs}))
    return ExitCode.DONE


@click.command(cls=Command)
@click.argument("begun", metavar="RUN", type=folder_type(exists=True))
@click.option("--parts", type=folder_type(), required=True, help="The folder with what the jobs left.")
@repository_option
@reviews_option
@record_option
@ledger_to_option
@format_option(FORMATS)
@today_option
def join(
    begun: Path,
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
      cardops ci join run --parts parts --ledger-to --record record.json
    """
    recorder = Recorder(find_root(start), record_file, ledger)
    joined = partitioned_apply.join(_run(recorder, PlanGate(), review_files, today), begun, parts)
    click.echo(FORMATS[form](joined.plan, joined.results, joined.again))
    print_unknown(joined.unknown, "")
    return joined.code


def _run(recorder: Recorder, gate: PlanGate, review_files: tuple[Path, ...], today: str) -> ApplyRun:
    reviews, write = read_reviews(review_files) or [], partial(connect, role="role")
    return ApplyRun(recorder, gate, today, reviews, write, log, print_findings, verify=False, confirms=record_check())
