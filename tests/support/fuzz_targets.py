"""What hostile bytes are thrown at, as functions of bytes: a finding, a clean error or a result, and nothing else.

`make fuzz` lets atheris look for more for ten minutes.
"""

import json
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from cardops.commands import plan_file as shown
from cardops.desired.loader import load_repository
from cardops.model.errors import CardopsError
from cardops.model.findings import Finding
from cardops.plan.steps import Plan, digest_of
from cardops.policy.files import Files
from cardops.policy.loader import load_policies
from cardops.signoffs.reviews import read_reviews
from cardops.strict_yaml import fast_reader as fast
from cardops.strict_yaml import reader as strict
from cardops.strict_yaml.errors import MAX_BYTES, MAX_DEPTH

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
    """The same bytes as a card and a share, and as the configuration, beside good files."""
    for paths in (("cards/fuzzed.yaml", "shares/fuzzed.yaml"), ("cardops.yaml",)):
        files = good_files() | dict.fromkeys(paths, data)
        demand_places(load_repository(Files(files), today="2026-06-01").findings)
    value, _ = fast.load(data, MAX_DEPTH) if len(data) <= MAX_BYTES else (None, False)
    assert value is None or repr(value) == repr(strict.load_strictly(data).value)


def policies(data: bytes) -> None:
    """The same bytes as rules, waivers, enforcement and a pack, beside shipped rules."""
    files = dict.fromkeys(("fuzzed.yaml", "waivers/fuzzed.yaml", "enforcement.yaml", "packs/fuzzed.yaml"), data)
    files["identity.yaml"] = (POLICIES / "identity.yaml").read_bytes()
    demand_places(load_policies(Files({f"policies/{path}": text for path, text in files.items()})).findings)


def plan_file(data: bytes) -> None:
    """The bytes as plan.json, and once more with digests that add up, where they can."""
    _file(data, _gate)
    sealed = None
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        plan = json.loads(data)
        digests = {str(key): str(value) for key, value in plan["digests"].items()}
        sealed = json.dumps(plan | {"digest": digest_of(str(plan["repository"]), digests)})
    if sealed:
        _file(sealed.encode(), _gate)


def reviews(data: bytes) -> None:
    """The bytes as a file of reviews, with what everybody thinks in the end."""
    _file(data, lambda path: [pull.opinions() for pull in read_reviews(path)])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "repository": repository,
    "policies": policies,
    "plan": plan_file,
    "reviews": reviews,
}


def _gate(path: Path) -> None:
    gate = shown.read_gate(path, (f"@{path}",))
    gate.demand_commit(gate.plan.commit if gate.plan else "")
    gate.over(Plan(gate.plan.repository if gate.plan else "", "c", ()))


def _file(data: bytes, read: Callable[[Path], object]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        with suppress(CardopsError):
            read(Path(file.name))


ODD: list[Any] = [
    *("", " ", "*", "\x00", "..", "../../etc/passwd", "\u202e", "\ud7ff", "e\u0301", "é", "%s{0}", "a" * 5000),
    *([], {}, [[]], {"name": None}),
]
SEEDS: dict[str, list[Any]] = {
    "repository": [yaml.safe_load(text) for path, text in good_files().items() if path.endswith(".yaml")],
    "policies": [yaml.safe_load(path.read_bytes()) for path in sorted(POLICIES.rglob("*.yaml"))],
    "plan": [
        {"version": 1, "repository": "r", "digest": "d", "digests": {"a": "b"}, "steps": []},
        {"version": 1, "repository": "r", "digest": "d", "digests": {"a": "b"}, "against": {"digests": {"a": "b"}}},
        {"version": 1, "repository": "r", "digest": "d", "digests": {}, "commit": "c" * 40, "part_of": "d"},
    ],
    "reviews": [
        {
            "pull_request": {"number": 1, "author": "ada", "head_sha": "a" * 40, "merge_commit_sha": "b" * 40},
            "reviews": [
                {"state": "APPROVED", "user": {"login": "bob"}, "commit_id": "a" * 40, "submitted_at": "2026-01-01"}
            ],
            "commits": [{"commit": {"author": {"email": "a@b.c"}}, "author": {"login": "ada"}}],
        }
    ],
}


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, child in items for place in places(child, (*at, key)))]


def with_value(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at a place."""
    if not place:
        return value
    changed = document.copy()
    changed[place[0]] = with_value(document[place[0]], place[1:], value)
    return changed
