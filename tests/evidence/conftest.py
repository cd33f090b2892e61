"""Reports of every kind, smaller than real ones."""

from pathlib import Path
from typing import Any

import pytest

from cardops.importers.json_reader import parse_json

REPORTS = Path(__file__).parents[1] / "fixtures" / "reports"


@pytest.fixture
def report() -> Any:
    """The document of a report's fixture."""
    return lambda name: parse_json((REPORTS / f"{name}.json").read_bytes())
