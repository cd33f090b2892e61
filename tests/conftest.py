"""Golden files: the exact output of a renderer, renewed with `pytest --update-golden`."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import settings

# How long an example takes is the machine's affair.
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")

GOLDEN = Path(__file__).parent / "render" / "golden"
DIGEST = re.compile(r"\b[0-9a-f]{32}\b")
"""Digests have tests of their own; here they would only change whenever a step does."""

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """--update-golden writes what the tests would have compared."""
    parser.addoption("--update-golden", action="store_true", help="Write golden files anew; read the difference.")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(name, text)`: the text is exactly what the file of that name holds."""
    update = bool(request.config.getoption("--update-golden"))

    def check(name: str, text: str) -> None:
        text = DIGEST.sub("DIGEST", text)
        path = GOLDEN / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n", encoding="utf-8")
        assert path.is_file(), f"no golden file {name}: run pytest --update-golden and read it"
        assert f"{text}\n" == path.read_text(encoding="utf-8")

    return check


@pytest.fixture(scope="module")
def unmeasured() -> Iterator[None]:
    """For a module that plays at length what others test: to measure coverage takes as long again."""
    measuring = Coverage.current()
    if measuring:
        measuring.stop()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
    if measuring:
        measuring.start()
