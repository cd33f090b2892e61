"""A child that hangs, exhausts memory or crashes is named by the number of its work, and nothing it prints gets out."""

import os
from typing import Any

import pytest

from cardops.workers import child as worker
from cardops.workers.child import CPU_SECONDS, MEMORY, ChildDied, ChildDone, run

CRASHED = "it needs too much memory, or crashes"


def outcome(third: Any) -> list[ChildDone | ChildDied]:
    """Six pieces of work; the even ones find something, and the third does what it is told."""

    def do(number: int) -> Any:
        if number == 3:
            third()
        return [number] if number % 2 == 0 else None

    return list(run(lambda: do, 6))


def _loop() -> None:
    while True:
        pass


def _sleep_in_c() -> None:
    sum(range(10**12))


def test_what_is_found_is_told_in_order() -> None:
    assert outcome(lambda: None) == [ChildDone(0, [0]), ChildDone(2, [2]), ChildDone(4, [4])]


@pytest.mark.parametrize(
    ("third", "reason"),
    [
        pytest.param(_loop, f"it took more than {CPU_SECONDS:g} s", id="a loop"),
        pytest.param(_sleep_in_c, f"it took more than {CPU_SECONDS:g} s", id="a loop that Python cannot interrupt"),
        pytest.param(lambda: bytearray(MEMORY + (64 << 20)), CRASHED, id="memory"),
        pytest.param(os.abort, CRASHED, id="a crash"),
        pytest.param(lambda: os._exit(3), CRASHED, id="an exit"),
    ],
)
def test_the_work_that_ends_a_child_is_named_and_what_came_before_is_kept(third: Any, reason: str) -> None:
    assert outcome(third) == [ChildDone(0, [0]), ChildDone(2, [2]), ChildDied(3, reason)]


def test_what_was_told_by_half_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(told: int, data: bytes) -> None:
        os.write(told, data if data.startswith(b"[0") else data[:-3])
        if not data.startswith(b"[0"):
            os.abort()

    monkeypatch.setattr(worker, "_write", write)
    assert outcome(lambda: None) == [ChildDone(0, [0]), ChildDied(2, CRASHED)]


def test_work_may_take_memory_within_the_limit() -> None:
    assert len(outcome(lambda: bytearray(MEMORY // 4))) == 3


def test_the_next_child_goes_on_where_it_is_told() -> None:
    assert list(run(lambda: lambda number: number, 6, 4)) == [ChildDone(4, 4), ChildDone(5, 5)]


def test_each_piece_of_work_has_its_own_time() -> None:
    def do(number: int) -> None:
        for _ in range(40):
            sum(range(100_000))

    assert list(run(lambda: do, 10)) == []


def test_a_bug_in_the_work_is_a_bug_here() -> None:
    with pytest.raises(RuntimeError, match="a way that cardops does not know"):
        outcome(lambda: dict[str, str]()["a"])


def test_what_a_child_prints_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    outcome(lambda: (os.write(1, b"content"), os.write(2, b"content")))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [1, 30, 1 << 20])
def test_what_a_child_found_is_read_in_portions_but_for_half_a_line(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    whole = worker._write

    def half(told: int, data: bytes) -> None:
        if b"xxxxx" in data:
            whole(told, data[:4])
            os._exit(1)
        whole(told, data)

    monkeypatch.setattr(worker, "PORTION", size)
    monkeypatch.setattr(worker, "_write", half)
    with worker.Child(lambda: lambda number: "x" * number, range(9)) as child:
        assert list(child.results()) == [
            *(ChildDone(number, "x" * number) for number in range(5)),
            ChildDied(5, CRASHED),
        ]
