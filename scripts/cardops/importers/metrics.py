"""Build metrics and metric groups within the limits of AWS's model card schema.

A name over the limit is shortened in the middle around a short digest, so that two long names stay distinct; the
metric's notes keep the full name.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from cardops.desired.problems import Path
from cardops.importers.unmapped import Unmapped

Metric = dict[str, Any]
Group = dict[str, Any]

MOST_NAME = 63
MOST_METRIC_NAME = 255
MOST_NOTES = 1024
MOST_ROWS = 20


def is_number(value: Any) -> bool:
    """Return True for a finite number; booleans do not count."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0


def shorten(name: str, most: int = MOST_NAME) -> str:
    """Shorten a name to its two ends around eight hex digits of its SHA-256, if it is too long."""
    if len(name) <= most:
        return name
    end = (most - 10) // 2
    return f"{name[:end]}~{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}~{name[-end:]}"


def number(name: str, value: Any, at: Path, left: list[Unmapped], notes: str = "") -> list[Metric]:
    """Build a number metric; report anything else in `left`."""
    if not is_number(value):
        left.append(Unmapped(at, f"it is {_kind(value)}, not a number"))
        return []
    return [_metric(name, "number", value, notes)]


def curve(name: str, xs: Any, ys: Any, axes: tuple[str, str], at: Path, left: list[Unmapped]) -> list[Metric]:
    """Build a linear_graph from two lists of numbers of the same length."""
    if not (_numbers(xs) and _numbers(ys) and len(xs) == len(ys) and xs):
        left.append(Unmapped(at, f"{axes[0]} and {axes[1]} are not two equally long lists of numbers"))
        return []
    points = [[x, y] for x, y in zip(xs, ys, strict=True)]
    x_axis, y_axis = map(shorten, axes)
    return [_metric(name, "linear_graph", points) | {"x_axis_name": x_axis, "y_axis_name": y_axis}]


def bars(name: str, labels: Any, values: Any, y_axis: str, at: Path, left: list[Unmapped]) -> list[Metric]:
    """Build a bar_chart with one number for each label."""
    if not (isinstance(labels, list) and _numbers(values) and len(labels) == len(values) and values):
        left.append(Unmapped(at, "it does not have one number for each category"))
        return []
    names = [shorten(str(label)) for label in labels]
    return [_metric(name, "bar_chart", values) | {"x_axis_name": names, "y_axis_name": shorten(y_axis)}]


def matrix(name: str, table: Any, at: Path, left: list[Unmapped]) -> list[Metric]:
    """Build a matrix from `{row: {column: number}}`; all rows need the same columns, at most 20 of each."""
    rows = list(table.values()) if isinstance(table, dict) else []
    if not rows or not all(isinstance(row, dict) and row and _numbers(list(row.values())) for row in rows):
        left.append(Unmapped(at, "it is not a table of numbers"))
        return []
    columns = list(rows[0])
    if any(row.keys() != rows[0].keys() for row in rows):
        left.append(Unmapped(at, "its rows do not all have the same columns"))
        return []
    if max(len(rows), len(columns)) > MOST_ROWS:
        size = f"{len(rows)} by {len(columns)}"
        left.append(Unmapped(at, f"it is {size}; a matrix has at most {MOST_ROWS} rows and columns"))
        return []
    value = [[row[column] for column in columns] for row in rows]
    axes = {"x_axis_name": list(map(shorten, columns)), "y_axis_name": list(map(shorten, table))}
    return [_metric(name, "matrix", value) | axes]


def group(name: str, metrics: Iterable[Metric], at: Path, left: list[Unmapped]) -> list[Group]:
    """Build a metric group, or nothing if it is empty. Of metrics with the same name the first is kept."""
    kept: dict[str, Metric] = {}
    for metric in metrics:
        if metric["name"] in kept:
            left.append(Unmapped(at, "a metric has the same name as an earlier one"))
        kept.setdefault(metric["name"], metric)
    if not kept:
        return []
    if len(name) > MOST_NAME:
        first = next(iter(kept.values()))
        first["notes"] = "; ".join(filter(None, (first.get("notes"), f"group: {name}")))[:MOST_NOTES]
    return [{"name": shorten(name), "metric_data": list(kept.values())}]


def _metric(name: str, kind: str, value: Any, notes: str = "") -> Metric:
    whole = f"name: {name}" if len(name) > MOST_METRIC_NAME else ""
    notes = "; ".join(filter(None, (notes, whole)))[:MOST_NOTES]
    metric = {"name": shorten(name, MOST_METRIC_NAME), "type": kind, "value": value}
    return metric | {"notes": notes} if notes else metric


def _numbers(values: Any) -> bool:
    return isinstance(values, Sequence) and not isinstance(values, str) and all(map(is_number, values))


def _kind(value: Any) -> str:
    if value is None or (isinstance(value, str) and value.lower() == "nan"):
        return "empty or NaN"
    return {dict: "a mapping", list: "a list", bool: "true or false"}.get(type(value), "a string")
