"""Make content from elsewhere fit the schema: whatever does not fit is removed and reported."""

import copy
from collections.abc import Iterator
from typing import Any

from cardops.desired.checks import content as content_checks
from cardops.desired.problems import Path, Problem
from cardops.desired.schema import validator
from cardops.importers.unmapped import Unmapped
from cardops.model import canonical
from cardops.model.errors import CardopsError
from cardops.strict_yaml.scalar_style import scalar
from cardops.strict_yaml.scalars import AmbiguousScalarError, plain

MAX_ROUNDS = 100
NEEDED = frozenset({"name", "type", "value"})
"""Fields without which a metric is not valid, so the whole metric is removed."""


def fit(content: dict[str, Any]) -> tuple[dict[str, Any], list[Unmapped]]:
    """Return a copy of `content` that the schema, YAML and AWS's limit accept, and what was removed.

    The smallest part that can be left out is removed: a text, a metric, an evaluation. Paths start at `content`.
    """
    fitted, left = drop_misfits(content)
    return fitted, left + _shrink(fitted)


def drop_misfits(content: dict[str, Any]) -> tuple[dict[str, Any], list[Unmapped]]:
    """Return a copy of `content` that the schema and YAML accept, of any size, and what was removed."""
    card: dict[str, Any] = {"name": "x", "status": "Draft", "owner": "x", "content": copy.deepcopy(content)}
    left: list[Unmapped] = []
    for _ in range(MAX_ROUNDS):
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


def coerce(content: Any) -> Any:
    """Convert scalars to the types of the schema, as CloudFormation does: `"3"` to 3 and 3 to `"3"`, if exact."""
    schema = validator.schema("card")
    return _coerced(content, schema["properties"]["content"], schema["$defs"])


def find_problems(card: dict[str, Any]) -> list[Problem]:
    """Check a card against the schema, then its texts against YAML, then duplicate names and malformed charts."""
    problems = validator.check("card", card)
    if problems or "content" not in card:
        return problems
    unwritable = list(unwritable_values(card["content"], ("content",)))
    return unwritable or list(content_checks.check_evaluations(card["content"]))


def drop_unwritable(content: dict[str, Any]) -> tuple[dict[str, Any], list[Unmapped]]:
    """Return a copy of a live card's content without the texts that YAML cannot hold, and what was removed."""
    card = {"content": copy.deepcopy(content)}
    left: list[Unmapped] = []
    while problems := list(unwritable_values(card["content"], ("content",))):
        targets = {_target(problem.path): problem for problem in problems}
        left += [Unmapped(path, problem.message) for path, problem in targets.items()]
        _remove(card, targets)
    return card["content"], left


def unwritable_values(value: Any, at: Path) -> Iterator[Problem]:
    """Yield each text that cards cannot hold, such as one with a control character, and each very long number."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from unwritable_values(item, (*at, key))
            yield from _unwritable(key, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unwritable_values(item, (*at, index))
    else:
        yield from _unwritable(value, at)


def _unwritable(value: Any, at: Path) -> Iterator[Problem]:
    try:
        scalar(value)
    except CardopsError as problem:
        yield Problem(at, problem.message, "import/unwritable")


def too_long(content: dict[str, Any]) -> list[Problem]:
    """Check the limit on the size of the whole content."""
    return list(content_checks.check_content(canonical.to_bytes(content)))


def _shrink(content: dict[str, Any]) -> list[Unmapped]:
    """Remove the largest evaluations, then the longest texts, until the content is within AWS's limit."""
    left: list[Unmapped] = []
    over = _size(content) - canonical.MAX_CONTENT
    evaluations = content.get("evaluation_details", [])
    why = f"the content would exceed the limit of {canonical.MAX_CONTENT:,} characters"
    by_size = sorted(range(len(evaluations)), key=lambda at: -_size(evaluations[at])) if over > 0 else []
    dropped = set()
    for at in by_size:
        if over <= 0:
            break
        over -= _size(evaluations[at]) + 1
        dropped.add(at)
        left.append(Unmapped(("content", "evaluation_details", at), why))
    if dropped:
        content["evaluation_details"] = [one for at, one in enumerate(evaluations) if at not in dropped]
    for path, size in sorted(_texts(content, ()), key=lambda one: -one[1]) if over > 0 else []:
        if over <= 0:
            break
        over -= size
        left.append(Unmapped(("content", *path), why))
        _remove({"content": content}, {("content", *path): Problem(path, why, "")})
    return sorted(left, key=lambda one: str(one.path))


def _size(value: Any) -> int:
    return len(canonical.to_bytes(value).decode())


def _texts(value: Any, at: Path) -> Iterator[tuple[Path, int]]:
    """Yield the texts that are fields of their own, with their sizes."""
    for key, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, str):
            yield (*at, key), _size(item)
        else:
            yield from _texts(item, (*at, key))


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


def _coerced(value: Any, schema: dict[str, Any], shared: dict[str, Any]) -> Any:
    if reference := schema.get("$ref"):
        schema = shared[reference.removeprefix("#/$defs/")]
    if isinstance(value, dict):
        return {key: _coerced(item, _part(schema, key, value), shared) for key, item in value.items()}
    if isinstance(value, list):
        return [_coerced(item, schema.get("items", {}), shared) for item in value]
    return _converted(value, schema.get("type"))


def _part(schema: dict[str, Any], key: str, whole: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field. The type of a metric's value depends on the metric's `type`."""
    if key == "value" and whole.get("type") in ("number", "string", "boolean"):
        return {"type": whole["type"]}
    part = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
    return part if isinstance(part, dict) else {}


def _converted(value: Any, kind: Any) -> Any:
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    if kind in ("number", "integer", "boolean") and isinstance(value, str):
        try:
            read = plain(value)
        except AmbiguousScalarError:
            return value
        wanted: tuple[type, ...] = {"integer": (int,), "boolean": (bool,)}.get(kind, (int, float))
        fits = isinstance(read, wanted) and isinstance(read, bool) == (kind == "boolean")
        return read if fits else value
    return value
