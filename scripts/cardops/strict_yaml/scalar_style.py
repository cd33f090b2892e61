"""Scalars as YAML text: plain where every reader agrees on it, quoted or as a literal block where not."""

import re
from typing import Literal

from cardops.model.errors import CardopsError
from cardops.strict_yaml.scalars import MAX_DIGITS, AmbiguousScalarError, Scalar, plain

Style = Literal["", "'", '"', "|", ">"]

_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_HAS_TO_BE_ESCAPED = re.compile('[\\\\"\n\t\r\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]')
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]").search
_NOT_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]").search
_NOT_SINGLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]").search
_NEEDS_QUOTES = re.compile(
    r"""^[-?:](?:\ |$) | ^[,\[\]{}#&*!|>'"%@`\ ] | :(?:\ |$) | \ \# | \ $ | ^(?:---|\.\.\.|<<$) | [\n\t]""", re.VERBOSE
).search
_READ_OTHERWISE = re.compile(r"(?:y|n|yes|no|on|off)|[-+]?[0-9][0-9_]*(?:[.:][0-9_:.]*)?", re.IGNORECASE).fullmatch
"""Texts that the strict subset reads as texts and YAML 1.1 readers as booleans or numbers."""
_LOOSE_END = re.compile(r"[ \t](?=\n|$)").search


def scalar(value: Scalar, flow: bool = False, style: Style = "") -> str:
    """One line that reads back as `value`; a text keeps quotes of `style` that were there before."""
    if not isinstance(value, str):
        return _word(value)
    refuse_impossible(value)
    if not style and is_plain(value, flow):
        return value
    prefers_single = style == "'" or (not style and ('"' in value or "\\" in value) and "'" not in value)
    return single_quoted(value) if prefers_single and not _NOT_SINGLE(value) else double_quoted(value)


def is_plain(text: str, flow: bool = False) -> bool:
    """Tell whether a text can stand without quotes and be the same text for every reader."""
    if not text or _NEEDS_QUOTES(text) or _NOT_RAW(text) or _READ_OTHERWISE(text):
        return False
    if flow and any(character in ",[]{}:?" for character in text):
        return False
    try:
        return plain(text) == text
    except AmbiguousScalarError:
        return False


def double_quoted(text: str) -> str:
    """In double quotes, with escapes for what cannot stand there."""
    return f'"{_HAS_TO_BE_ESCAPED.sub(_escape, text)}"'


def single_quoted(text: str) -> str:
    """In single quotes; only for texts on one line without characters that need an escape."""
    return "'" + text.replace("'", "''") + "'"


def literal(text: str) -> list[str] | None:
    """Header and lines (not indented) of a literal block; None where a text cannot be one that survives editors."""
    if not _may_be_block(text):
        return None
    body = text.removesuffix("\n")
    return ["|" if text != body else "|-", *body.split("\n")]


def folded(text: str, width: int) -> list[str] | None:
    """Header and lines of a folded block, wrapped at `width` columns; None where folding would change the text."""
    if not _may_be_block(text) or re.search(r"\n[ \t]", text):
        return None
    body = text.removesuffix("\n")
    lines: list[str] = []
    for paragraph in body.split("\n"):
        lines += [""] if lines else []
        lines += _wrapped(paragraph, width) if paragraph else []
    return [">" if text != body else ">-", *lines]


def refuse_impossible(text: str) -> None:
    """Raises CardopsError for control characters, which the strict subset does not hold, quoted or not."""
    if found := _IMPOSSIBLE(text):
        raise CardopsError(
            f"a text holds the control character U+{ord(found.group()):04X}, which YAML here cannot hold",
            "remove it from the text",
        )


def _word(value: int | float | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    if isinstance(value, int) and len(text) > MAX_DIGITS:
        raise CardopsError(f"a whole number has more than {MAX_DIGITS} digits", "shorten it, or make it a text")
    return text


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    if character in _ESCAPED:
        return _ESCAPED[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _may_be_block(text: str) -> bool:
    body = text.removesuffix("\n")
    return not (not body or body[0] in " \t\n" or body[-1] == "\n" or _NOT_RAW(text) or _LOOSE_END(text))


def _wrapped(paragraph: str, width: int) -> list[str]:
    """Breaks only at single spaces: two in a row would not come back from folding."""
    lines, line = [], ""
    for part in re.split(r"(?<=\S) (?=\S)", paragraph):
        if line and len(line) + 1 + len(part) > width:
            lines.append(line)
            line = part
        else:
            line = f"{line} {part}" if line else part
    return [*lines, line]
