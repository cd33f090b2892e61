"""Split a README into its sections by CommonMark.

Fences, indented code and HTML comments are recognised by markdown-it-py, so a comment in code is not a heading.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_EMPHASIS = re.compile(r"^(?:[*_]{1,3}|`+)(.*?)(?:[*_]{1,3}|`+)$")
_ANCHOR = re.compile(r"<a\b[^>]*>|</a>|\{#[^}]*\}", re.IGNORECASE)


class Section(NamedTuple):
    """A heading of level 1 to 6, and the text up to the next heading of any level, without HTML comments."""

    level: int
    title: str
    text: str


def split_sections(body: str) -> list[Section]:
    """Return the sections in order. Text before the first heading is a section of level 0 without a title."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable("inline")  # block structure is all that is needed, and costs a tenth
    tokens = parser.parse(body)
    lines = _without_comments(body, tokens).split("\n")
    sections: list[Section] = []
    level, title, start = 0, "", 0
    for token, following in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            sections.append(Section(level, title, "\n".join(lines[start : token.map[0]]).strip()))
            level, title, start = int(token.tag[1]), _plain(following.content), token.map[1]
    sections.append(Section(level, title, "\n".join(lines[start:]).strip()))
    return [one for one in sections if one.level or one.text]


def _plain(title: str) -> str:
    """Return a heading's text without emphasis around it and without anchors."""
    text = _ANCHOR.sub("", _COMMENT.sub("", title)).strip()
    while found := _EMPHASIS.match(text):
        if found[1] == text:
            break
        text = found[1].strip()
    return text


def _without_comments(body: str, tokens: list[Token]) -> str:
    """Blank HTML comments outside code; the number of lines stays the same."""
    lines = body.split("\n")
    for token in tokens:
        if token.map and (token.type == "html_block" or (token.type == "inline" and "`" not in token.content)):
            start, end = token.map
            text = "\n".join(lines[start:end])
            if "<!--" in text:
                lines[start:end] = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text).split("\n")
    return "\n".join(lines)
