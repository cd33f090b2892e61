"""Steps by several processes: each piece once, whatever becomes of the processes, and nothing goes on without them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cardops.apply import cards
from cardops.apply import runner as run
from cardops.apply.results import StepOutcome, StepResult
from cardops.apply.runner import INTERRUPTED
from cardops.model.desired import Card, Status
from cardops.plan.steps import Phase
from cardops.workers.pool import abreast
from support.apply_sandbox import HOME, Lab, outcomes, settings, wanted
from support.builders import card

NAMES = [f"card-{number}" for number in range(6)]


def told(do: Callable[[int], Any], count: int = 40) -> dict[int, Any]:
    return dict(abreast(lambda: do, count, 2, 3))


def test_every_piece_is_done_once_by_some_process() -> None:
    found = list(abreast(lambda: lambda number: [number, os.getpid(), "é" * 50_000], 40, 2, 3))
    assert sorted(number for number, _ in found) == list(range(40))
    assert all(number == told and text == "é" * 50_000 for number, (told, _, text) in found)
    assert os.getpid() not in {pid for _, (_, pid, _) in found}


def test_pieces_are_told_of_while_others_are_at_work(tmp_path: Path) -> None:
    """The last piece waits for what this test does once it was told of another one."""
    heard = tmp_path / "heard"

    def do(number: int) -> bool:
        for _ in range(1000 if number == 39 else 0):
            if heard.exists():
                break
            time.sleep(0.01)
        return heard.exists()

    with closing(abreast(lambda: do, 40, 2, 3)) as pieces:
        first, _ = next(pieces)
        heard.touch()
        rest = dict(pieces)
    assert sorted([first, *rest]) == list(range(40))
    assert rest[39]


def test_what_a_process_had_not_told_is_missing_when_it_is_killed() -> None:
    def do(number: int) -> int:
        if number == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    found = told(do)
    assert 7 not in found
    assert len(found) >= 30, "the other process goes on"


def test_a_bug_is_no_result() -> None:
    def do(number: int) -> float:
        return 1 / (number - 3)

    with pytest.raises(RuntimeError, match="cardops does not know"):
        told(do)


def test_who_stops_listening_ends_the_processes() -> None:
    with closing(abreast(lambda: lambda number: [os.getpid(), time.sleep(0.01 * number)], 400, 2, 3)) as pieces:
        processes = {next(pieces)[1][0] for _ in range(20)}
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


ORPHANS = """
import os, pathlib, sys, time
from cardops.workers.pool import abreast

folder, me = pathlib.Path(sys.argv[1]), os.getpid
def do(number):
    (folder / "at work" / str(me())).touch()
    while len(os.listdir(folder / "at work")) < 2:
        time.sleep(0.01)
    if str(me()) == max(os.listdir(folder / "at work"), key=int):
        time.sleep(60)
    (folder / "done" / str(number)).touch()
    time.sleep(0.02)

for _ in abreast(lambda: do, 10_000, 2, 3):
    pass
"""


def test_a_process_ends_with_the_one_that_started_it_though_another_is_stuck(tmp_path: Path) -> None:
    """The stuck one was started last, so it holds the other end of what the first one tells."""
    work, done = tmp_path / "at work", tmp_path / "done"
    work.mkdir()
    done.mkdir()
    with subprocess.Popen([sys.executable, "-c", ORPHANS, str(tmp_path)]) as process:
        while len(list(done.iterdir())) < 20:
            time.sleep(0.01)
        process.kill()
    working, stuck = sorted(int(file.name) for file in work.iterdir())
    try:
        for _ in range(1000):
            if not is_at_work(working):
                break
            time.sleep(0.01)
        assert (is_at_work(working), is_at_work(stuck)) == (False, True)
        assert len(list(done.iterdir())) < 5_000
    finally:
        os.kill(stuck, signal.SIGKILL)


def is_at_work(pid: int) -> bool:
    """A process that has ended, and whose end nobody has asked for, is a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MANY", 2)
    monkeypatch.setattr(run, "processors", lambda: 2)
    monkeypatch.setattr(run, "SAFE_TO_FORK", True)


def drafts(**more: Any) -> Sequence[Card]:
    return [card(name=name, **more) for name in NAMES]


def apply(lab: Lab, *cards: Card) -> list[StepResult]:
    return lab.apply(wanted(*cards, shares=(), settings_=settings()))


@pytest.mark.usefixtures("many")
def test_cards_are_made_by_several_processes_as_by_one(lab: Lab) -> None:
    results = apply(lab, *drafts(status=Status.APPROVED))
    assert outcomes(results) == [("create", StepOutcome.CREATED)] * 6 + [("promote", StepOutcome.UPDATED)] * 6
    assert [result.step.resource for result in results] == NAMES * 2
    assert {result.detail for result in results[:6]} == {"version 1"}
    created = [
        call["parameters"]["ModelCardName"] for call in lab.calls(mutating=True) if "Create" in call["operation"]
    ]
    assert sorted(created) == NAMES
    assert outcomes(apply(lab, *drafts(status=Status.APPROVED))) == []


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("name", ["SAFE_TO_FORK", "MANY", "processors"])
def test_one_process_is_enough_for_a_few_cards_and_where_another_is_no_help(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(run, name, {"SAFE_TO_FORK": False, "MANY": 7, "processors": lambda: 1}[name])
    monkeypatch.setattr(run, "abreast", lambda *_: pytest.fail("there are several processes"))
    assert outcomes(apply(lab, *drafts())) == [("create", StepOutcome.CREATED)] * 6


@pytest.mark.usefixtures("many")
def test_what_failed_in_another_process_keeps_what_depends_on_it_from_running(lab: Lab) -> None:
    plan = lab.plan(wanted(*drafts(status=Status.APPROVED), shares=(), settings_=settings()))
    assert lab.cloud
    lab.cloud.cards(HOME).create("card-3", b"{}", Status.DRAFT, {}, "")  # somebody else's, meanwhile
    results = {(one.step.resource, one.step.phase): one for one in lab.run(plan)}
    assert results["card-3", Phase.CONTENT].outcome is StepOutcome.FAILED
    assert "ConflictException" in results["card-3", Phase.CONTENT].detail
    assert results["card-3", Phase.PROMOTE].outcome is StepOutcome.SKIPPED
    assert results["card-2", Phase.PROMOTE].outcome is StepOutcome.UPDATED
    live = {one.key.name: one.status for one in lab.cloud.cards(HOME).search(contents=False)}
    assert live == dict.fromkeys(NAMES, Status.APPROVED) | {"card-3": Status.DRAFT}


@pytest.mark.usefixtures("many")
def test_steps_of_a_process_that_is_ended_count_as_failed_and_are_done_by_the_next_apply(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, here = cards.create, os.getpid()

    def create(port: Any, key: Any, action: Any) -> str:
        done = real(port, key, action)
        if key.name == "card-2" and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)  # it is made, and nobody was told
        return done

    with monkeypatch.context() as patched:
        patched.setattr(cards, "create", create)
        results = {one.step.resource: one for one in apply(lab, *drafts())}
    assert (results["card-2"].outcome, results["card-2"].detail) == (StepOutcome.FAILED, INTERRUPTED)
    lost = [name for name in NAMES if results[name].detail == INTERRUPTED]
    apply(lab, *drafts())
    created = [call["parameters"]["ModelCardName"] for call in lab.calls(mutating=True) if not call["error"]]
    assert sorted(created) == NAMES, lost
