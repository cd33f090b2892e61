"""Each stage killed once, in the middle: the short form of what test_every_crash does at every call."""

import pytest

from support.fault_scenario import NAMES, STAGES, differences, end_state
from support.undisturbed_run import UndisturbedRun


@pytest.mark.parametrize("stage", range(len(STAGES)), ids=NAMES)
def test_the_next_apply_ends_in_the_same_state(year: UndisturbedRun, stage: int) -> None:
    assert year.kill(stage, year.calls[stage] // 2)
    again = year.stack.now()
    done = year.stack.apply()
    assert done.code == 0, (done.out[-2000:], done.err[-2000:])
    assert differences(year.ends[stage], end_state(year.stack)) == []
    assert year.watch([(year.turns[stage], stage, False), (again, stage, True)]) == []
