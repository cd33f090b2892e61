"""Words for types, sizes and the forms of metrics."""

from typing import Any

from cardops.desired.problems import Path
from cardops.model.findings import plural

TYPE_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
ONE_NAME = "one string of at most 63 characters"
NAMES = "a list of strings of at most 63 characters"
SIMPLE_AXES = f"x_axis_name and y_axis_name: {ONE_NAME}"
METRIC_NEEDS = {
    "number": f"a number metric needs value: a number; {SIMPLE_AXES}",
    "string": f"a string metric needs value: a string of at most 63 characters, in quotes; {SIMPLE_AXES}",
    "boolean": f"a boolean metric needs value: true or false; {SIMPLE_AXES}",
    "linear_graph": f"a linear_graph needs value: a list of points [x, y], at least one; {SIMPLE_AXES}",
    "bar_chart": f"a bar_chart needs value: a list of numbers, at least one; x_axis_name: {NAMES}, one a bar;"
    f" y_axis_name: {ONE_NAME}",
    "matrix": f"a matrix needs value: 1 to 20 rows of 1 to 20 numbers; x_axis_name and y_axis_name: {NAMES}",
}
_TYPED = frozenset({"value", "x_axis_name", "y_axis_name"})


def found_type(value: Any) -> str:
    """The name of a value's type, without its content."""
    match value:
        case None:
            return "empty"
        case bool():
            return "a boolean"
        case int():
            return "a whole number"
        case float():
            return "a decimal number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "a mapping"


def quote_hint(wanted: list[str], value: Any) -> str:
    """The way out where a string was expected, or a value is missing."""
    if value is None:
        return "give it a value, or remove the key"
    if wanted == ["integer", "string"]:
        return "write a whole number, or a percentage such as 30%"
    if "string" in wanted and isinstance(value, bool | int | float):
        return "put it in double quotes"
    if wanted[0] in ("number", "integer", "boolean") and isinstance(value, str):
        return "write it without quotes"
    if wanted[0] == "array":
        return "write a list: [ … ], or one '- ' line for each item"
    return ""


def metric_needs(path: Path, document: Any) -> str:
    """The parts that a metric of its type needs, when `path` leads to one or into its value or axes; else nothing."""
    if "metric_data" not in path:
        return ""
    at = path.index("metric_data") + 2
    if len(path) > at and path[at] not in _TYPED:
        return ""
    metric = document
    for step in path[:at]:
        metric = metric[step]
    kind = metric.get("type") if isinstance(metric, dict) else None
    return METRIC_NEEDS.get(kind, "") if isinstance(kind, str) else ""


def size(value: Any) -> str:
    """A value's length with its unit: `1 item`, `2,049 characters`."""
    unit = "character" if isinstance(value, str) else "item" if isinstance(value, list) else "key"
    return plural(len(value), unit)
