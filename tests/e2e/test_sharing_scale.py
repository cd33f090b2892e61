"""Many shares: counts of calls, not seconds."""

import pytest

from support.workspace import Workspace, operations

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]

SHARES, CARDS = 200, 2_000
GRANTS = """\
grants:
  - {to: ml-dev, access: contribute, while: [Draft]}
  - {to: ml-test, access: read, while: [Draft, PendingReview]}
  - {to: ml-prod, access: read, while: [Draft, Approved]}
"""
CARD_LISTS = {"Search", "ListModelCards"}


def test_an_empty_plan_of_600_grants_and_a_card_more(world: Workspace) -> None:
    (world.root / "shares/lifecycle.yaml").unlink()
    for number in range(SHARES):
        world.write(f"shares/s{number:03}.yaml", f'name: s{number:03}\ncards: ["s{number:03}-*"]\n{GRANTS}')
    for number in range(CARDS):
        world.card(f"s{number % SHARES:03}-{number:04}")
    world.commit()
    done = world.apply()
    assert done.code == 0, done.out[-2000:]
    start = world.now()
    done = world.cardops("plan", "--detailed-exitcode")
    assert done.code == 0, done.out[-2000:]
    assert f"nothing to do, {CARDS:,} cards unchanged" in done.out
    calls = [name for name in operations(world.journal(start)) if name not in CARD_LISTS]
    assert len(calls) <= 60, calls
    start = world.now()
    world.card("s042-new")
    world.commit()
    assert world.apply().code == 0
    calls = operations(world.journal(start, mutating=True))
    assert calls == ["CreateModelCard", *["AssociateResourceShare"] * 3]
