"""Under mutmut rules are asked in the test's own process: in a child, nobody would see which test reaches what."""

import json
import os
from collections.abc import Callable, Iterator

import pytest

from cardops.policy import runner as run
from cardops.workers.child import ChildDone, Do


def _at_once(prepare: Callable[[], Do], count: int, first: int = 0) -> Iterator[ChildDone]:
    do = prepare()
    for number in range(first, count):
        if (found := do(number)) is not None:
            yield ChildDone(number, json.loads(json.dumps(found)))


@pytest.fixture(autouse=True)
def _no_child_under_mutmut(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.environ.get("MUTANT_UNDER_TEST"):
        monkeypatch.setattr(run, "run", _at_once)
