"""Partition by partition, in any order and two at once, ends as one whole apply does; each keeps the promises."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.fault_scenario import declaration, differences
from support.killable_workspace import KillableWorkspace
from support.partitioned_run import STAGES, PartitionedRun, complaints, state
from support.workspace import Done

pytestmark = pytest.mark.slow

NAMES = list(STAGES)
ROUNDS = 3
"""A copy of a spoke that the same run changes comes with the next one, as in a whole apply."""


@dataclass(slots=True)
class Whole:
    """The stages as whole applies: what was there before each, how it ended, and after its first apply."""

    stack: KillableWorkspace
    commits: list[str] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)

    def back_to(self, stage: int) -> None:
        """AWS and git as they were just before a stage was applied."""
        self.stack.restore(self.before[stage])
        self.stack.git("checkout", "-q", self.commits[stage])


@pytest.fixture(scope="module")
def whole(stack: KillableWorkspace) -> Whole:
    """All stages in a row, whole."""
    made = Whole(stack)
    for name, merge in STAGES.items():
        merge(stack)
        made.commits.append(stack.commit(name))
        made.before.append(stack.save())
        codes = [stack.apply().code for _ in range(ROUNDS)]
        assert codes[-1] == 0, (name, codes)
        made.ends.append(state(stack))
    return made


def settle(whole: Whole, place: Path, order: Sequence[int] = (0, 1, 2)) -> int:
    """Runs in parts until one has nothing left; the exit code of the last one."""
    for number in range(ROUNDS):
        run = PartitionedRun(whole.stack, place / str(number))
        for job in (job for job in order if job < len(run.jobs)):
            run.apply(job)
        if (code := run.join().code) == 0:
            break
    return code


ORDERS = ((0, 1, 2), (1, 2, 0), (2, 1, 0), (2, 0, 1))
"""With the spoke's partition (1) before and after the hub's (0)."""


@pytest.mark.parametrize(("stage", "order"), [*((1, order) for order in ORDERS), (0, ORDERS[1]), (2, ORDERS[2])])
def test_in_any_order(whole: Whole, stage: int, order: Sequence[int], tmp_path: Path) -> None:
    whole.back_to(stage)
    assert settle(whole, tmp_path, order) == 0
    assert differences(whole.ends[stage], state(whole.stack)) == []


@pytest.mark.parametrize(
    ("stage", "first", "second", "at"), [(0, 0, 1, 3), (1, 0, 1, 1), (1, 0, 1, 6), (1, 1, 0, 2), (1, 2, 0, 4)]
)
def test_one_comes_as_a_whole_between_two_calls_of_another(
    whole: Whole, stage: int, first: int, second: int, at: int, tmp_path: Path
) -> None:
    whole.back_to(stage)
    run = PartitionedRun(whole.stack, tmp_path / "begun")
    others: list[Done] = []
    whole.stack.wire.on_call = (at, lambda: others.append(run.apply(second)))
    run.apply(first)
    assert len(others) == 1
    run.apply(({0, 1, 2} - {first, second}).pop())
    assert run.join().code in (0, 3)
    assert settle(whole, tmp_path) == 0
    assert differences(whole.ends[stage], state(whole.stack)) == []


def test_a_life_in_parts_keeps_the_promises_in_every_account(whole: Whole, tmp_path: Path) -> None:
    whole.back_to(0)
    stack, turns, declared = whole.stack, [], []
    stack.backend.reset()
    for number, merge in enumerate(STAGES.values()):
        if number:
            stack.git("checkout", "-q", whole.commits[number - 1])
            merge(stack)
        stack.git("checkout", "-q", "-f", whole.commits[number])
        declared.append(declaration(stack, whole.commits[number]))
        start = stack.now()
        assert settle(whole, tmp_path / str(number), (2, 1, 0)) == 0
        turns.append((start, stack.now(), declared[-2:]))
    assert complaints(stack, turns) == []
    assert differences(whole.ends[-1], state(stack)) == []


def test_a_part_reads_its_own_account_and_the_spokes_of_its_copies_alone(whole: Whole, tmp_path: Path) -> None:
    whole.back_to(1)
    run = PartitionedRun(whole.stack, tmp_path)
    owners = [job["partitions"].partition("/")[0] for job in run.jobs]
    touched = {}
    for number, owner in enumerate(owners):
        start = whole.stack.now()
        run.apply(number)
        calls = [call for call in whole.stack.journal(start) if call["service"] != "sts"]
        touched[owner] = {call["account"] for call in calls if call["operation"] in ("Search", "GetResourceShares")}
    assert touched["333333333333"] == {"333333333333"}
    assert touched["222222222222"] == {"222222222222"}
    assert touched["111111111111"] == {"111111111111", "222222222222"}


def test_what_the_whole_plan_held_no_part_does(whole: Whole, tmp_path: Path) -> None:
    """A card whose file now declares one of another account: neither is the one made, nor the other retired."""
    whole.stack.restore(whole.before[1])
    whole.stack.git("checkout", "-q", "-f", whole.commits[0])
    text = (whole.stack.root / "cards/old-ml-dev.yaml").read_text()
    whole.stack.write("cards/old-ml-dev.yaml", text.replace('"ml-dev"', '"ml-test"'))
    whole.stack.commit("moved by hand")
    start = whole.stack.now()
    for partition in ("222222222222/eu-west-1", "333333333333/eu-west-1"):
        alone = whole.stack.apply("--partition", partition)
        assert (alone.code, "card/renamed" in alone.out) == (3, partition.startswith("222")), alone
    run = PartitionedRun(whole.stack, tmp_path)
    assert run.jobs == []
    joined = run.join("--format", "json")
    assert joined.code == 3
    assert [one["card"] for one in json.loads(joined.out)["held"]] == ["old-ml-dev", "old-ml-dev"]
    wrote = [call["operation"] for call in whole.stack.journal(start, mutating=True)]
    assert wrote == []
