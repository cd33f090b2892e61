"""Splices in block style: entries of mappings and lists that stand on lines of their own."""

import re
from typing import Any

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from cardops.strict_yaml import nodes
from cardops.strict_yaml.emitter import IndentStyle, body, entry, indented, inline, stays_inline
from cardops.strict_yaml.emitter import flow as in_brackets
from cardops.strict_yaml.flow_edits import quotes
from cardops.strict_yaml.nodes import (
    BREAK,
    Collection,
    NodeRange,
    line_break,
    line_end,
    line_start,
    next_line,
    value_of,
)
from cardops.strict_yaml.scalar_style import folded, scalar

_HEADER = re.compile(r"[|>][-+0-9]*")


def close_flow(text: str) -> str:
    """The same document with a line break at its end."""
    return text if _at_line_start(text, len(text)) else _stripped_block(text, nodes.compose(text)) + line_break(text, 0)


def insert(text: str, style: IndentStyle, node: Collection, index: int, key: str | None, value: Any) -> str:
    """A new entry behind the one before it, so that comments stay above the entries that they are about."""
    column = int(node.start_mark.column)
    if key is None and _neighbours_are_flow(node, index) and isinstance(value, dict | list) and value:
        lines = ["- " + in_brackets(value)]
    else:
        lines = entry(key, value, style)
    if index == 0:
        at = nodes.start(text, node, 0)
        glue = line_break(text, at)
        return text[:at] + glue.join(_padded(lines, column))[column:] + glue + " " * column + text[at:]
    previous = value_of(node, index - 1)
    stop = max(nodes.end(text, previous), nodes.head_end(text, node, index - 1))
    at = next_line(text, stop) if not _at_line_start(text, stop) else stop
    glue = line_break(text, stop)
    if _at_line_start(text, at):
        return text[:at] + "".join(line + glue for line in _padded(lines, column)) + text[at:]
    text = _stripped_block(text, previous)
    return text + glue + glue.join(_padded(lines, column))


def remove(text: str, node: Collection, index: int) -> str:
    """An entry that is not the only one goes, with its lines and the comment beside it; comments above stay."""
    begin = nodes.start(text, node, index)
    stop = max(nodes.end(text, value_of(node, index)), nodes.head_end(text, node, index))
    first = line_start(text, begin)
    if text[first:begin].strip(" "):  # behind a dash: the next entry moves up to it
        following = nodes.start(text, node, index + 1)
        between = text[next_line(text, stop) : following]
        return text[:begin] + text[following:] if not between.strip() else text[:begin].rstrip(" ") + _tail(text, stop)
    after = stop if _at_line_start(text, stop) else next_line(text, stop)
    if after == len(text) and not _at_line_start(text, after):  # the last line had no line break, so has the new one
        head = text[:first]
        return head[: -len(_last_break(head))] if head else head
    return text[:first] + text[after:]


def replace(text: str, style: IndentStyle, found: NodeRange, value: Any) -> str:
    """A value that is not within brackets becomes another."""
    node, parent = found.node, found.parent
    if parent is None:
        return _replace_root(text, node, value, style)
    column = int(parent.start_mark.column)
    begin, stop = int(node.start_mark.index), nodes.end(text, node)
    head = nodes.head_end(text, parent, found.index)
    if stays_inline(value):
        return _replace_inline(text, found, (head, begin, stop), _spelt(text, node, value, style, column))
    in_list = not isinstance(parent, MappingNode)
    depth = style.gap if in_list else style.step if isinstance(value, dict) else style.dash
    lines = list(_padded(body(value, style), column + depth))
    glue = line_break(text, stop)
    if _at_line_start(text, stop) and stop > begin:  # an old text that kept its blank lines
        lines[-1] += glue
    if in_list:
        return _replace_item(text, (head, stop), lines, style)
    on_key_line = not BREAK.search(text, head, begin)
    comment = text[stop : line_end(text, stop)] if on_key_line and not nodes.is_block(node) else text[head:begin]
    comment = BREAK.split(comment)[0].rstrip(" ")
    rest = text[stop:] if _at_line_start(text, stop) else text[line_end(text, stop) :]
    return text[:head] + comment + glue + glue.join(lines) + rest


def _replace_root(text: str, node: Node, value: Any, style: IndentStyle) -> str:
    begin, stop = int(node.start_mark.index), nodes.end(text, node)
    if not value:
        return text[:begin] + in_brackets(value) + text[stop:]
    glue = line_break(text, begin)
    lead = "" if _at_line_start(text, begin) else glue
    return text[:begin] + lead + glue.join(body(value, style)) + text[stop:]


def _replace_item(text: str, marks: tuple[int, int], lines: list[str], style: IndentStyle) -> str:
    """A block in an item's place; the comment beside the old value moves up to the dash."""
    head, stop = marks
    glue = line_break(text, stop)
    beside = text[stop : line_end(text, stop)].strip(" ") if not _at_line_start(text, stop) else ""
    if beside:
        return text[:head] + " " + beside + glue + glue.join(lines) + text[line_end(text, stop) :]
    return text[:head] + " " * (style.gap - 1) + glue.join(lines).lstrip(" ") + text[stop:]


def _replace_inline(text: str, found: NodeRange, marks: tuple[int, int, int], lines: list[str]) -> str:
    """`marks`: behind the colon or dash, and where the old value begins and stops."""
    head, begin, stop = marks
    glue = line_break(text, stop)
    at_start = _at_line_start(text, stop) and stop > begin  # an old text that kept its blank lines
    after = glue + text[stop:] if at_start else text[stop:]
    if nodes.is_block(found.node) and BREAK.search(text, head, begin):
        between = text[head : line_start(text, begin)]
        begin = head
        if between.strip():  # comments between stay where they are
            after = between + text[stop if at_start else next_line(text, stop) :]
    if len(lines) > 1:  # a comment beside the value stays on its line
        beside = after[: line_end(after, 0)]
        lines, after = [lines[0] + beside, *lines[1:]], after[len(beside) :]
    gap = "" if text[begin - 1] == " " else " "
    return text[:begin] + gap + glue.join(lines) + after


def _spelt(text: str, node: Node, value: Any, style: IndentStyle, column: int) -> list[str]:
    """The new value's lines, in the manner of the old one."""
    if not isinstance(value, str) or not isinstance(node, ScalarNode):
        return list(_hanging(inline(value, style), column))
    if node.style == ">":
        old = BREAK.split(text[node.start_mark.index : nodes.end(text, node)])[1:]
        depth = min((len(line) - len(line.lstrip(" ")) for line in old if line.strip()), default=column + style.step)
        width = max((len(line) for line in old), default=80) - depth
        if lines := folded(value, max(width, 40)):
            return [lines[0], *indented(lines[1:], depth)]
    if "\n" not in value:
        return [scalar(value, style=quotes(node))]
    return list(_hanging(inline(value, style), column))


def _hanging(lines: list[str], column: int) -> list[str]:
    return [lines[0], *indented(lines[1:], column)]


def _padded(lines: list[str], column: int) -> list[str]:
    return list(indented(lines, column))


def _neighbours_are_flow(node: Collection, index: int) -> bool:
    """Tell whether a list's items are written in brackets there."""
    beside = value_of(node, index - 1 if index else 0)
    return isinstance(beside, MappingNode | SequenceNode) and bool(beside.flow_style) and bool(beside.value)


def _stripped_block(text: str, node: Node) -> str:
    """A block text at the very end of a text without a last line break keeps its value when one follows."""
    while nodes.is_block(node) and node.value:
        node = value_of(node, len(node.value) - 1)
    if not isinstance(node, ScalarNode) or node.style not in ("|", ">") or node.value.endswith("\n"):
        return text
    at = int(node.start_mark.index)
    header = _HEADER.match(text, at)
    given = "".join(filter(str.isdigit, header.group())) if header else ""
    return text[: at + 1] + given + "-" + text[header.end() if header else at + 1 :]


def _tail(text: str, stop: int) -> str:
    return text[line_end(text, stop) :]


def _at_line_start(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] in "\r\n"


def _last_break(text: str) -> str:
    return "\r\n" if text.endswith("\r\n") else text[-1:]
