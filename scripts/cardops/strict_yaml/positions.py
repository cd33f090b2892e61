"""The line and column of every key and value, built on demand since it is slower than reading values."""

from typing import Any

from yaml._yaml import CParser
from yaml.events import (
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Mark = tuple[int, int]


class Position:
    """Line and column, from 1, of a value and of its key (for a list's item both are the item's)."""

    __slots__ = ("children", "key", "value")

    def __init__(self, key: Mark, value: Mark) -> None:
        self.key = key
        self.value = value
        self.children: dict[str | int, Position] = {}


def positions(text: str) -> Position:
    """The tree of places of a text that the strict loader has accepted."""
    parser = CParser(text)
    try:
        return _tree(parser.get_event)
    finally:
        parser.dispose()


def _tree(get: Any) -> Position:
    root = Position((1, 1), (1, 1))
    stack: list[tuple[Position, bool]] = []
    key: tuple[str, Mark] | None = None
    while type(event := get()) is not DocumentEndEvent:
        kind = type(event)
        if kind is MappingEndEvent or kind is SequenceEndEvent:
            stack.pop()
            key = None
            continue
        if kind not in (ScalarEvent, MappingStartEvent, SequenceStartEvent):
            continue
        mark = (event.start_mark.line + 1, event.start_mark.column + 1)
        if not stack:
            root = place = Position(mark, mark)
        else:
            parent, in_mapping = stack[-1]
            if in_mapping and key is None:
                key = (event.value, mark)
                continue
            place = Position(key[1] if key else mark, mark)
            parent.children[key[0] if key else len(parent.children)] = place
            key = None
        if kind is not ScalarEvent:
            stack.append((place, kind is MappingStartEvent))
    return root
