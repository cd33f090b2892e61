"""Values as YAML in block style, as a person would write them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cardops.strict_yaml.scalar_style import double_quoted, literal, refuse_impossible, scalar

WIDTH = 100
"""Lists of numbers up to this width stand on one line."""


@dataclass(frozen=True, slots=True)
class IndentStyle:
    """How a file is laid out: `step` indents a mapping below its key, `dash` a list; `gap` is from dash to item."""

    step: int = 2
    dash: int = 2
    gap: int = 2


def dump(value: Any) -> str:
    """A mapping or list as a whole document. Raises CardopsError for what the strict subset cannot hold."""
    if not value or not isinstance(value, dict | list):
        return flow(value) + "\n"
    return "".join(f"{line}\n" for line in body(value, IndentStyle()))


def flow(value: Any, quoted: bool = False) -> str:
    """On one line, with brackets; `quoted` puts every text in double quotes, as JSON does."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_in_flow(key, quoted)}: {flow(item, quoted)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, quoted) for item in value) + "]"
    return _in_flow(value, quoted)


def body(value: dict[str, Any] | list[Any], layout: IndentStyle) -> list[str]:
    """The lines of a mapping or list that is not empty, not indented; blank lines in texts stay empty."""
    entries = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    return [line for key, item in entries for line in entry(key, item, layout)]


def entry(key: str | None, value: Any, layout: IndentStyle) -> list[str]:
    """The lines of `key: value`, or of a list's item where `key` is None."""
    if key is None:
        return _item(value, layout)
    head = f"{scalar(key)}:"
    if stays_inline(value):
        first, *rest = inline(value, layout)
        return [f"{head} {first}", *rest]
    depth = layout.step if isinstance(value, dict) else layout.dash
    return [head, *indented(body(value, layout), depth)]


def inline(value: Any, layout: IndentStyle) -> list[str]:
    """The text that follows a key or dash on its line; a text of several lines goes on below it, indented by a step."""
    if isinstance(value, str) and "\n" in value:
        refuse_impossible(value)
        if lines := literal(value):
            return [lines[0], *indented(lines[1:], layout.step)]
    return [flow(value) if isinstance(value, dict | list) else scalar(value)]


def stays_inline(value: Any) -> bool:
    """Scalars, what is empty, and rows of numbers that fit a line."""
    if isinstance(value, list):
        rows = all(isinstance(item, int | float) and not isinstance(item, bool) for item in value)
        return not value or (rows and len(flow(value)) <= WIDTH)
    return not value or not isinstance(value, dict)


def indented(lines: list[str], depth: int) -> Iterator[str]:
    """The lines, moved to the right."""
    return (" " * depth + line if line else line for line in lines)


def _item(value: Any, layout: IndentStyle) -> list[str]:
    lines = inline(value, layout) if stays_inline(value) else body(value, layout)
    if stays_inline(value):
        return ["- " + lines[0], *lines[1:]]
    first, *rest = lines
    return ["-" + " " * (layout.gap - 1) + first, *indented(rest, layout.gap)]


def _in_flow(value: Any, quoted: bool) -> str:
    if quoted and isinstance(value, str):
        refuse_impossible(value)
        return double_quoted(value)
    return scalar(value, flow=True)
