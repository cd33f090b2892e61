"""Splices within brackets: `[a, b]` and `{a: 1}`, on one line or on several."""

from typing import Any

from yaml import MappingNode, ScalarNode

from cardops.strict_yaml.emitter import flow
from cardops.strict_yaml.nodes import Collection, NodeRange, line_break, line_end, line_start, next_line, start
from cardops.strict_yaml.scalar_style import Style, scalar


def replace(text: str, found: NodeRange, value: Any) -> str:
    """A value within brackets becomes another."""
    node = found.node
    begin, stop = int(node.start_mark.index), int(node.end_mark.index)
    if isinstance(value, str) and isinstance(node, ScalarNode):
        new = scalar(value, flow=True, style=quotes(node))
    else:
        new = flow(value, found.parent is not None and _is_quoted(found.parent))
    gap = " " if begin == stop and text[begin - 1] in ":," else ""
    return text[:begin] + gap + new + text[stop:]


def insert(text: str, node: Collection, index: int, key: str | None, value: Any) -> str:
    """A new entry before the one at `index`, or behind the last."""
    new = _entry(node, key, value)
    if index < len(node.value):
        at = start(text, node, index)
        first = line_start(text, at)
        alone = not text[first:at].strip(" ")
        return text[:at] + new + "," + (line_break(text, at) + text[first:at] if alone else " ") + text[at:]
    last = _end(node, index - 1)
    comma = _comma(text, last, int(node.end_mark.index) - 1)
    begin = line_start(text, start(text, node, index - 1))
    own_line = not text[begin : start(text, node, index - 1)].strip(" ") and line_end(text, last) < node.end_mark.index
    if not own_line:
        return text[:last] + ", " + new + text[last:]
    after = next_line(text, last if comma is None else comma)
    pad = text[begin : start(text, node, index - 1)]
    head = text[:last] + "," + text[last:after] if comma is None else text[:after]
    return head + pad + new + ("" if comma is None else ",") + line_break(text, last) + text[after:]


def remove(text: str, node: Collection, index: int) -> str:
    """An entry that is not the only one goes, with one of the commas beside it."""
    begin, stop = start(text, node, index), _end(node, index)
    is_last = index + 1 == len(node.value)
    before = _end(node, index - 1) if index else begin
    if is_last and index and not text[before:begin].replace(",", "", 1).strip():
        return text[:before] + text[stop:]
    comma = _comma(text, stop, int(node.end_mark.index) - 1)
    if comma is None:  # the last one, below a comment
        text = _cut(text, begin, stop)
        comma = _comma(text, before, begin)
        return text if comma is None else text[:comma] + text[comma + 1 :]
    following = comma + 1 if is_last else start(text, node, index + 1)
    if not is_last and not text[comma + 1 : following].strip(" "):
        return text[:begin] + text[following:]
    return _cut(text, begin, comma + 1)


def quotes(node: ScalarNode) -> Style:
    """The quotes that a scalar stands in."""
    return "'" if node.style == "'" else '"' if node.style == '"' else ""


def _entry(node: Collection, key: str | None, value: Any) -> str:
    quoted = _is_quoted(node)
    new = flow(value, quoted)
    return new if key is None else f"{flow(key, quoted)}: {new}"


def _is_quoted(node: Collection) -> bool:
    """JSON: every key, or every text, stands in double quotes."""
    keys = [key for key, _ in node.value] if isinstance(node, MappingNode) else node.value
    return bool(keys) and all(isinstance(key, ScalarNode) and key.style == '"' for key in keys)


def _end(node: Collection, index: int) -> int:
    if isinstance(node, MappingNode):
        key, value = node.value[index]
        return int(max(key.end_mark.index, value.end_mark.index))
    return int(node.value[index].end_mark.index)


def _comma(text: str, at: int, limit: int) -> int | None:
    """The comma behind an entry, which blanks, line breaks and comments may keep away from it."""
    while at < limit:
        if text[at] == ",":
            return at
        if text[at] == "#":
            at = line_end(text, at)
        elif text[at] not in " \t\r\n":
            return None
        else:
            at += 1
    return None


def _cut(text: str, begin: int, stop: int) -> str:
    """Without a part; the line goes too when nothing else stands on it."""
    first, last = line_start(text, begin), line_end(text, stop)
    if not text[first:begin].strip(" ") and not text[stop:last].strip(" "):
        return text[:first] + text[next_line(text, stop) :]
    return text[:begin] + text[stop:]
