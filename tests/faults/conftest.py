"""One sandbox and one undisturbed year a module."""

from collections.abc import Iterator

import pytest

from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options
from support.fault_scenario import PARTNER
from support.killable_workspace import KillableWorkspace, install
from support.undisturbed_run import UndisturbedRun, live_through


@pytest.fixture(scope="module", autouse=True)
def played(unmeasured: None) -> None:
    """All that is here."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillableWorkspace]:
    """A sandbox where the partner is outside the organization, and an empty repository."""
    options = Options(customer_permissions=True, outside_accounts=frozenset({PARTNER}))
    with Sandbox(options=options) as sandbox, pytest.MonkeyPatch.context() as monkeypatch:
        wire = install(monkeypatch, sandbox)
        found = KillableWorkspace(tmp_path_factory.mktemp("faults") / "repository", sandbox, wire)
        yield found
        found.close()


@pytest.fixture(scope="module")
def year(stack: KillableWorkspace) -> UndisturbedRun:
    """Every stage applied once, with what was there before each."""
    return live_through(stack)
