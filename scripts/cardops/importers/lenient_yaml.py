"""Read third-party YAML from libyaml's events, without constructing objects from tags or expanding aliases.

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


def parse_yaml(data: bytes) -> Any:
    """Parse the first document; an empty one is None. Ambiguous numbers stay strings.

    Raises YamlError for text that is not YAML in UTF-8, has anchors, aliases, duplicate keys or keys that are not
    scalars, is nested deeper than 64 levels, or exceeds 1 MiB.
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
        return _value(parser.get_event(), parser.get_event, 0)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError(RULE, line, column, "this is not valid YAML", "check the file") from None
    finally:
        parser.dispose()


def _value(event: Any, get: GetEvent, depth: int) -> Any:
    if type(event) is AliasEvent or event.anchor is not None:
        raise _refused(event, "anchors and aliases are not read", "write the value out")
    if depth > MAX_DEPTH:
        raise _refused(event, f"nested deeper than {MAX_DEPTH} levels")
    value: Any
    if type(event) is ScalarEvent:
        value = _scalar(event)
    elif type(event) is MappingStartEvent:
        value = _mapping(get, depth)
    else:
        value = []
        while type(item := get()) is not SequenceEndEvent:
            value.append(_value(item, get, depth + 1))
    return _tagged(event.tag, value)


def _mapping(get: GetEvent, depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    while type(key := get()) is not MappingEndEvent:
        if type(key) is not ScalarEvent or key.anchor is not None:
            raise _refused(key, "a key has to be a text")
        if key.value in value:
            raise _refused(key, "a key stands twice", "keep one of them")
        value[key.value] = _value(get(), get, depth + 1)
    return value


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
