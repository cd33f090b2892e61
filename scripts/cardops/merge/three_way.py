"""Three-way merge of a card's content: what git last declared, what git declares now, what is live.

A change on one side wins; the same change on both sides is one change; different changes of one field are a
conflict. List items are matched by `name`; lists without names are one value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cardops.merge.diff import ABSENT, Change, Path, diff, equal, named_items, render_path


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that git and the live card changed differently; absent values are ABSENT."""

    path: str
    base: Any
    git: Any
    live: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """`content` is whole only without conflicts; `contributed` is what live has and git lacks."""

    content: Any
    conflicts: tuple[Conflict, ...]
    contributed: tuple[Change, ...]


def merge(base: Any, git: Any, live: Any, live_fields: Iterable[str] = ()) -> Merged:
    """Merge three contents (objects; {} without a base).

    `live_fields` are the live side's, whatever git says: sections, or fields as a change's path names them
    (`evaluation_details[holdout].datasets`). Where live lacks what such a field stands in, git's stays.
    """
    conflicts: list[Conflict] = []
    if fields := frozenset(live_fields):
        git = _with_live((), git, live, fields)
        base = _with_live((), base, live, fields)
    content = _merge((), base, git, live, conflicts)
    contributed = () if conflicts else tuple(diff(git, content, "content"))
    return Merged(content, tuple(conflicts), contributed)


def overlay_fields(side: Any, other: Any, fields: Iterable[str]) -> Any:
    """One content with these fields as another has them, or without those that it lacks."""
    return _with_live((), side, other, frozenset(fields))


def _with_live(path: Path, side: Any, live: Any, fields: frozenset[str]) -> Any:
    """One side, with the live value of each field, or without it where live has none."""
    at = render_path(path)
    if not any(field.startswith(at) for field in fields):
        return side
    if isinstance(side, dict) and isinstance(live, dict):
        return _entries_with_live(path, {key: key for key in side | live}, side, live, fields)
    tables = named_items(side, live)
    if tables:
        steps = {name: f"[{name}]" for name in tables[0] | tables[1]}
        return list(_entries_with_live(path, steps, tables[0], tables[1], fields).values())
    return side


def _entries_with_live(
    path: Path, steps: dict[str, str], side: dict[str, Any], live: dict[str, Any], fields: frozenset[str]
) -> dict[str, Any]:
    """`steps`: how each entry's key reads in a path."""
    entries = {}
    for key, step in steps.items():
        if render_path((*path, step)) in fields:
            value = live.get(key, ABSENT)
        elif key in side:
            value = _with_live((*path, step), side[key], live.get(key), fields)
        else:
            continue
        if value is not ABSENT:
            entries[key] = value
    return entries


def _merge(path: Path, base: Any, git: Any, live: Any, conflicts: list[Conflict]) -> Any:
    if equal(git, live) or equal(live, base):
        return git
    if equal(git, base):
        return live
    if isinstance(git, dict) and isinstance(live, dict):
        return _merge_objects(path, base if isinstance(base, dict) else {}, git, live, conflicts)
    tables = named_items(base if isinstance(base, list) else [], git, live)
    if tables:
        return _merge_lists(path, tables[0], tables[1], tables[2], conflicts)
    conflicts.append(Conflict(render_path(("content", *path)), base, git, live))
    return git


def _merge_objects(
    path: Path, base: dict[str, Any], git: dict[str, Any], live: dict[str, Any], conflicts: list[Conflict]
) -> dict[str, Any]:
    merged = {}
    for key in [*git, *(key for key in live if key not in git)]:
        value = _merge((*path, key), base.get(key, ABSENT), git.get(key, ABSENT), live.get(key, ABSENT), conflicts)
        if value is not ABSENT:
            merged[key] = value
    return merged


def _merge_lists(
    path: Path, base: dict[str, Any], git: dict[str, Any], live: dict[str, Any], conflicts: list[Conflict]
) -> list[Any]:
    """The order is git's with live's own items last, or the reverse where only live moved what was there."""
    first, second = (live, git) if _moved(base, live) and not _moved(base, git) else (git, live)
    order = [*first, *(name for name in second if name not in first)]
    merged = []
    for name in order:
        value = _merge(
            (*path, f"[{name}]"),
            base.get(name, ABSENT),
            git.get(name, ABSENT),
            live.get(name, ABSENT),
            conflicts,
        )
        if value is not ABSENT:
            merged.append(value)
    return merged


def _moved(base: dict[str, Any], side: dict[str, Any]) -> bool:
    return [name for name in side if name in base] != [name for name in base if name in side]
