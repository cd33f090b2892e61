"""How an apply reports its steps: a bar where a terminal is there, plain lines where not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from cardops.apply.results import Report, StepOutcome, StepResult
from cardops.render.apply_results import line

LONG = 20
"""From so many steps on, a terminal gets a bar instead of a line a step."""


@contextmanager
def show_progress(total: int, quiet: bool) -> Iterator[Report]:
    """What to call after each step; `quiet` keeps standard output for a format."""
    if total < LONG or not sys.stderr.isatty():
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
    """A line for each step. Whether colours are wanted is asked once, and not in each of the threads that report."""
    context = click.get_current_context(silent=True)
    wanted = context.color if context else None
    plain = not (stream.isatty() if wanted is None else wanted)

    def report(result: StepResult) -> None:
        if result.step.kind != "record":
            text = line(result)
            stream.write(f"{click.unstyle(text) if plain else text}\n")
            stream.flush()

    return report
