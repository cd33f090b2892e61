"""What an apply says while it runs, step by step, in threads of its own."""

import io
import sys
from threading import Thread

import click
import pytest

from cardops.apply.results import StepOutcome, StepResult
from cardops.cli.progress import show_progress
from support.builders import card, desired, observed, planned
from support.replacing import replace

GREEN = "\x1b[32m"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, color: bool | None, kind: str = "create") -> str:
    """One step's line, reported by another thread while standard output is this stream."""
    (step,) = planned(desired(card()), observed()).steps
    result = StepResult(replace(step, kind=kind), StepOutcome.CREATED, "version 1")
    monkeypatch.setattr(sys, "stdout", stream)
    context = click.Context(click.Command("apply"))
    context.color = color
    with context, show_progress(1, quiet=False) as report:
        thread = Thread(target=report, args=(result,))
        thread.start()
        thread.join()
    return stream.getvalue()


def test_a_line_for_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(io.StringIO(), monkeypatch, None)
    assert text == "  created  create churn (111111111111/eu-west-1): version 1\n"
    assert said(io.StringIO(), monkeypatch, None, kind="record") == ""


@pytest.mark.parametrize(
    ("stream", "color", "coloured"),
    [(Terminal, None, True), (Terminal, False, False), (io.StringIO, None, False), (io.StringIO, True, True)],
)
def test_colours_where_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], color: bool | None, coloured: bool
) -> None:
    assert (GREEN in said(stream(), monkeypatch, color)) is coloured


def test_a_format_keeps_standard_output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (step,) = planned(desired(card()), observed()).steps
    with show_progress(1, quiet=True) as report:
        report(StepResult(step, StepOutcome.CREATED, "version 1"))
    found = capsys.readouterr()
    assert (found.out, "create churn" in found.err) == ("", True)
