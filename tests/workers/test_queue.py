"""Whoever takes them: each piece of work is done once, and nobody waits while there is some left."""

import pytest

from cardops.workers.child import Child, ChildDone
from cardops.workers.queue import MOST, Portions


@pytest.mark.parametrize("count", [0, 1, 2, MOST - 1, MOST, MOST + 1, 2 * MOST + 7, 100_000])
@pytest.mark.parametrize("first", [0, 1, 5])
def test_each_number_is_taken_once(count: int, first: int) -> None:
    with Portions(range(first, first + count)) as portions:
        takers = [iter(portions) for _ in range(3)]
        taken = [number for taker in takers for _, number in zip(range(count // 4), taker, strict=False)]
        taken += [number for taker in takers for number in taker]
    assert sorted(taken) == list(range(first, first + count))
    assert portions.start == first


def test_who_has_much_to_do_leaves_the_rest_to_the_others() -> None:
    with Portions(range(10)) as portions:
        slow, quick = iter(portions), iter(portions)
        assert next(slow) == 0
        assert list(quick) == list(range(1, 10))
        assert list(slow) == []


def test_processes_share_them() -> None:
    with Portions(range(1, 3 * MOST)) as portions:
        children = [Child(lambda: lambda number: [number], portions) for _ in range(3)]
        found = []
        for child in children:
            with child:
                found += list(child.results())
    assert sorted(found) == [ChildDone(number, [number]) for number in range(1, 3 * MOST)]
