"""Server-side checks that botocore's client omits: length, pattern, enum, range, unknown members, types."""

from collections.abc import Iterator
from typing import Any

from cardops.sandbox.core.patterns import matches
from cardops.sandbox.core.service_models import ServiceModel
from cardops.sandbox.errors import AwsError

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
}


def check(model: ServiceModel, operation: str, params: dict[str, Any]) -> None:
    """Check parameters against the operation's input shape; raises the service's own error.

    A value of the wrong type is a SerializationException. Everything else is counted and listed in one error:
    InvalidParameterException or InvalidInputException where the operation has it (RAM, Organizations),
    ValidationError in IAM and STS, else ValidationException.
    """
    shape = model.input_shape(operation)
    if shape is None:
        return
    problems = list(_problems(model, shape, params, ""))
    if not problems:
        return
    declared = model.errors_of(operation)
    codes = ("InvalidParameterException", "InvalidInputException")
    code = next((code for code in codes if code in declared and model.protocol != "query"), "ValidationException")
    if model.protocol == "query":
        code = "ValidationError"
    if all("maxResults" in problem for problem in problems) and "InvalidMaxResultsException" in declared:
        code = "InvalidMaxResultsException"
    plural = "error" if len(problems) == 1 else "errors"
    raise AwsError(code, f"{len(problems)} validation {plural} detected: {'; '.join(problems)}")


def _problems(model: ServiceModel, name: str, value: Any, path: str) -> Iterator[str]:
    shape = model.shapes[name]
    kind = shape["type"]
    if not _is(value, kind):
        raise AwsError("SerializationException", f"{path or name}: {type(value).__name__} is not a {kind}")
    if kind == "structure":
        yield from _structure(model, shape, value, path)
    elif kind == "list":
        yield from _size(shape, len(value), value, path)
        for number, item in enumerate(value, 1):
            yield from _problems(model, shape["member"]["shape"], item, f"{path}.{number}.member")
    elif kind == "map":
        yield from _size(shape, len(value), value, path)
        for key, item in value.items():
            yield from _problems(model, shape["key"]["shape"], key, f"{path}.key")
            yield from _problems(model, shape["value"]["shape"], item, f"{path}.{key}")
    elif kind == "string":
        yield from _string(shape, value, path)
    elif kind in ("integer", "long", "float", "double"):
        yield from _number(shape, value, path)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, (object,)))


def _structure(model: ServiceModel, shape: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for member in shape.get("required", []):
        if value.get(member) is None:
            yield f"Value null at '{prefix}{_spell(member)}' failed to satisfy constraint: Member must not be null"
    for member, item in value.items():
        if member not in shape["members"]:
            yield f"Unknown member '{prefix}{_spell(member)}'"
        elif item is not None:
            yield from _problems(model, shape["members"][member]["shape"], item, f"{prefix}{_spell(member)}")


def _spell(member: str) -> str:
    """Services spell members with a lower-case first letter in these messages."""
    return member[:1].lower() + member[1:]


def _failed(shape: dict[str, Any], value: Any, path: str, constraint: str) -> str:
    shown = "Value" if shape.get("sensitive") else f"Value '{value}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _size(shape: dict[str, Any], size: int, value: Any, path: str) -> Iterator[str]:
    if size < shape.get("min", 0):
        yield _failed(shape, value, path, f"Member must have length greater than or equal to {shape['min']}")
    if "max" in shape and size > shape["max"]:
        yield _failed(shape, value, path, f"Member must have length less than or equal to {shape['max']}")


def _string(shape: dict[str, Any], value: str, path: str) -> Iterator[str]:
    wrong_size = list(_size(shape, len(value), value, path))
    yield from wrong_size
    if "enum" in shape and value not in shape["enum"]:
        allowed = ", ".join(shape["enum"])
        yield _failed(shape, value, path, f"Member must satisfy enum value set: [{allowed}]")
    pattern = shape.get("pattern")
    # A text of the wrong length is not matched: its length may be what makes the pattern slow.
    if pattern and not wrong_size and not matches(pattern, value):
        yield _failed(shape, value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _number(shape: dict[str, Any], value: float, path: str) -> Iterator[str]:
    if "min" in shape and value < shape["min"]:
        yield _failed(shape, value, path, f"Member must have value greater than or equal to {shape['min']}")
    if "max" in shape and value > shape["max"]:
        yield _failed(shape, value, path, f"Member must have value less than or equal to {shape['max']}")
