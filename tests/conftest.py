"""Options and fixtures of all tests."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any
from unittest.mock import patch

import pytest
from botocore.loaders import create_loader
from coverage import Coverage

from cardops.model.catalogue import TITLES
from cardops.model.findings import Finding
from support.emitted_rules import RULE_ID
from support.golden import Golden, check_golden
from support.profiles import register_profiles

register_profiles()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--update-golden writes what the tests would have compared."""
    parser.addoption("--update-golden", action="store_true", help="Write golden files anew; read the difference.")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Check that a text is exactly what the golden file of that name holds: `golden(name, text)`."""
    return partial(check_golden, update=bool(request.config.getoption("--update-golden")))


@pytest.fixture(scope="session", autouse=True)
def _service_models() -> Iterator[None]:
    """Read each of botocore's service models once a session instead of once a client."""
    with patch("botocore.session.create_loader", cache(create_loader)):
        yield


@pytest.fixture(scope="session", autouse=True)
def _known_rules_only() -> Iterator[None]:
    """Refuse a finding whose rule has the form of a built-in one and is not in the catalogue."""
    make = Finding.__new__

    def made(cls: type[Finding], rule: str, *rest: Any, **more: Any) -> Finding:
        known = not RULE_ID(rule) or rule in TITLES or rule == "a/rule"
        assert known, f"{rule} is not in the catalogue: add it to scripts/cardops/model/catalogue.json"
        return make(cls, rule, *rest, **more)

    with patch.object(Finding, "__new__", made):
        yield


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
