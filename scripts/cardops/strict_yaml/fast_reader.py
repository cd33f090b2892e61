"""The fast way to read what is plainly in the strict subset; the strict reader has to look at all else.

ryaml is several times as fast as events are, and also reads what is refused here. So a text is handed to it only
when nothing in it could be an anchor, an alias, a tag, a merge key, a directive, a control character or a scalar that
readers dispute. Suspicion may be wrong, but has to be cheap: a search in C for something rare, and a look at its
neighbours only where it was found. What is rare is a character, or a row of characters of some classes.
"""

import re
from collections.abc import Callable
from typing import Any

from cardops.strict_yaml.errors import MAX_VALUES

Accepts = Callable[[Any], bool]

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


_CONTROLS = "".join(map(chr, {*range(0x20), 0x7F} - {9, 10, 13}))
_CLASSES = _table(d="0123456789.", s=" \t\r\n[{,:?-+", x="xobiIn", t="TFN", e="eErRuUaAlLsS", c=_CONTROLS)
"""A needle of these stands for all that may be meant: `True` is `teee`, and so is `Tree`."""
_LONG = b"d" * 18
_MOST = 2000
"""Brackets that open, and signs that are looked at one by one: the time for so many grows with their square."""
_STARTS = frozenset(" \t\r\n[{,:?-")
_NAMES = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-")
_WORDS = ("True", "TRUE", "False", "FALSE", "Null", "NULL")
_FIRST = frozenset("%-.+0123456789")
_BASED = ("0x", "0o", "0b")
_WORD = r"(?<![^\s\[{,:?-])(?:True|TRUE|False|FALSE|Null|NULL)[ \t]*(?:[\r\n,\]}#:]|$)"
_NOT_FINITE = r"(?<![^\s\[{,:?-])[-+]?\.[iInN]"
_HUGE = r"(?<![^\s\[{,:?-])[-+]?[0-9.]+[eE][-+]?[0-9]{3}"
_MANY_DIGITS = "[0-9]{18}"
_DIVIDED = r"\r(?:%|---|\.\.\.)"
_ESCAPE = r'(?<!\\)(?:\\\\)*\\[^nt"\\/]'
_ODD = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u3000\ufeff\ufffe\uffff]"


def load(data: bytes, most: int, accepts: Accepts | None = None) -> tuple[Any, bool]:
    """The document's value, at most `most` levels deep, and whether it is known to be accepted; None where the strict
    reader has to look.

    What is accepted is not looked at here: `accepts` must refuse keys that are no texts, and what is nested deeper.
    """
    classes = data.translate(_CLASSES)
    text = _decode(data, classes) if _loads else None
    if _loads is None or text is None or _is_suspicious(text, classes):
        return None, False
    try:
        value = _loads(text)
    except Exception:  # whatever it is, the strict reader says it better, and at its place
        return None, False
    tagged = "!" in text
    if accepts and not tagged and accepts(value):
        return value, True
    return (value if _is_plain(value, most, tagged) else None), False


def _decode(data: bytes, classes: bytes) -> str | None:
    """The text, if nothing in it is a break or a control character for some readers."""
    if b"c" in classes:
        return None
    if data.isascii():
        return data.decode("ascii")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if re.search(_ODD, text) else text


def _is_suspicious(text: str, classes: bytes) -> bool:
    """In the order of how likely it is. Needles are looked for from the end, which takes half as long."""
    return (
        text[:1] in _FIRST
        or text.count("\n") + text.count(",") + text.count(":") >= MAX_VALUES
        or text.count("[") + text.count("{") > _MOST
        or _is_marked(text)
        or _is_divided(text)
        or ((_has(classes, b"sdx") or _has(classes, b"sdt")) and _is_odd_number(text))
        or (_has(classes, b"teee") and any(word in text for word in _WORDS) and re.search(_WORD, text) is not None)
        or ((_has(classes, b"deddd") or _has(classes, b"desddd")) and re.search(_HUGE, text) is not None)
        or (_has(classes, _LONG) and re.search(_MANY_DIGITS, text) is not None)
    )


def _has(classes: bytes, needle: bytes) -> bool:
    return classes.rfind(needle) >= 0


def _is_divided(text: str) -> bool:
    """Tell whether there may be a directive, or the start or the end of a document."""
    return (
        text.rfind("\n---") >= 0
        or text.rfind("\n...") >= 0
        or ("%" in text and "\n%" in text)
        or ("\r" in text and re.search(_DIVIDED, text) is not None)
    )


def _is_odd_number(text: str) -> bool:
    """Tell whether there may be an infinity, or a number that is not decimal."""
    return re.search(_NOT_FINITE, text) is not None or any(_begins(text, one, "+-") for one in _BASED)


def _is_marked(text: str) -> bool:
    """Find anything like an anchor, an alias, a merge key, an escape that stands for something odd, or a tag that
    is not to be seen in what was read.
    """
    return (
        ("&" in text and _begins(text, "&"))
        or ("*" in text and _begins(text, "*"))
        or ("!" in text and (_begins(text, "!!") or _begins(text, "!<")))
        or ("<" in text and "<<" in text)
        or ("\\" in text and re.search(_ESCAPE, text) is not None)
    )


def _begins(text: str, sign: str, between: str = "") -> bool:
    """Test if a scalar, an anchor, an alias or a tag may begin with `sign`, or with a character `between` before it.

    Where there are very many of them nobody knows.
    """
    at = text.find(sign)
    for _ in range(_MOST):
        if at < 0:
            return False
        before = text[at - 1] if at else "\n"
        nameless = sign in "&*" and text[at + 1 : at + 2] not in _NAMES
        if not nameless and (before in _STARTS or before in between) and not _is_inside(text, at):
            return True
        at = text.find(sign, at + 1)
    return True


def _is_inside(text: str, at: int) -> bool:
    """Tell whether the text before it on its line cannot start a node, so that it is within a scalar."""
    if text[at - 1 : at] not in (" ", "\t"):
        return False
    line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    before = text[line:at].rstrip(" \t")
    return bool(before) and before[-1] not in _STARTS


def _is_plain(value: Any, most: int, tagged: bool) -> bool:
    """Tell whether this is a mapping or a list, with texts as keys, and no deeper than that.

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
