"""Check limits that a schema cannot express: encoded size, dates, tags and chart data."""

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from cardops.desired.problems import Path, Problem
from cardops.model.canonical import MAX_CONTENT
from cardops.model.findings import plural

RESERVED = ("cardops:", "aws:")
"""Prefixes that tag keys may not have in any case, since IAM compares keys without case."""
TAG_PUNCTUATION = frozenset("_.:/=+-@")
ORDINARY_IN_TAG = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.:/=+-@"
Rows = list[list[float]]


def check_content(sent: bytes) -> Iterator[Problem]:
    """The limit on the canonical JSON that AWS gets."""
    length = len(sent.decode())
    if length > MAX_CONTENT:
        message = f"content has {length:,} characters as sent; at most {MAX_CONTENT:,} are allowed"
        yield Problem(("content",), message, "content/too-long", "move details to a document and link to it")


def check_tags(tags: dict[str, str]) -> Iterator[Problem]:
    """Characters outside ASCII that the schema's pattern does not tell apart, and keys that only look unreserved."""
    if not "".join((*tags, *tags.values())).encode("utf-8", "surrogatepass").translate(None, ORDINARY_IN_TAG):
        return
    for key, value in tags.items():
        if unicodedata.normalize("NFKC", key).casefold().startswith(RESERVED):
            hint = "give the tag another key"
            yield Problem(("tags", key), "a tag may not start with cardops: or aws:", "schema/pattern", hint, True)
        for text, at_key in ((key, True), (value, False)):
            if not all(_allowed_in_tag(character) for character in text):
                hint = "letters, digits, spaces and _ . : / = + - @ are allowed"
                message = f"the tag's {'key' if at_key else 'value'} has characters that AWS does not allow"
                yield Problem(("tags", key), message, "tags/characters", hint, at_key)


def check_date(value: Any, *path: str | int) -> Iterator[Problem]:
    """A day, at `path` if there is one there, that is in the calendar."""
    *parents, key = path
    for step in parents:
        value = value[step]
    if key in value:
        try:
            date.fromisoformat(value[key])
        except ValueError:
            yield Problem(path, f"{key} is a day that does not exist", "schema/date", "write YYYY-MM-DD")


def check_evaluations(content: dict[str, Any]) -> Iterator[Problem]:
    """Names that a merge would mix up, and charts whose parts do not fit."""
    evaluations = content.get("evaluation_details", [])
    path: Path = ("content", "evaluation_details")
    yield from _unique_names(evaluations, path)
    for i, evaluation in enumerate(evaluations):
        groups = evaluation.get("metric_groups", [])
        at: Path = (*path, i, "metric_groups")
        yield from _unique_names(groups, at)
        for j, group in enumerate(groups):
            yield from _unique_names(group["metric_data"], (*at, j, "metric_data"))
            for k, metric in enumerate(group["metric_data"]):
                yield from _shape(metric, (*at, j, "metric_data", k))


def _unique_names(items: list[dict[str, Any]], path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item["name"] in seen:
            message = "an item before this one has the same name; items are merged by name"
            yield Problem((*path, index, "name"), message, "content/duplicate-name", "give each item its own name")
        seen.add(item["name"])


def _shape(metric: dict[str, Any], path: Path) -> Iterator[Problem]:
    if metric["type"] == "bar_chart":
        yield from _axis(metric, "x_axis_name", len(metric["value"]), "bar", path)
    elif metric["type"] == "matrix":
        rows: Rows = metric["value"]
        width = len(rows[0])
        for index, row in enumerate(rows):
            if len(row) != width:
                message = f"the row has {plural(len(row), 'number')}, the first row has {width}"
                yield Problem((*path, "value", index), message, "content/metric-shape", "make all rows equally long")
        yield from _axis(metric, "x_axis_name", width, "column", path)
        yield from _axis(metric, "y_axis_name", len(rows), "row", path)


def _axis(metric: dict[str, Any], axis: str, wanted: int, what: str, path: Path) -> Iterator[Problem]:
    if axis in metric and len(metric[axis]) != wanted:
        message = f"{axis} has {plural(len(metric[axis]), 'name')} for {plural(wanted, what)}"
        yield Problem(
            (*path, axis),
            message,
            "content/metric-shape",
            f"write {plural(wanted, 'name')}, or leave {axis} out",
        )


def _allowed_in_tag(character: str) -> bool:
    return character in TAG_PUNCTUATION or unicodedata.category(character)[0] in "LNZ"
