"""Evidence becomes edits that touch nothing else, and adding it again replaces it."""

from typing import Any

from cardops.evidence.edits import MetricEvidence, edits, removed
from cardops.strict_yaml.editor import edit
from cardops.strict_yaml.reader import load

FILE = """\
name: churn            # the card
status: Draft
owner: team-a
content:
    evaluation_details:
    # the holdout of May
    - name: holdout
      datasets: [s3://data/may]
      metric_groups:
      - name: scores   # agreed with risk
        metric_data:
        - {name: auc, type: number, value: 0.8, notes: read with care}
        - name: f1     # ours
          type: number
          value: 0.5
"""


def metric(name: str, value: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "number", "value": value, **more}


def group(name: str, *metrics: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "metric_data": list(metrics)}


def after(text: str, *new: MetricEvidence) -> str:
    for one in new:
        text = edit(text, edits(load(text).value["content"], one))
    return text


def content(text: str) -> Any:
    return load(text).value["content"]


def lines_gone(before: str, text: str) -> list[str]:
    return [line for line in before.splitlines() if line not in text.splitlines()]


def test_a_new_evaluation_only_adds_lines() -> None:
    text = after(FILE, MetricEvidence("nightly", [group("scores", metric("auc", 0.7))], ["s3://data/june"]))
    assert lines_gone(FILE, text) == []
    assert content(text)["evaluation_details"][1] == {
        "name": "nightly",
        "datasets": ["s3://data/june"],
        "metric_groups": [group("scores", metric("auc", 0.7))],
    }


def test_a_card_without_evaluations_gets_them() -> None:
    bare = "name: x\nstatus: Draft\nowner: o\ncontent: {}\n"
    text = after(bare, MetricEvidence("nightly", [group("scores", metric("auc", 0.7))], []))
    assert content(text) == {
        "evaluation_details": [{"name": "nightly", "metric_groups": [group("scores", metric("auc", 0.7))]}]
    }


def test_a_changed_value_changes_its_line_and_keeps_comments_and_a_persons_notes() -> None:
    text = after(FILE, MetricEvidence("holdout", [group("scores", metric("auc", 0.9), metric("f1", 0.5))], []))
    assert lines_gone(FILE, text) == ["        - {name: auc, type: number, value: 0.8, notes: read with care}"]
    assert "- {name: auc, type: number, value: 0.9, notes: read with care}" in text


def test_the_same_report_twice_changes_nothing_the_second_time() -> None:
    new = MetricEvidence(
        "holdout", [group("scores", metric("auc", 0.9), metric("ks", 0.3)), group("b", metric("x", 1))], ["s3://n"]
    )
    once = after(FILE, new)
    assert edits(content(once), new) == []
    assert content(once)["evaluation_details"][0]["datasets"] == ["s3://data/may", "s3://n"]


def test_what_the_report_no_longer_has_goes_and_is_named() -> None:
    new = MetricEvidence("holdout", [group("scores", metric("auc", 0.8))], [])
    text = after(FILE, new)
    assert [one["name"] for one in content(text)["evaluation_details"][0]["metric_groups"][0]["metric_data"]] == ["auc"]
    assert removed(content(FILE), new) == ["scores: f1"]


def test_other_groups_and_evaluations_stay() -> None:
    new = MetricEvidence("holdout", [group("bias", metric("CI", 0.1)), group("shap", metric("age", 0.2))], [])
    text = after(FILE, new)
    assert lines_gone(FILE, text) == []
    names = [one["name"] for one in content(text)["evaluation_details"][0]["metric_groups"]]
    assert names == ["scores", "bias", "shap"]
    assert removed(content(FILE), new) == []


def test_a_metric_of_another_type_loses_the_axes_it_no_longer_has() -> None:
    chart = {"name": "auc", "type": "bar_chart", "value": [1, 2], "x_axis_name": ["a", "b"], "y_axis_name": "n"}
    once = after(FILE, MetricEvidence("holdout", [group("scores", chart)], []))
    text = after(once, MetricEvidence("holdout", [group("scores", metric("auc", 0.8))], []))
    (found,) = content(text)["evaluation_details"][0]["metric_groups"][0]["metric_data"]
    assert found == metric("auc", 0.8, notes="read with care")


def test_true_is_not_one() -> None:
    flag = {"name": "auc", "type": "boolean", "value": True}
    one = {"evaluation_details": [{"name": "e", "metric_groups": [group("g", {**flag, "value": 1})]}]}
    assert edits(one, MetricEvidence("e", [group("g", flag)], [])) != []
