"""Read third-party YAML from libyaml's events, without constructing objects from tags.

Aliases are expanded up to a total size, so that a small file cannot become a huge value.

CloudFormation's short forms are expanded: `!Ref X` is `{Ref: X}`, `!Sub x` is `{"Fn::Sub": x}`.
"""

from collections.abc import Callable
from typing import Any

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, StreamEndEvent

from cardops.strict_yaml.errors import MAX_BYTES, MAX_DEPTH, YamlError
from cardops.strict_yaml.scalars import AmbiguousScalarError, plain

RULE = "file/not-yaml"
CORE = "tag:yaml.org,2002:"
READ_AS_PLAIN = (None, f"{CORE}int", f"{CORE}float", f"{CORE}bool", f"{CORE}null")

DISPUTED = {"true": True, "false": False, "null": None, ".nan": None, ".inf": None}
"""Words of YAML's core schema, which also allows capitals; NaN and infinities become None, as in JSON."""

GetEvent = Callable[[], Any]

MAX_NODES = 200_000
"""Values of a document after its aliases are expanded."""


def parse_yaml(data: bytes) -> Any:
    """Parse the first document; an empty one is None. Ambiguous numbers stay strings.

    Raises YamlError for text that is not YAML in UTF-8, has duplicate keys or keys that are not scalars, is nested
    deeper than 64 levels, exceeds 1 MiB, or has aliases that expand to more than 200,000 values.
    """
    if len(data) > MAX_BYTES:
        raise YamlError(RULE, 1, 1, f"the file has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise YamlError(RULE, 1, 1, "the file is not valid UTF-8", "save it as UTF-8") from None
    parser = CParser(text)
    try:
        parser.get_event()
        if type(parser.get_event()) is StreamEndEvent:
            return None
        return _Composer(parser.get_event).value(parser.get_event(), 0)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError(RULE, line, column, "this is not valid YAML", "check the file") from None
    finally:
        parser.dispose()


class _Composer:
    """Builds values from events. `_anchors` holds the values of anchors and the number of values in each."""

    def __init__(self, get: GetEvent) -> None:
        self._get = get
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._nodes = 0

    def value(self, event: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise _refused(event, f"nested deeper than {MAX_DEPTH} levels")
        if type(event) is AliasEvent:
            return self._alias(event, depth)
        before = self._nodes
        self._nodes += 1
        value = _tagged(event.tag, self._plain(event, depth))
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._nodes - before, _depth(value))
        return value

    def _plain(self, event: Any, depth: int) -> Any:
        if type(event) is ScalarEvent:
            return _scalar(event)
        if type(event) is MappingStartEvent:
            return self._mapping(depth)
        items = []
        while type(item := self._get()) is not SequenceEndEvent:
            items.append(self.value(item, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        while type(key := self._get()) is not MappingEndEvent:
            if type(key) is not ScalarEvent:
                raise _refused(key, "a key has to be a text")
            if key.value in value:
                raise _refused(key, "this key occurs twice", "keep one of them")
            value[key.value] = self.value(self._get(), depth + 1)
        return value

    def _alias(self, event: Any, depth: int) -> Any:
        known = self._anchors.get(event.anchor)
        if known is None:
            raise _refused(event, "this alias refers to an anchor that is not defined before it")
        value, nodes, deep = known
        self._nodes += nodes
        if self._nodes > MAX_NODES or depth + deep > MAX_DEPTH:
            raise _refused(event, "the aliases expand to too many values", "write the values out")
        return value


def _depth(value: Any) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, children), default=0) if isinstance(value, dict | list) else 0


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style or event.tag not in READ_AS_PLAIN:
        return text
    try:
        return plain(text)
    except AmbiguousScalarError:
        return DISPUTED.get(text.lstrip("+-").lower(), text)


def _tagged(tag: str | None, value: Any) -> Any:
    if tag is None or tag == "!" or tag.startswith(CORE):
        return value
    name = tag.removeprefix("!")
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


def _refused(event: Any, message: str, hint: str = "") -> YamlError:
    mark = event.start_mark
    return YamlError(RULE, mark.line + 1, mark.column + 1, message, hint)
