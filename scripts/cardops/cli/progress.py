"""Show the progress of an apply: a bar on a terminal, else a line for each step."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from cardops.apply.results import Report, StepOutcome, StepResult
from cardops.render.apply_results import line

MIN_STEPS_FOR_A_BAR = 20
"""From this many steps on, a terminal shows a progress bar instead of one line for each step."""


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
