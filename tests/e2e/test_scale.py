"""Many cards: counts of calls, not seconds."""

import pytest

from support.workspace import SHARE, Workspace, operations

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]

CARDS = 10_000


def test_an_empty_plan_of_ten_thousand_cards_makes_at_most_150_calls(world: Workspace) -> None:
    for family in "abcd":
        world.write(f"shares/{family}.yaml", SHARE.replace("lifecycle", family).replace('"*"', f'"{family}-*"'))
    (world.root / "shares/lifecycle.yaml").unlink()
    for number in range(CARDS):
        world.card(f"{'abcd'[number % 4]}-{number:05}")
    world.commit()
    done = world.apply()
    assert done.code == 0, done.out[-2000:]
    start = world.now()
    done = world.cardops("plan", "--detailed-exitcode")
    assert done.code == 0, done.out[-2000:]
    assert f"nothing to do, {CARDS:,} cards unchanged" in done.out
    calls = operations(world.journal(start))
    assert len(calls) <= 150, len(calls)
    start = world.now()
    world.card("c-00042", purpose="changed")
    world.commit()
    assert world.apply().code == 0
    assert len(world.journal(start, mutating=True)) <= 5
