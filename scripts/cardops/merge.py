"""Three-way merge of a card's content: what git last declared, what git declares now, what is live.

A change on one side wins; the same change on both sides is one change; different changes of one field are a
conflict. List items are matched by `name`; lists without names are one value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cardops.diff import ABSENT, Change, Path, diff, named_items, render_path, same


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


def merge(base: Any, git: Any, live: Any, live_sections: Iterable[str] = ()) -> Merged:
    """Merge three contents (objects; {} where there is no base). `live_sections` are the live side's."""
    conflicts: list[Conflict] = []
    if sections := set(live_sections):
        git = _with_sections_of(live, git, sections)
        base = _with_sections_of(live, base, sections)
    content = _merge((), base, git, live, conflicts)
    contributed = () if conflicts else tuple(diff(git, content, "content"))
    return Merged(content, tuple(conflicts), contributed)


def _with_sections_of(live: Any, side: Any, sections: set[str]) -> Any:
    kept = {key: value for key, value in side.items() if key not in sections}
    return kept | {key: live[key] for key in sorted(sections) if key in live}


def _merge(path: Path, base: Any, git: Any, live: Any, conflicts: list[Conflict]) -> Any:
    if same(git, live) or same(live, base):
        return git
    if same(git, base):
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
