"""Messages on standard error, and the progress of an apply."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

import click

from cardops.apply.results import Report, StepOutcome, StepResult
from cardops.model.errors import ExitCode
from cardops.model.findings import Finding
from cardops.render.apply_results import line
from cardops.render.escape import escape_invisible
from cardops.render.findings import lines

MIN_STEPS_FOR_A_BAR = 20
"""From this many steps on, a terminal shows a progress bar instead of one line for each step."""


def log(message: str) -> None:
    """Print one line of progress on standard error."""
    click.echo(click.style(escape_invisible(message), dim=True), err=True)


def silent(message: str) -> None:
    """Print nothing, for work whose progress is of no interest."""


def print_findings(findings: Iterable[Finding]) -> None:
    """Print findings on standard error, one on a line."""
    for one in lines(findings):
        click.echo(one, err=True)


def print_unknown(unknown: Mapping[str, str], what: str = "could not be read") -> ExitCode:
    """Print what could not be asked, with the reason. INCOMPLETE if there is anything, else DONE."""
    for name, why in unknown.items():
        click.echo(f"{click.style('unknown', fg='red')}: {name} {what}: {escape_invisible(why)}", err=True)
    return ExitCode.INCOMPLETE if unknown else ExitCode.DONE


@contextmanager
def show_progress(total: int, quiet: bool) -> Iterator[Report]:
    """Yield the function to call after each step. With `quiet`, standard output is left to a format."""
    if total < MIN_STEPS_FOR_A_BAR or not sys.stderr.isatty():
        yield _lines(sys.stderr if quiet else sys.stdout)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("applying", total=total)

        def report(result: StepResult) -> None:
            bar.advance(task)
            if result.outcome in (StepOutcome.FAILED, StepOutcome.HELD):
                bar.console.print(line(result), markup=False, highlight=False)

        yield report


def _lines(stream: TextIO) -> Report:
    """Print a line for each step. The context says whether colours are wanted; the reporting threads have none."""
    context = click.get_current_context(silent=True)
    wanted = context.color if context else None
    plain = not (stream.isatty() if wanted is None else wanted)

    def report(result: StepResult) -> None:
        if result.step.kind != "record":
            text = line(result)
            stream.write(f"{click.unstyle(text) if plain else text}\n")
            stream.flush()

    return report
