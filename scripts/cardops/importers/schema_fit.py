"""Content from elsewhere made to fit the schema: what does not fit is taken out and named."""

import copy
from typing import Any

from cardops.desired.checks import content as content_checks
from cardops.desired.problems import Path, Problem
from cardops.desired.schema import validator
from cardops.importers.unmapped import Unmapped
from cardops.model import canonical

MOST_ROUNDS = 100
NEEDED = frozenset({"name", "type", "value"})
"""Without these a metric is none, so the whole metric goes."""


def fit(content: dict[str, Any]) -> tuple[dict[str, Any], list[Unmapped]]:
    """Return a copy of `content` that the schema accepts, and what was removed from it; paths start at `content`.

    The smallest part that can be left out is removed, not only the wrong value.
    """
    card: dict[str, Any] = {"name": "x", "status": "Draft", "owner": "x", "content": copy.deepcopy(content)}
    left: list[Unmapped] = []
    for _ in range(MOST_ROUNDS):
        problems = find_problems(card)
        if not problems:
            break
        targets: dict[Path, Problem] = {}
        for problem in problems:
            targets.setdefault(_target(problem.path), problem)
        left += [Unmapped(path, problem.message) for path, problem in targets.items()]
        _remove(card, targets)
    fitted: dict[str, Any] = card.get("content", {})
    return fitted, left


def find_problems(card: dict[str, Any]) -> list[Problem]:
    """Check a card against the schema, then check its content for duplicate names and malformed charts."""
    problems = validator.check("card", card)
    if problems or "content" not in card:
        return problems
    return list(content_checks.check_evaluations(card["content"]))


def too_long(content: dict[str, Any]) -> list[Problem]:
    """Check the limit on the size of the whole content."""
    return list(content_checks.check_content(canonical.to_bytes(content)))


def _target(path: Path) -> Path:
    if "metric_data" in path:
        item = path.index("metric_data") + 2
        if len(path) > item and path[item] in NEEDED:
            return path[:item]
    if path[-1:] == ("name",) and len(path) > 1 and isinstance(path[-2], int):
        return path[:-1]
    return path


def _remove(card: dict[str, Any], targets: dict[Path, Problem]) -> None:
    """Delete the targets from last to first, so that list indexes stay valid."""
    for path in sorted(targets, key=lambda path: [(isinstance(step, int), step) for step in path], reverse=True):
        *parents, last = path
        parent: Any = card
        for step in parents:
            parent = parent[step]
        del parent[last]
