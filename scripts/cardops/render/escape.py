"""Text that people wrote, made safe to print: what cannot be seen is shown as an escape, never passed on."""

import json
import re
from collections.abc import Mapping

UNSEEN = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
"""Characters that Unicode counts as letters or marks, and that nobody sees."""

COMMAND = ("##[", r"\u0023#[")
"""The runner of GitHub's workflows takes `##[name]` for a command anywhere in a line; and how that is shown."""


def escape_invisible(text: str) -> str:
    """On one line, without control, bidirectional and zero-width characters; `\\n` reads so.

    Every escape is one that JSON and YAML know up to four digits, so people can search for it.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escape(char) for char in text)
    if not text.isascii():
        text = re.sub(UNSEEN, lambda found: _escape(found[0]), text)
    return text.replace(*COMMAND)


def document(value: Mapping[str, object]) -> str:
    """Indented JSON that shows no control character either; it reads back as the same value."""
    text = json.dumps(value, indent=2, ensure_ascii=False).replace(*COMMAND)
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    return "".join(char if char == "\n" or char.isprintable() else _units(char) for char in text)


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    return named or (f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")


def _units(char: str) -> str:
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"
