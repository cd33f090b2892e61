"""Semantic diff of two values; list items are matched by name."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, overload

Path = tuple[str, ...]


class Absent:
    """The value of a field that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absent()


class Change(NamedTuple):
    """One field that differs; `path` reads `content.evaluation_details[holdout].datasets`."""

    path: str
    before: Any
    after: Any


class LazyChanges(Sequence[Change]):
    """Changes that are computed each time they are read and never kept.

    The changes of 10,000 new cards take 265 MB.
    """

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[], Sequence[Change]]) -> None:
        self._find = find

    @overload
    def __getitem__(self, index: int) -> Change: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Change]: ...
    def __getitem__(self, index: int | slice) -> Change | Sequence[Change]:
        return self._find()[index]

    def __iter__(self) -> Iterator[Change]:
        return iter(self._find())

    def __len__(self) -> int:
        return len(self._find())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(len(self))


def diff(before: Any, after: Any, prefix: str = "") -> list[Change]:
    """Every changed field, in the order of the fields' names; added and removed parts are one change each."""
    return [Change(render_path((prefix, *path) if prefix else path), a, b) for path, a, b in _walk((), before, after)]


def render_path(path: Sequence[str]) -> str:
    """Keys joined by dots; an item of a list stands in brackets, by its name or its number."""
    text = ""
    for step in path:
        text += step if step.startswith("[") or not text else f".{step}"
    return text


def steps_to(value: Any, field: str) -> tuple[str | int, ...]:
    """The keys and positions that lead to a field as `render_path` writes it, as far as it exists in `value`."""
    steps: tuple[str | int, ...] = ()
    at = ""
    while at != field:
        for step, shown, item in _children(value):
            text = render_path((at, shown))
            if text == field or (field.startswith(text) and field[len(text)] in ".["):
                steps, at, value = (*steps, step), text, item
                break
        else:
            break
    return steps


def _children(value: Any) -> Iterator[tuple[str | int, str, Any]]:
    if isinstance(value, dict):
        yield from ((key, key, item) for key, item in value.items())
    tables = named_items(value)
    for position, (name, item) in enumerate(tables[0].items() if tables else ()):
        yield position, f"[{name}]", item


def named_items(*sides: Any) -> list[dict[str, Any]] | None:
    """Each list as {name: item}, or None unless every side is a list of objects with distinct names."""
    tables = []
    for side in sides:
        if not isinstance(side, list):
            return None
        table = {item["name"]: item for item in side if isinstance(item, dict) and isinstance(item.get("name"), str)}
        if len(table) < len(side):
            return None
        tables.append(table)
    return tables


def equal(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return (isinstance(one, bool) == isinstance(other, bool)) and bool(one == other)


def _walk(path: Path, before: Any, after: Any) -> Iterator[tuple[Path, Any, Any]]:
    if equal(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _walk((*path, key), before.get(key, ABSENT), after.get(key, ABSENT))
        return
    tables = named_items(before, after)
    if tables and set(tables[0]) | set(tables[1]):
        old, new = tables
        changed = False
        for name in [*old, *(name for name in new if name not in old)]:
            for found in _walk((*path, f"[{name}]"), old.get(name, ABSENT), new.get(name, ABSENT)):
                changed = True
                yield found
        if changed:
            return
    yield path, before, after
