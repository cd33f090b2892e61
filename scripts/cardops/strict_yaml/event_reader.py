"""A YAML text read by libyaml's events: what it says, or what in it is refused, and where."""

import re
from collections.abc import Callable
from typing import Any

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

from cardops.strict_yaml.errors import MAX_DEPTH, MAX_VALUES, YamlError
from cardops.strict_yaml.scalars import AmbiguousScalarError, Scalar, plain

SHOWN_KEY = 60

_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"

_UNCLOSED = "found unexpected end of stream"
_COLON = "a text that contains ': ' has to be quoted"
_INDENT = "check the indentation and the line before it"

_SYNTAX_ERRORS = {
    "mapping values are not allowed in this context": (
        "a ':' is not expected here",
        f"{_COLON}; or {_INDENT}",
    ),
    "could not find expected ':'": ("a ':' is missing after a key", _INDENT),
    "found character that cannot start any token": (
        "a text cannot start with this character",
        "quote a text that starts with @, ` or %, and indent with spaces, not tabs",
    ),
    _UNCLOSED: ("a quote is opened and never closed", "close the quote"),
    "did not find expected key": ("this line does not fit the block it stands in", _INDENT),
    "did not find expected '-' indicator": ("this line does not fit the list it stands in", _INDENT),
    "did not find expected ',' or '}'": ("a '{' is not closed, or a ',' is missing", "close it with '}'"),
    "did not find expected ',' or ']'": ("a '[' is not closed, or a ',' is missing", "close it with ']'"),
    "did not find expected node content": ("a value is missing here", "close the '[' or '{'"),
    "block sequence entries are not allowed in this context": ("a '-' is not expected here", _INDENT),
    "did not find expected <document start>": ("a second document starts here", "one document a file"),
    "found unknown escape character": (
        "an unknown escape in double quotes",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    "found a tab character that violates indentation": ("a tab is used to indent", "indent with spaces"),
    "found a tab character where an indentation space is expected": (
        "a tab is used to indent",
        "indent with spaces",
    ),
    "found undefined tag handle": ("tags are not allowed", "a text that starts with '!' has to be quoted"),
}

GetEvent = Callable[[], Any]


def read(text: str) -> tuple[Any, tuple[int, int]]:
    """The value of the one document in `text`, and where it starts: line and column, from 1. Raises YamlError."""
    parser = CParser(text)
    try:
        return _document(parser.get_event)
    except YAMLError as error:
        raise _syntax(error) from None
    finally:
        parser.dispose()


def _document(get: GetEvent) -> tuple[Any, tuple[int, int]]:
    get()
    start = get()
    if type(start) is StreamEndEvent:
        raise YamlError("yaml/empty", 1, 1, "the file is empty", "add the document, or remove the file")
    if start.version or start.tags:
        raise YamlError("yaml/directive", 1, 1, "YAML directives are not allowed", "remove the line that starts with %")
    first = get()
    value = _build(first, get)
    if value is None:
        raise YamlError("yaml/empty", 1, 1, "the file holds no document", "add the document, or remove the file")
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
    left = MAX_VALUES
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
        left -= 1
        if left < 0:
            raise _refused(event, "yaml/too-large", f"the file has more than {MAX_VALUES:,} values", "divide it")
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
    except AmbiguousScalarError as disputed:
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


def _marked(event: Any) -> YamlError:
    if event.anchor is not None:
        return _refused(event, "yaml/anchor", "anchors are not allowed", "write the value out where it is needed")
    hint = "a text that starts with '!' has to be quoted"
    return _refused(event, "yaml/tag", "tags are not allowed", hint)


def _refused(event: Any, rule: str, message: str, hint: str = "") -> YamlError:
    mark = event.start_mark
    return YamlError(rule, mark.line + 1, mark.column + 1, message, hint)


def _syntax(error: YAMLError) -> YamlError:
    problem: str = getattr(error, "problem", None) or ""
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    mark = next((mark for mark in (reversed(marks) if problem == _UNCLOSED else marks) if mark), None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    message, hint = _describe(problem)
    return YamlError("yaml/syntax", line, column, message, hint)


def _describe(problem: str) -> tuple[str, str]:
    """Message and hint for one of libyaml's problems."""
    message, hint = _SYNTAX_ERRORS.get(problem, ("this is not valid YAML", _INDENT))
    return message, hint
