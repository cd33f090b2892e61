"""Content from elsewhere made to fit the schema: what does not fit is taken out and named."""

import copy
from typing import Any

from cardops.desired.checks import content as rules
from cardops.desired.problems import Path, Problem
from cardops.desired.schema import validator as schema
from cardops.importers.unmapped import Unmapped
from cardops.model import canonical

MOST_ROUNDS = 100
NEEDED = frozenset({"name", "type", "value"})
"""Without these a metric is none, so the whole metric goes."""


def fit(content: dict[str, Any]) -> tuple[dict[str, Any], list[Unmapped]]:
    """A copy of `content` that the schema accepts, and what was taken out of it; paths start at `content`.

    Whole parts are taken out, from the value that is wrong up to what cannot be without it.
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
    """What the schema says, and once it is content, what it cannot say: names that stand twice, charts' shapes."""
    problems = schema.check("card", card)
    if problems or "content" not in card:
        return problems
    return list(rules.check_evaluations(card["content"]))


def too_long(content: dict[str, Any]) -> list[Problem]:
    """The one limit that no single part breaks."""
    return list(rules.check_content(canonical.to_bytes(content)))


def _target(path: Path) -> Path:
    if "metric_data" in path:
        item = path.index("metric_data") + 2
        if len(path) > item and path[item] in NEEDED:
            return path[:item]
    if path[-1:] == ("name",) and len(path) > 1 and isinstance(path[-2], int):
        return path[:-1]
    return path


def _remove(card: dict[str, Any], targets: dict[Path, Problem]) -> None:
    """From the last to the first, so that what is left keeps its number until then."""
    for path in sorted(targets, key=lambda path: [(isinstance(step, int), step) for step in path], reverse=True):
        *parents, last = path
        parent: Any = card
        for step in parents:
            parent = parent[step]
        del parent[last]
