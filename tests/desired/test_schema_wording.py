"""A metric that does not fit its type is told what that type needs, and nothing of what it holds."""

from typing import Any

import pytest

from cardops.desired.schema.validator import check
from cardops.desired.schema.wording import METRIC_NEEDS

SECRET = "tell-nobody-0123456789"
METRIC = ("content", "evaluation_details", 0, "metric_groups", 0, "metric_data", 0)
WRONG: dict[str, list[dict[str, Any]]] = {
    "number": [
        {"value": SECRET},
        {"value": True},
        {"value": [1]},
        {"value": None},
        {"value": 1, "x_axis_name": [SECRET]},
    ],
    "string": [{"value": 8151.5}, {"value": SECRET * 4}, {"value": [SECRET]}, {"value": SECRET, "y_axis_name": 8151}],
    "boolean": [{"value": SECRET}, {"value": 8151}, {"value": True, "x_axis_name": SECRET * 4}],
    "linear_graph": [
        {"value": [SECRET]},
        {"value": [[1, 2, 3]]},
        {"value": []},
        {"value": [[SECRET, 1]]},
        {"value": 8151},
    ],
    "bar_chart": [{"value": [SECRET]}, {"value": [[8151]]}, {"value": []}, {"value": [1], "x_axis_name": SECRET}],
    "matrix": [{"value": [SECRET]}, {"value": [[]]}, {"value": [[1]] * 21}, {"value": [[1]], "y_axis_name": SECRET}],
}
RIGHT: list[dict[str, Any]] = [
    {"type": "number", "value": 0.5, "x_axis_name": "x"},
    {"type": "number", "value": 1},
    {"type": "string", "value": "x" * 63},
    {"type": "boolean", "value": False, "y_axis_name": "y"},
    {"type": "linear_graph", "value": [[1, 2.5]], "x_axis_name": "x", "y_axis_name": "y"},
    {"type": "bar_chart", "value": [1], "x_axis_name": ["a"], "y_axis_name": "y"},
    {"type": "matrix", "value": [[1, 2]], "x_axis_name": ["a", "b"], "y_axis_name": ["c"]},
]


def card(metric: dict[str, Any]) -> dict[str, Any]:
    group = {"name": "group", "metric_data": [{"name": SECRET, **metric}]}
    content = {"evaluation_details": [{"name": "holdout", "metric_groups": [group]}]}
    return {"name": "a", "status": "Draft", "owner": "team", "content": content}


@pytest.mark.parametrize(("kind", "metric"), [(kind, metric) for kind, wrong in WRONG.items() for metric in wrong])
def test_a_wrong_metric_is_told_what_its_type_needs(kind: str, metric: dict[str, Any]) -> None:
    problems = check("card", card({"type": kind, **metric}))
    assert problems
    for problem in problems:
        assert problem.path[:7] == METRIC
        assert problem.path[7] in {"value", "x_axis_name", "y_axis_name"}
        assert problem.hint == METRIC_NEEDS[kind]
        assert SECRET not in problem.message
        assert "8151" not in problem.message


@pytest.mark.parametrize("metric", RIGHT)
def test_a_right_metric_is_accepted(metric: dict[str, Any]) -> None:
    assert check("card", card(metric)) == []


def test_an_unknown_type_is_one_problem_whatever_the_value() -> None:
    [problem] = check("card", card({"type": "bar chart", "value": {"a": SECRET}}))
    assert (problem.rule, problem.path, problem.hint) == ("schema/enum", (*METRIC, "type"), "did you mean 'bar_chart'?")
    [problem] = check("card", card({"type": ["number"], "value": SECRET}))
    assert (problem.rule, problem.path) == ("schema/enum", (*METRIC, "type"))


def test_a_missing_value_is_told_at_the_metric() -> None:
    [problem] = check("card", card({"type": "matrix"}))
    assert (problem.rule, problem.path, problem.hint) == ("schema/missing-key", METRIC, METRIC_NEEDS["matrix"])
