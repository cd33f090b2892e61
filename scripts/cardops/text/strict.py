"""Strict YAML: a subset that every reader reads alike. libyaml's events, no recursion, no surprises.

What is plainly in the subset is read in a faster way; this module alone says what is refused, and why. A first walk
builds only values; places are built by a second one, and only when a finding asks for them.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from cardops.text import fast
from cardops.text.places import Place, places
from cardops.text.scalars import Disputed, Scalar, plain
from cardops.text.syntax import UNCLOSED, describe

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
SHOWN_KEY = 60

_UNPRINTABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"

_BEFORE_FIRST = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*").match

GetEvent = Callable[[], Any]
Path = Sequence[str | int]


class Refused(Exception):
    """The text is not in the strict subset; `rule` is the finding's rule, line and column count from 1."""

    def __init__(self, rule: str, line: int, column: int, message: str, hint: str = "") -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.rule = rule
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint


class Document:
    """A YAML document's `value` and, on demand, the place of everything in it."""

    __slots__ = ("_root", "_text", "start", "value")

    def __init__(self, text: str, value: Any, start: tuple[int, int]) -> None:
        self.value = value
        self.start = start
        self._text = text
        self._root: Place | None = None

    @property
    def size(self) -> int:
        """The characters of its text."""
        return len(self._text)

    def place(self, path: Path, of: Literal["value", "key"] = "value") -> tuple[int, int]:
        """Line and column, from 1, of a value or of its key; of the deepest ancestor where there is none."""
        if not path:
            return self.start
        if self._root is None:
            self._root = places(self._text)
        place = self._root
        for step in path:
            child = place.children.get(step)
            if child is None:
                return place.value
            place = child
        return place.key if of == "key" else place.value


def load(text: bytes | str) -> Document:
    """The one document in `text`. Raises Refused."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    value = fast.load(data, MAX_DEPTH) if len(data) <= MAX_BYTES else None
    if value is None:
        return load_strictly(data)
    decoded = data.decode()
    return Document(decoded, value, _start(decoded))


def load_strictly(text: bytes | str) -> Document:
    """The same, never in the faster way."""
    decoded = _decode(text)
    parser = CParser(decoded)
    try:
        value, start = _document(parser.get_event)
    except YAMLError as error:
        raise _syntax(error) from None
    finally:
        parser.dispose()
    return Document(decoded, value, start)


def _decode(text: bytes | str) -> str:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > MAX_BYTES:
        raise Refused("yaml/too-large", 1, 1, f"the file has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        hint = "save the file as UTF-8"
        raise Refused("yaml/encoding", line, column, "the file is not valid UTF-8", hint) from None
    if found := re.search(_UNPRINTABLE, decoded):
        start = found.start()
        line = decoded.count("\n", 0, start) + 1
        column = start - decoded.rfind("\n", 0, start)
        message = f"the control character U+{ord(found.group()):04X} is not allowed"
        raise Refused(
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


def _document(get: GetEvent) -> tuple[Any, tuple[int, int]]:
    get()
    start = get()
    if type(start) is StreamEndEvent:
        raise Refused("yaml/empty", 1, 1, "the file is empty", "add the document, or remove the file")
    if start.version or start.tags:
        raise Refused("yaml/directive", 1, 1, "YAML directives are not allowed", "remove the line that starts with %")
    first = get()
    value = _build(first, get)
    if value is None:
        raise Refused("yaml/empty", 1, 1, "the file holds no document", "add the document, or remove the file")
    end = get()
    if type(end) is not StreamEndEvent:
        raise _refused(end, "yaml/several-documents", "a second document starts here", "one document a file")
    return value, (first.start_mark.line + 1, first.start_mark.column + 1)


def _build(event: Any, get: GetEvent) -> Any:
    """The value of the document that starts with `event`, read up to and with its end event."""
    stack: list[tuple[Any, str | None]] = []
    root: Any = None
    current: Any = None
    key: str | None = None
    while True:
        kind = type(event)
        value: Any
        if kind is ScalarEvent:
            value = _scalar(event)
            if key is None and type(current) is dict:
                key = _key(event, value, current)
                event = get()
                continue
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            _check_start(event, key is None and type(current) is dict, len(stack))
            value = {} if kind is MappingStartEvent else []
        elif kind is DocumentEndEvent:
            return root
        elif kind is AliasEvent:
            raise _refused(event, "yaml/alias", "aliases are not allowed", "write the value out")
        else:
            current, key = stack.pop()
            event = get()
            continue
        if current is None:
            root = value
        elif type(current) is dict:
            current[key], key = value, None
        else:
            current.append(value)
        if kind is not ScalarEvent:
            stack.append((current, None))
            current, key = value, None
        event = get()


def _scalar(event: Any) -> Scalar:
    if event.anchor is not None or event.tag is not None:
        raise _marked(event)
    text: str = event.value
    if event.style:
        if event.style == '"' and not text.isprintable() and re.search(_CONTROL, text):
            message = "an escape stands for a control character"
            raise _refused(event, "yaml/control-character", message, "remove the escape")
        return text
    try:
        return plain(text)
    except Disputed as disputed:
        message = f"this looks like {disputed}, and YAML readers disagree about it"
        raise _refused(event, "yaml/ambiguous-scalar", message, "quote it to mean the text") from None


def _key(event: Any, value: Scalar, mapping: dict[str, Any]) -> str:
    if type(value) is not str:
        raise _refused(event, "yaml/key-not-string", "a key must be a string", "put the key in double quotes")
    if value == "<<" and not event.style:
        raise _refused(event, "yaml/merge-key", "merge keys are not allowed", "write the keys out")
    if value in mapping:
        shown = value if len(value) <= SHOWN_KEY else value[:SHOWN_KEY] + "…"
        raise _refused(event, "yaml/duplicate-key", f"duplicate key '{shown}'", "keep one of them")
    return value


def _check_start(event: Any, is_key: bool, depth: int) -> None:
    if event.anchor is not None or event.tag is not None:
        raise _marked(event)
    if is_key:
        raise _refused(event, "yaml/key-not-string", "a key must be a string, not a mapping or a list")
    if depth >= MAX_DEPTH:
        raise _refused(event, "yaml/too-deep", f"nested deeper than {MAX_DEPTH} levels")


def _marked(event: Any) -> Refused:
    if event.anchor is not None:
        return _refused(event, "yaml/anchor", "anchors are not allowed", "write the value out where it is needed")
    hint = "a text that starts with '!' has to be quoted"
    return _refused(event, "yaml/tag", "tags are not allowed", hint)


def _refused(event: Any, rule: str, message: str, hint: str = "") -> Refused:
    mark = event.start_mark
    return Refused(rule, mark.line + 1, mark.column + 1, message, hint)


def _syntax(error: YAMLError) -> Refused:
    problem: str = getattr(error, "problem", None) or ""
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    mark = next((mark for mark in (reversed(marks) if problem == UNCLOSED else marks) if mark), None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    message, hint = describe(problem)
    return Refused("yaml/syntax", line, column, message, hint)
