"""Edits to a YAML text by splicing at node marks: what is not edited keeps its bytes, comments included.

Every edit is read back with the strict loader; a text that is not exactly what was wanted never leaves here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml import MappingNode, Node, SequenceNode

from cardops.model.errors import CardopsError
from cardops.strict_yaml import block_edits as entries
from cardops.strict_yaml import flow_edits as brackets
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.nodes import Collection, NodeRange, Step, compose, find, is_block, layout
from cardops.strict_yaml.reader import load

Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Set:
    """A key or item gets this value; one that is not there is added at the end, with the parents it needs."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Insert:
    """A new item of a list, before the one that has this position now."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Remove:
    """A key or item goes, with the lines that it stands on."""

    path: Path


Edit = Set | Insert | Remove


def edit(text: str, changes: Sequence[Edit]) -> str:
    """The text with the changes made, one after the other; list items are counted as they stand at each change.

    Raises CardopsError where a change cannot be made without touching more than it says.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")
    value = _read(text)
    for change in changes:
        wanted = _changed(value, change)
        closed = entries.close_flow(text)
        done = _attempt(text, change, wanted) or (_attempt(closed, change, wanted) if closed != text else None)
        if done is None:
            raise CardopsError(
                f"{show(change.path)} cannot be changed without touching more of the text; nothing was changed",
                "make this change by hand",
            )
        text, value = done, wanted
    return mark + text


def show(path: Sequence[Step]) -> str:
    """A path as people write it: `content.evaluation_details[0].name`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "the document"


def _spliced(text: str, change: Edit) -> str:
    root = compose(text)
    found = find(root, change.path)
    if isinstance(change, Remove):
        return _removed(text, found, change)
    if isinstance(change, Insert) and not found.rest and found.parent is not None:
        return _inserted(text, root, found.parent, found.index, None, change.value)
    if not found.rest:
        return _replaced(text, root, found, change.value)
    value = change.value
    for step in reversed(found.rest[1:]):
        value = {step: value} if isinstance(step, str) else [value]
    node, step = found.node, found.rest[0]
    key = step if isinstance(step, str) else None
    if isinstance(node, MappingNode | SequenceNode) and node.value:
        return _inserted(text, root, node, len(node.value), key, value)
    return _replaced(text, root, found, [value] if key is None else {key: value})


def _removed(text: str, found: NodeRange, change: Remove) -> str:
    if found.parent is None:
        raise ValueError("a document cannot be removed from itself")
    if len(found.parent.value) == 1:
        emptied: Any = {} if isinstance(change.path[-1], str) else []
        return _spliced(text, Set(change.path[:-1], emptied))
    remove = entries.remove if is_block(found.parent) else brackets.remove
    return remove(text, found.parent, found.index)


def _inserted(text: str, root: Node, node: Collection, index: int, key: str | None, value: Any) -> str:
    if is_block(node):
        return entries.insert(text, layout(text, root), node, index, key, value)
    return brackets.insert(text, node, index, key, value)


def _replaced(text: str, root: Node, found: NodeRange, value: Any) -> str:
    if found.in_flow:
        return brackets.replace(text, found, value)
    return entries.replace(text, layout(text, root), found, value)


def _changed(value: Any, change: Edit) -> Any:
    """The value with the change made. Raises CardopsError for a path that leads nowhere."""
    if not change.path:
        if isinstance(change, Set) and isinstance(change.value, dict | list):
            return change.value
        raise _nowhere(change)
    copied = _copy(value)
    at = copied
    for step, following in zip(change.path[:-1], change.path[1:], strict=True):
        at = _stepped(at, step, following, change)
    last = change.path[-1]
    if isinstance(at, dict) and isinstance(last, str) and not isinstance(change, Insert):
        if isinstance(change, Set):
            at[last] = change.value
        elif last in at:
            del at[last]
        else:
            raise _nowhere(change)
    elif isinstance(at, list) and isinstance(last, int) and 0 <= last <= len(at):
        _change_item(at, last, change)
    else:
        raise _nowhere(change)
    return copied


def _change_item(items: list[Any], position: int, change: Edit) -> None:
    if isinstance(change, Insert) or (isinstance(change, Set) and position == len(items)):
        items.insert(position, change.value)
    elif position == len(items):
        raise _nowhere(change)
    elif isinstance(change, Set):
        items[position] = change.value
    else:
        del items[position]


def _stepped(at: Any, step: Step, following: Step, change: Edit) -> Any:
    """One step further, making what a Set needs on its way."""
    if isinstance(at, dict) and isinstance(step, str):
        if at.get(step) is None and not isinstance(change, Remove):
            at[step] = {} if isinstance(following, str) else []
        if step in at:
            return at[step]
    elif isinstance(at, list) and isinstance(step, int) and 0 <= step <= len(at):
        if step == len(at) and not isinstance(change, Remove):
            at.append({} if isinstance(following, str) else [])
        if step < len(at):
            return at[step]
    raise _nowhere(change)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _attempt(text: str, change: Edit, wanted: Any) -> str | None:
    """The spliced text, if it reads back as wanted: the same values, of the same types, in the same order."""
    try:
        spliced = _spliced(text, change)
        same = json.dumps(load(spliced).value) == json.dumps(wanted)
    except (ValueError, IndexError, YamlError, yaml.YAMLError):
        return None
    return spliced if same else None


def _read(text: str) -> Any:
    try:
        return load(text).value
    except YamlError as refused:
        raise CardopsError(f"the text cannot be edited: {refused}", "run `cardops validate`") from None


def _nowhere(change: Edit) -> CardopsError:
    return CardopsError(f"there is no {show(change.path)} to change", "check the path")
