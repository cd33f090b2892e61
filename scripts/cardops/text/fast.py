"""The fast way to read what is plainly in the strict subset; the strict reader has to look at all else.

ryaml is several times as fast as events are, and also reads what is refused here. So a text is handed to it only
when nothing in it could be an anchor, an alias, a tag, a merge key, a directive, a control character or a scalar that
readers dispute. Suspicion may be wrong, but has to be cheap: a search in C for something rare, and a look at its
neighbours only where it was found.
"""

import re
from collections.abc import Callable
from typing import Any

_loads: Callable[[str], Any] | None
try:
    from ryaml import _ryaml

    _loads = _ryaml.loads
except ImportError:  # no wheel for this platform
    _loads = None


def _table(**classes: str) -> bytes:
    """A translation of bytes into a few classes: that of a byte, or a blank."""
    known = {ord(character): ord(sign) for sign, characters in classes.items() for character in characters}
    return bytes(known.get(at, ord("_")) for at in range(256))


_PLAIN = bytes([9, 10, 13, *range(0x20, 0x7F)])
_CLASSES = _table(d="0123456789", e="eE", x="xob", m="&*!<\\", p=".", s=" \t\r\n[{,:?-+")
_LONG = b"d" * 18
_STARTS = frozenset(" \t\r\n[{,:?-")
_NAMES = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-")
_WORDS = ("True", "TRUE", "False", "FALSE", "Null", "NULL")
_BASED = ("0x", "0o", "0b")
_LINES = _table(n="\n\r", m="-.%")
_WORD = r"(?<![^\s\[{,:?-])(?:True|TRUE|False|FALSE|Null|NULL)[ \t]*(?:[\r\n,\]}#:]|$)"
_NOT_FINITE = re.compile(r"(?<![^\s\[{,:?-])[-+]?\.[iInN]").search
_HUGE = re.compile(r"(?<![^\s\[{,:?-])[-+]?[0-9.]+[eE][-+]?[0-9]{3}").search
_ESCAPE = re.compile(r'(?<!\\)(?:\\\\)*\\[^nt"\\/]').search
_ODD = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u3000\ufeff\ufffe\uffff]"


def load(data: bytes, most: int) -> Any:
    """The document's value, at most `most` levels deep; None where the strict reader has to look."""
    text = _decode(data) if _loads else None
    if _loads is None or text is None or _is_suspicious(text, data, data.translate(_CLASSES)):
        return None
    try:
        value = _loads(text)
    except Exception:  # whatever it is, the strict reader says it better, and at its place
        return None
    return value if _is_plain(value, most, "!" in text) else None


def _decode(data: bytes) -> str | None:
    """The text, if nothing in it is a break or a control character for some readers."""
    if data.isascii():
        return None if data.translate(None, _PLAIN) else data.decode("ascii")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if re.search(_ODD, text) else text


def _is_suspicious(text: str, data: bytes, classes: bytes) -> bool:
    return (
        (b"m" in classes and _is_marked(text))
        or text[:1] in ("%", "-", ".")
        or b"nm" in data.translate(_LINES)
        or (any(word in text for word in _WORDS) and re.search(_WORD, text) is not None)
        or (b"sp" in classes and _NOT_FINITE(text) is not None)
        or (b"dx" in classes and any(_begins(text, one, "+-") for one in _BASED))
        or _LONG in classes
        or ((b"de" in classes or b"dpe" in classes) and _HUGE(text) is not None)
    )


def _is_marked(text: str) -> bool:
    """Whether there may be an anchor, an alias, a merge key, an escape that stands for something odd, or a tag that
    is not to be seen in what was read.
    """
    marked = any(mark in text and _begins(text, mark) for mark in ("&", "*", "!!", "!<"))
    return marked or "<<" in text or ("\\" in text and _ESCAPE(text) is not None)


def _begins(text: str, sign: str, between: str = "") -> bool:
    """Whether a scalar, an anchor, an alias or a tag may begin with `sign`, or with a character `between` before it."""
    at = text.find(sign)
    while at >= 0:
        before = text[at - 1] if at else "\n"
        nameless = sign in "&*" and text[at + 1 : at + 2] not in _NAMES
        if not nameless and (before in _STARTS or before in between) and not _is_inside(text, at):
            return True
        at = text.find(sign, at + 1)
    return False


def _is_inside(text: str, at: int) -> bool:
    """Whether a blank and what cannot lead to a new node stand before it on its line: then it is within a scalar."""
    if text[at - 1 : at] not in (" ", "\t"):
        return False
    line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    before = text[line:at].rstrip(" \t")
    return bool(before) and before[-1] not in _STARTS


def _is_plain(value: Any, most: int, tagged: bool) -> bool:
    """Whether it is a mapping or a list, with texts as keys, and no deeper than that.

    What has a tag is read as a mapping from that tag, so where there may be one, no key starts like it.
    """
    if type(value) is not dict and type(value) is not list:
        return False
    level = [value]
    for _ in range(most):
        below: list[Any] = []
        for parent in level:
            if type(parent) is dict:
                for key, child in parent.items():
                    if type(key) is not str or (tagged and key.startswith("!")):
                        return False
                    if type(child) is dict or type(child) is list:
                        below.append(child)
            else:
                below += [child for child in parent if type(child) is dict or type(child) is list]
        if not below:
            return True
        level = below
    return False
