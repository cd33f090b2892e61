"""Explain why a document does not fit its schema.

The library's messages print the document's content, which is sensitive; ours name keys, limits and lengths.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache, partial
from itertools import islice
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from cardops.desired.problems import Path, Problem, quote
from cardops.desired.schema.wording import TYPE_NAMES, found_type, metric_needs, quote_hint, size

SHOWN = 40
MAX_PROBLEMS = 1_000
"""A file of 1 MiB can be wrong in more ways than anybody reads; to explain each takes a while."""
IMPLIED_BY = {"schema/pattern": "schema/too-long", "schema/type": "schema/enum"}


class SchemaError(NamedTuple):
    """One of jsonschema's errors, without its message."""

    keyword: str
    expected: Any
    found: Any
    schema: dict[str, Any]
    path: Path
    of_key: bool
    document: Any

    @property
    def name(self) -> str:
        """The path as people write it."""
        return quote(self.path)

    @property
    def inside(self) -> str:
        """` in content.x`, or nothing at the top."""
        return f" in {self.name}" if self.path else ""


Fits = Callable[[dict[str, Any], Any], bool]


def explain(kind: str, schema: dict[str, Any], value: Any, fits: Fits | None = None) -> list[Problem]:
    """Up to MAX_PROBLEMS of the things that are wrong, in a fixed order, never empty.

    What `fits` its part of the schema is not looked at: to walk through all of a document takes as long as five others.
    """
    errors = _validator_class(fits)(schema).iter_errors(value)
    problems = (problem for error in errors for problem in _problems(_fault(error, value)))
    found = dict.fromkeys(islice(problems, MAX_PROBLEMS))
    if not found:
        return [Problem((), f"the {kind} does not fit its schema", "schema/invalid")]
    said = {(problem.rule, problem.path) for problem in found}
    found = {problem: None for problem in found if (IMPLIED_BY.get(problem.rule), problem.path) not in said}
    return sorted(found, key=lambda p: ([str(step).zfill(6) for step in p.path], p.rule, p.message))


@cache
def _validator_class(fits: Fits | None) -> Any:
    extend: Callable[..., Any] = validators.extend
    within = {"properties": partial(_properties, fits), "items": partial(_items, fits)} if fits else {}
    return extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique_items, **within})


def _properties(fits: Fits, validator: Validator, parts: dict[str, Any], value: Any, schema: Any) -> Any:
    wrong = {
        key: part
        for key, part in parts.items()
        if not (type(value) is dict and key in value and fits(part, value[key]))
    }
    return Draft202012Validator.VALIDATORS["properties"](validator, wrong, value, schema)


def _items(fits: Fits, validator: Any, part: dict[str, Any], value: Any, _: Any) -> Iterator[ValidationError]:
    """None of the schemas says anything about an item at some position."""
    for index, item in enumerate(value if type(value) is list else ()):
        if not fits(part, item):
            yield from validator.descend(item, part, path=index)


def _pattern(_: Validator, pattern: str, text: Any, schema: Any) -> Iterator[ValidationError]:
    """Python's `$` also matches before a newline at the end; in JSON Schema it does not."""
    if isinstance(text, str) and (text.endswith("\n") or not re.search(pattern, text)):
        yield ValidationError("pattern")


def _unique_items(_: Validator, wanted: bool, items: Any, schema: Any) -> Iterator[ValidationError]:
    """The library compares each with each where they cannot be sorted, which takes hours for a large file."""
    if wanted and isinstance(items, list) and len(set(map(_hashable, items))) < len(items):
        yield ValidationError("uniqueItems")


def _hashable(value: Any) -> Any:
    """Equal for what JSON Schema calls equal: 1 is 1.0, and not true."""
    if isinstance(value, dict):
        return frozenset((key, _hashable(child)) for key, child in value.items())
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    return (bool, value) if isinstance(value, bool) else value


def _fault(error: Any, document: Any) -> SchemaError:
    schema = error.schema if isinstance(error.schema, dict) else {}
    of_key = "propertyNames" in error.absolute_schema_path
    path = tuple(error.absolute_path)
    return SchemaError(error.validator or "", error.validator_value, error.instance, schema, path, of_key, document)


def _problems(fault: SchemaError) -> Iterator[Problem]:
    if fault.of_key:
        yield _wrong_key(fault)
    elif fault.keyword == "additionalProperties":
        yield from _unknown_keys(fault)
    elif fault.keyword == "required":
        yield from _missing_keys(fault)
    else:
        yield EXPLAINED.get(fault.keyword, _other)(fault)


def _wrong_key(fault: SchemaError) -> Problem:
    path = (*fault.path, fault.found)
    if fault.keyword == "pattern":
        message = f"the key {_quoted(fault.found)} has the wrong form"
        return Problem(path, message, "schema/pattern", fault.schema["patternErrorMessage"], True)
    side, rule = ("most", "schema/too-long") if fault.keyword == "maxLength" else ("least", "schema/too-short")
    message = f"the key has {size(fault.found)}; it needs at {side} {fault.expected}"
    return Problem(path, message, rule, "", True)


def _unknown_keys(fault: SchemaError) -> Iterator[Problem]:
    known = list(fault.schema.get("properties", {}))
    for key in fault.found:
        if key not in known:
            snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower().replace("-", "_")
            close = get_close_matches(snake, known, 1)
            hint = f"did you mean '{close[0]}'?" if close else f"known keys: {', '.join(known)}"
            message = f"unknown key {_quoted(key)}{fault.inside}"
            yield Problem((*fault.path, key), message, "schema/unknown-key", hint, True)


def _missing_keys(fault: SchemaError) -> Iterator[Problem]:
    properties = fault.schema.get("properties", {})
    for key in fault.expected:
        if key not in fault.found:
            described = properties.get(key, {}).get("description", "")
            hint = metric_needs(fault.path, fault.document) or f"add '{key}': {described}".removesuffix(": ")
            yield Problem(fault.path, f"missing key '{key}'{fault.inside}", "schema/missing-key", hint)


def _enum(fault: SchemaError) -> Problem:
    allowed = [str(value) for value in (fault.expected if fault.keyword == "enum" else [fault.expected])]
    close: list[str] = []
    if isinstance(fault.found, str) and len(fault.found) <= SHOWN:
        plain = {re.sub(r"[\W_]", "", value).lower(): value for value in allowed}
        near = get_close_matches(re.sub(r"[\W_]", "", fault.found).lower(), plain, 1)
        close = [plain[name] for name in near]
    hint = f"did you mean '{close[0]}'?" if close else ""
    one_of = "one of " if len(allowed) > 1 else ""
    return Problem(fault.path, f"{fault.name} must be {one_of}{', '.join(allowed)}", "schema/enum", hint)


def _type(fault: SchemaError) -> Problem:
    wanted = [fault.expected] if isinstance(fault.expected, str) else fault.expected
    names = " or ".join(TYPE_NAMES[name] for name in wanted)
    hint = metric_needs(fault.path, fault.document) or quote_hint(wanted, fault.found)
    message = f"{fault.name} must be {names}, not {found_type(fault.found)}"
    return Problem(fault.path, message, "schema/type", hint)


def _form(fault: SchemaError) -> Problem:
    message = f"{fault.name} has the wrong form"
    return Problem(fault.path, message, "schema/pattern", fault.schema["patternErrorMessage"])


def _size(fault: SchemaError) -> Problem:
    has = f"{fault.name} has {size(fault.found)}"
    hint = metric_needs(fault.path, fault.document)
    if isinstance(fault.found, dict):
        hint = fault.schema.get("description", "")
    if fault.keyword.startswith("max"):
        message = f"{has}; the limit is {fault.expected:,}"
        return Problem(fault.path, message, "schema/too-long", hint)
    return Problem(fault.path, f"{has}; it needs at least {fault.expected:,}", "schema/too-short", hint)


def _minimum(fault: SchemaError) -> Problem:
    return Problem(fault.path, f"{fault.name} must be at least {fault.expected}", "schema/range")


def _unique(fault: SchemaError) -> Problem:
    return Problem(fault.path, f"{fault.name} holds a value twice", "schema/not-unique", "keep one of them")


def _conflict(fault: SchemaError) -> Problem:
    message = f"{fault.name} does not go with aggregate_from: the original card has the content"
    return Problem(fault.path, message, "schema/conflicting-keys", "remove one of the two", True)


def _other(fault: SchemaError) -> Problem:
    return Problem(fault.path, f"{fault.name} does not fit the schema", "schema/invalid")


def _quoted(key: str) -> str:
    return f"'{key}'" if len(key) <= SHOWN else f"'{key[:SHOWN]}…'"


SIZES = ("maxLength", "maxItems", "maxProperties", "minLength", "minItems", "minProperties")
EXPLAINED: dict[str, Callable[[SchemaError], Problem]] = {
    "enum": _enum,
    "const": _enum,
    "type": _type,
    "pattern": _form,
    "minimum": _minimum,
    "uniqueItems": _unique,
    "not": _conflict,
    **dict.fromkeys(SIZES, _size),
}
