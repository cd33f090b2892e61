"""What fits a schema is plain: its keys are texts, and it is not nested deeper than is allowed."""

from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from cardops.desired.schema.validator import Kind, accepting
from cardops.strict_yaml.errors import MAX_DEPTH
from cardops.strict_yaml.reader import load
from support.generated_repository import share, texts

ROOT = Path(__file__).parents[2]
METRICS = {"number": 1, "string": "x", "boolean": True, "linear_graph": [[0, 1]], "bar_chart": [1], "matrix": [[1]]}
MORE = ("kms_key_id", "ignore", "model_package", "aggregate_from", "adopt", "expires", "access", "retire", "safety")
DEEP: list[Any] = []
for _ in range(MAX_DEPTH):
    DEEP = [DEEP]
ODD: list[Any] = [{1: "a"}, {"a": {None: "b"}}, [{True: 1}], [[{1.5: 1}]], DEEP, {"a": DEEP}]


def documents() -> Iterator[tuple[Kind, dict[str, Any]]]:
    card = load(next(text for _, text in texts(1))).value
    group = card["content"]["evaluation_details"][0]["metric_groups"][0]
    group["metric_data"] += [{"name": kind, "type": kind, "value": value} for kind, value in METRICS.items()]
    yield "card", card
    origin = {"account": "hub", "card": "a"}
    yield "card", {"name": "copy", "status": "Draft", "owner": "team-a", "aggregate_from": origin}
    yield "share", load(share(1)).value
    yield "config", load((ROOT / "cardops.yaml").read_text("utf-8")).value


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping or list, with each of its keys, and with some that it may have."""
    if isinstance(value, dict):
        for key in [*value, *MORE, "x_axis_name", "y_axis_name", "notes", "value", 1, None]:
            yield value, key
    for key, child in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(value, list):
            yield value, key
        if isinstance(child, dict | list):
            yield from places(child)


@pytest.mark.parametrize(("kind", "value"), list(documents()))
def test_only_what_is_plain_is_accepted(kind: Kind, value: dict[str, Any]) -> None:
    accepts = accepting(kind)
    assert accepts(value)
    count = 0
    for where, key in places(value):
        before = copy(where)
        for odd in ODD:
            where[key] = odd
            assert not accepts(value), (key, odd)
            count += 1
        if isinstance(where, dict):
            where.clear()
            where.update(before)
        else:
            where[:] = before
    assert accepts(value)
    assert count > 100


@pytest.mark.parametrize("value", [None, "a", 1, [], {}, {1: 2}, [{"name": "a"}], float("nan"), "\ud800"])
@pytest.mark.parametrize("kind", ["card", "share", "config"])
def test_anything_may_be_asked_about(kind: Kind, value: Any) -> None:
    assert not accepting(kind)(value)
