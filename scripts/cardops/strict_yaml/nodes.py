"""The nodes of a YAML text, and where each begins and ends without the comments and blank lines around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from cardops.strict_yaml.emitter import IndentStyle

Collection = MappingNode | SequenceNode
Step = str | int

BREAK = re.compile("\r\n|\n|\r")
_KEEPS_BREAKS = re.compile(r"[|>][0-9-]*\+").match
_INDENTATION_GIVEN = re.compile(r"[|>][+-]?[0-9]").match


@dataclass(frozen=True, slots=True)
class NodeRange:
    """The deepest node on a path; `rest` are the steps that lead on from there and do not exist.

    `parent` holds `node` at `index` (of its entries); `in_flow`: `node` stands inside brackets.
    """

    node: Node
    rest: tuple[Step, ...]
    parent: Collection | None = None
    index: int = 0
    in_flow: bool = False


def compose(text: str) -> Node:
    """The root of a text that the strict loader has accepted."""
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    if node is None:
        raise ValueError("the text holds no document")
    return node


def find(root: Node, path: Sequence[Step]) -> NodeRange:
    """Follows `path` as far as it exists; a number is an item's position."""
    found = NodeRange(root, tuple(path))
    while found.rest:
        node, step = found.node, found.rest[0]
        index = _index(node, step)
        if index is None or not isinstance(node, MappingNode | SequenceNode):
            break
        in_flow = found.in_flow or bool(node.flow_style)
        found = NodeRange(value_of(node, index), found.rest[1:], node, index, in_flow)
    return found


def value_of(node: Collection, index: int) -> Node:
    """The value of an entry."""
    value: Node = node.value[index][1] if isinstance(node, MappingNode) else node.value[index]
    return value


def is_block(node: Node) -> TypeGuard[Collection]:
    """A mapping or list without brackets."""
    return isinstance(node, MappingNode | SequenceNode) and not node.flow_style


def start(text: str, node: Collection, index: int) -> int:
    """The start of an entry: at its key, at its dash, or, within brackets, at the item."""
    if isinstance(node, MappingNode):
        return int(node.value[index][0].start_mark.index)
    at = int(node.value[index].start_mark.index)
    return at if node.flow_style else _dash(text, at, node.start_mark.column)


def head_end(text: str, node: Collection, index: int) -> int:
    """Just behind an entry's colon or dash."""
    if isinstance(node, SequenceNode):
        return start(text, node, index) + 1
    return text.index(":", node.value[index][0].end_mark.index) + 1


def end(text: str, node: Node) -> int:
    """Just behind the last character that belongs to the node, before the line break if it ends a line."""
    while is_block(node) and node.value:
        node = value_of(node, len(node.value) - 1)
    at = int(node.end_mark.index)
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return _block_end(text, int(node.start_mark.index), at)
    return at


def line_start(text: str, at: int) -> int:
    """The start of the line at `at`."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """The end of the line at `at`, before its line break."""
    found = BREAK.search(text, at)
    return found.start() if found else len(text)


def next_line(text: str, at: int) -> int:
    """The start of the line after the one at `at`, or the length of the text."""
    found = BREAK.search(text, at)
    return found.end() if found else len(text)


def line_break(text: str, at: int) -> str:
    """The line break that the line of `at` ends with, else the text's first one, else a line feed."""
    found = BREAK.search(text, at) or BREAK.search(text)
    return found.group() if found else "\n"


def layout(text: str, root: Node) -> IndentStyle:
    """The indentation of the file, by the first example of each kind; two columns by default."""
    seen: dict[str, int] = {}
    pending = [root]
    while pending and len(seen) < 3:
        node = pending.pop(0)
        if not is_block(node):
            continue
        for index in range(len(node.value)):
            value = value_of(node, index)
            pending.append(value)
            if not is_block(value):
                continue
            column = value.start_mark.column - node.start_mark.column
            if isinstance(node, SequenceNode):
                same_line = line_start(text, value.start_mark.index) == line_start(text, start(text, node, index))
                seen.setdefault("gap", column if same_line else 2)
            else:
                seen.setdefault("dash" if isinstance(value, SequenceNode) else "step", column)
    return IndentStyle(**seen)


def _index(node: Node, step: Step) -> int | None:
    if isinstance(node, MappingNode):
        return next((at for at, (key, _) in enumerate(node.value) if key.value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        return step
    return None


def _dash(text: str, at: int, column: int) -> int:
    """The item at `at` may stand lines below its dash, with comments between."""
    while True:
        first = line_start(text, at)
        if text[first + column : first + column + 1] == "-" and not text[first:].lstrip(" ").startswith("#"):
            return first + column
        at = _before_break(text, first)


def _block_end(text: str, header: int, limit: int) -> int:
    """A block scalar's mark stands behind the blank lines that follow it; they are its own only with `+`."""
    if _KEEPS_BREAKS(text, header):
        return limit
    first = next_line(text, header)
    lines = BREAK.split(text[first:limit])
    indent = 0
    if not _INDENTATION_GIVEN(text, header):
        indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), limit)
    at = limit
    while at > first:
        begin = line_start(text, _before_break(text, at))
        line = text[begin : line_end(text, begin)]
        if line.strip(" ") or len(line) > indent:
            return min(line_end(text, begin), limit)
        at = begin
    return line_end(text, header)


def _before_break(text: str, at: int) -> int:
    """Before the line break that ends at `at`; `at` itself where there is none."""
    if text[:at].endswith("\r\n"):
        return at - 2
    return at - 1 if text[at - 1 : at] in ("\n", "\r") else at
