"""One sandbox for all tests with default options, emptied before each; others are made on demand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options
from support.sandbox_client import SandboxClient


@pytest.fixture(scope="session")
def _shared() -> Iterator[SandboxClient]:
    with Sandbox(options=Options(customer_permissions=True)) as sandbox:
        world = SandboxClient(sandbox.url)
        yield world
        world.close()


@pytest.fixture
def world(_shared: SandboxClient) -> SandboxClient:
    """The sandbox with default options, but that it takes customer managed permissions for cards; empty."""
    _shared.post("reset")
    return _shared


@pytest.fixture
def make_world() -> Iterator[Callable[..., SandboxClient]]:
    """Make a sandbox with other options, or with a data file."""
    made: list[tuple[Sandbox, SandboxClient]] = []

    def make(data: Path | None = None, **options: Any) -> SandboxClient:
        sandbox = Sandbox(options=Options(**options), data=data).start()
        made.append((sandbox, SandboxClient(sandbox.url, sandbox.stop)))
        return made[-1][1]

    yield make
    for sandbox, world in made:
        world.close()
        sandbox.stop()
