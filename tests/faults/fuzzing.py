"""What hostile bytes are thrown at, as functions of bytes: a finding, a clean error or a result, and nothing else.

`make fuzz` lets atheris look for more for ten minutes.
"""

import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from cardops.cli import shown
from cardops.declared.load import load_repository
from cardops.errors import CardopsError
from cardops.findings import Finding
from cardops.policy.documents import Files
from cardops.policy.load import load_policies
from cardops.signoffs.reviews import read_reviews

GOOD = Path(__file__).parents[1] / "fixtures" / "good"
POLICIES = Path(__file__).parents[2] / "policies"


def good_files() -> dict[str, bytes]:
    """A repository that has no findings."""
    return {path.relative_to(GOOD).as_posix(): path.read_bytes() for path in GOOD.rglob("*") if path.is_file()}


def demand_places(findings: Iterable[Finding]) -> None:
    """Every finding has a place, and its message is on one line."""
    for finding in findings:
        assert finding.location.path, finding
        assert finding.location.line >= 1, finding
        assert finding.location.column >= 1, finding
        str(finding).encode("utf-8", "surrogateescape")


def repository(data: bytes) -> None:
    """The same bytes as a card, a share and the configuration, each beside good files."""
    for path in ("cards/fuzzed.yaml", "shares/fuzzed.yaml", "cardops.yaml"):
        demand_places(load_repository(Files(good_files() | {path: data}), today="2026-06-01").findings)


def policies(data: bytes) -> None:
    """The same bytes as rules, waivers, enforcement and a pack, beside the shipped rules."""
    rules = {f"policies/{path.name}": path.read_bytes() for path in [POLICIES / "documentation.yaml"]}
    for path in ("fuzzed.yaml", "waivers/fuzzed.yaml", "enforcement.yaml", "packs/fuzzed.yaml"):
        demand_places(load_policies(Files(rules | {f"policies/{path}": data})).findings)


def plan_file(data: bytes) -> None:
    """The bytes as plan.json."""
    _file(data, shown.read)


def reviews(data: bytes) -> None:
    """The bytes as a file of reviews."""
    _file(data, read_reviews)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "repository": repository,
    "policies": policies,
    "plan": plan_file,
    "reviews": reviews,
}


def _file(data: bytes, read: Callable[[Path], object]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        with suppress(CardopsError):
            read(Path(file.name))
