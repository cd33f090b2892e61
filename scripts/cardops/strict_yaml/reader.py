"""Strict YAML: a subset that every reader reads alike. libyaml's events, no recursion, no surprises.

What is plainly in the subset is read in a faster way; `events` alone says what is refused, and why. A first walk
builds only values; places are built by a second one, and only when a finding asks for them. PyYAML is imported
where one of them is needed.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from cardops.strict_yaml import fast_reader as fast
from cardops.strict_yaml.errors import MAX_BYTES, MAX_DEPTH, YamlError

if TYPE_CHECKING:
    from cardops.strict_yaml.positions import Position

_UNPRINTABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"

_BEFORE_FIRST = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*").match

Path = Sequence[str | int]


class Document:
    """A YAML document's `value` and, on demand, the place of everything in it."""

    __slots__ = ("_root", "_text", "accepted", "start", "value")

    def __init__(self, text: str, value: Any, start: tuple[int, int], accepted: bool = False) -> None:
        self.value = value
        self.start = start
        self.accepted = accepted
        self._text = text
        self._root: Position | None = None

    @property
    def size(self) -> int:
        """The characters of its text."""
        return len(self._text)

    def place(self, path: Path, of: Literal["value", "key"] = "value") -> tuple[int, int]:
        """Line and column, from 1, of a value or of its key; of the deepest existing ancestor if it does not exist."""
        if not path:
            return self.start
        if self._root is None:
            from cardops.strict_yaml.positions import positions

            self._root = positions(self._text)
        place = self._root
        for step in path:
            child = place.children.get(step)
            if child is None:
                return place.value
            place = child
        return place.key if of == "key" else place.value


def load(text: bytes | str, accepts: fast.Accepts | None = None) -> Document:
    """The one document in `text`. Its value may have been `accepted` on the way, see fast.load. Raises YamlError."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    value, accepted = fast.load(data, MAX_DEPTH, accepts) if len(data) <= MAX_BYTES else (None, False)
    if value is None:
        return load_strictly(data)
    decoded = data.decode()
    return Document(decoded, value, _start(decoded), accepted)


def load_strictly(text: bytes | str) -> Document:
    """The same, never in the faster way."""
    from cardops.strict_yaml import event_reader as events

    decoded = _decode(text)
    value, start = events.read(decoded)
    return Document(decoded, value, start)


def _decode(text: bytes | str) -> str:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > MAX_BYTES:
        raise YamlError("yaml/too-large", 1, 1, f"the file has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        hint = "save the file as UTF-8"
        raise YamlError("yaml/encoding", line, column, "the file is not valid UTF-8", hint) from None
    if found := re.search(_UNPRINTABLE, decoded):
        start = found.start()
        line = decoded.count("\n", 0, start) + 1
        column = start - decoded.rfind("\n", 0, start)
        message = f"the control character U+{ord(found.group()):04X} is not allowed"
        raise YamlError(
            "yaml/control-character",
            line,
            column,
            message,
            "remove it, or write it as an escape in double quotes",
        )
    return decoded


def _start(text: str) -> tuple[int, int]:
    """Line and column, from 1, of a document that has no directives: behind blank lines and comments."""
    found = _BEFORE_FIRST(text)
    before = found.group() if found else ""
    lines = re.split("\r\n|\r|\n", before)
    return len(lines), len(lines[-1]) + 1
