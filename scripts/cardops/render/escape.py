"""Make untrusted text safe to print: invisible and control characters are shown as escapes."""

import json
import re
from collections.abc import Mapping

UNSEEN = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
"""Characters that Unicode classifies as letters or marks although they are invisible."""

COMMAND = ("##[", r"\u0023#[")
"""GitHub's runner reads `##[name]` as a command anywhere in a line; the second string is its harmless spelling."""


def escape_invisible(text: str) -> str:
    """Escape control, bidirectional and zero-width characters, so that the text stays on one line.

    Escapes of up to four digits are those of JSON and YAML, so that people can search for them.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escape(char) for char in text)
    if not text.isascii():
        text = re.sub(UNSEEN, lambda found: _escape(found[0]), text)
    return text.replace(*COMMAND)


def document(value: Mapping[str, object]) -> str:
    """Dump indented JSON without raw control characters. It parses back to the same value."""
    text = json.dumps(value, indent=2, ensure_ascii=False).replace(*COMMAND)
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    return "".join(char if char == "\n" or char.isprintable() else _units(char) for char in text)


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    return named or (f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")


def _units(char: str) -> str:
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"
