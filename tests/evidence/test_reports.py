"""Every kind of evaluation report as metric groups: what maps, and what is named as left out."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cardops.desired.schema import validator as schema
from cardops.evidence.reports import EvidenceReport, UnknownReport, convert_report
from cardops.importers import metrics
from cardops.importers.json_reader import parse_json
from cardops.strict_yaml.errors import YamlError

Read = Callable[[str], Any]


def group(report: EvidenceReport, name: str) -> dict[str, dict[str, Any]]:
    """The metrics of the one group whose name contains `name`, by name."""
    (found,) = [one for one in report.groups if name in one["name"]]
    return {metric["name"]: metric for metric in found["metric_data"]}


def left(report: EvidenceReport) -> list[str]:
    return [str(one) for one in report.unmapped]


def quality(**found: Any) -> EvidenceReport:
    return convert_report({"binary_classification_metrics": found})


@pytest.mark.parametrize("name", ["clarify", "binary", "multiclass", "regression", "generic"])
def test_whatever_the_report_the_groups_fit_the_schema(report: Read, name: str) -> None:
    groups = convert_report(report(name)).groups
    content = {"evaluation_details": [{"name": "x", "metric_groups": groups}]}
    assert groups
    assert schema.check("card", {"name": "x", "status": "Draft", "owner": "x", "content": content}) == []


def test_bias_makes_one_group_for_each_value_of_a_facet(report: Read) -> None:
    found = convert_report(report("clarify"))
    whole = "pre_training_bias_metrics - label churned = 1 and facet region=north"
    notes = f"Class Imbalance (CI); group: {whole}"
    assert group(found, "facet region=north") == {"CI": {"name": "CI", "type": "number", "value": 0.25, "notes": notes}}
    assert group(found, "(0, 12]")["AD"]["value"] == -0.02
    assert group(found, "(12, 48]")["DI"]["value"] == 1.1
    assert "pre_training_bias_metrics.facets.region[0].metrics[1].value: it is empty or NaN, not a number" in left(
        found
    )


def test_a_group_name_that_is_too_long_is_cut_and_kept_whole_in_the_notes(report: Read) -> None:
    found = convert_report(report("clarify"))
    whole = "post_training_bias_metrics - label churned = 1 and facet contract_length_in_months=(0, 12]"
    (short,) = [one for one in found.groups if one["name"].endswith("(0, 12]")]
    assert len(short["name"]) <= 63
    assert short["metric_data"][0]["notes"] == f"group: {whole}"


def test_shap_values_and_words_make_groups_by_label(report: Read) -> None:
    found = convert_report(report("clarify"))
    assert group(found, "global_shap_values, label=label0")["tenure"]["value"] == 0.31
    assert group(found, "feature=complaint")["slow"]["value"] == 0.2
    assert {name: one["value"] for name, one in group(found, "expected_value").items()} == {
        "label0": 0.11,
        "label1": 0.2,
    }


def test_partial_dependence_is_a_graph_of_numbers_and_bars_of_categories(report: Read) -> None:
    found = convert_report(report("clarify"))
    charts = group(found, "explanations - pdp")
    assert charts["data_distribution - feature=age"] == {
        "name": "data_distribution - feature=age",
        "type": "linear_graph",
        "value": [[20.5, 0.4], [40, 0.6]],
        "x_axis_name": "age",
        "y_axis_name": "Data distribution",
    }
    assert charts["model_predictions - feature=plan, label=label0"] == {
        "name": "model_predictions - feature=plan, label=label0",
        "type": "bar_chart",
        "value": [0.5, 0.2],
        "x_axis_name": ["basic", "2"],
        "y_axis_name": "label0",
    }
    assert "explanations.pdp[2]: it is neither numerical nor categorical" in left(found)
    assert "explanations.image_classification: cardops does not know this kind of explanation" in left(found)
    assert "job: cardops does not know this part of a report" in left(found)
    assert not any(line.startswith("version") for line in left(found))


def test_a_confusion_matrix_has_the_actual_class_in_its_rows(report: Read) -> None:
    found = group(convert_report(report("binary")), "binary_classification_metrics")
    assert found["confusion_matrix"] == {
        "name": "confusion_matrix",
        "type": "matrix",
        "value": [[30, 6], [2, 12]],
        "x_axis_name": ["0", "1"],
        "y_axis_name": ["0", "1"],
    }
    three = group(convert_report(report("multiclass")), "multiclass")["confusion_matrix"]
    assert three["value"][1] == [0, 7, 2]
    assert three["y_axis_name"] == ["cat", "dog", "hen"]


def test_curves_scores_and_deviations(report: Read) -> None:
    found = group(convert_report(report("binary")), "binary_classification_metrics")
    curve = found["receiver_operating_characteristic_curve"]
    assert curve["value"] == [[0, 0], [0.2, 0.8], [1, 1]]
    assert (curve["x_axis_name"], curve["y_axis_name"]) == ("false_positive_rates", "true_positive_rates")
    assert found["auc - standard_deviation"]["value"] == 0.01
    assert "f1 - standard_deviation" not in found
    assert "recall" not in found


def test_nan_null_and_uneven_curves_are_named(report: Read) -> None:
    lines = left(convert_report(report("binary")))
    at = "binary_classification_metrics"
    assert f"{at}.f1.standard_deviation: it is empty or NaN, not a number" in lines
    assert f"{at}.recall.value: it is empty or NaN, not a number" in lines
    assert f"{at}.precision_recall_curve: recalls and precisions are not two equally long lists of numbers" in lines
    assert "dataset: cardops does not know this part of a report" in lines
    assert len(lines) == 4


def test_regression_has_one_group(report: Read) -> None:
    found = group(convert_report(report("regression")), "regression_metrics")
    assert {name: one["value"] for name, one in found.items()} == {
        "mae": 0.4,
        "mae - standard_deviation": 0.003,
        "r2": -1.4,
    }


def test_the_generic_form_keeps_what_is_valid_and_names_the_rest(report: Read) -> None:
    found = convert_report(report("generic"))
    assert list(group(found, "holdout")) == ["calibrated", "grade", "share"]
    assert group(found, "holdout")["grade"]["value"] == "B"
    assert group(found, "holdout")["share"] == {"name": "share", "type": "bar_chart", "value": [1, 2]}
    text = "\n".join(left(found))
    assert "metric_groups[1]: a group needs a name and metric_data" in text
    assert "has the same name as an earlier one" in text
    assert "colour" in text
    assert "must be a number, not a string" in text
    assert "the row has 1 number" in text


@pytest.mark.parametrize(("size", "fits"), [(20, True), (21, False)])
def test_a_matrix_has_at_most_twenty_rows(size: int, fits: bool) -> None:
    table = {f"c{row}": {f"c{column}": 1 for column in range(size)} for row in range(size)}
    found = quality(confusion_matrix=table, f1={"value": 1})
    assert ("confusion_matrix" in group(found, "binary")) is fits
    assert any("it is 21 by 21; a matrix has at most 20" in line for line in left(found)) is not fits


def test_rows_with_other_columns_are_not_guessed() -> None:
    found = quality(confusion_matrix={"a": {"a": 1, "b": 2}, "b": {"b": 3}}, f1={"value": 1})
    assert left(found) == ["binary_classification_metrics.confusion_matrix: its rows do not all have the same columns"]


@pytest.mark.parametrize(("length", "cut"), [(255, False), (256, True)])
def test_a_metric_name_longer_than_255_is_cut_and_kept_in_the_notes(length: int, cut: bool) -> None:
    name = "m" * length
    (metric,) = group(quality(**{name: {"value": 1}}), "binary").values()
    assert 250 < len(metric["name"]) <= 255
    assert ("notes" in metric) is cut


def test_long_names_that_differ_in_the_middle_stay_two() -> None:
    one, other = ("a" * 60 + letter + "b" * 60 for letter in "xy")
    assert metrics.shorten(one) != metrics.shorten(other)
    assert metrics.shorten(one).startswith("a" * 26 + "~")
    assert metrics.shorten(one).endswith("~" + "b" * 26)


@pytest.mark.parametrize("value", [{"a": "b"}, [], "text", None, {"metric_group": []}])
def test_an_unknown_report_names_what_was_looked_for(value: Any) -> None:
    with pytest.raises(
        UnknownReport, match=r"it has none of .*Clarify bias.*explanations.*Model Monitor.*metric_groups"
    ):
        convert_report(value)


@pytest.mark.parametrize("part", ["pre_training_bias_metrics", "explanations", "regression_metrics", "metric_groups"])
@pytest.mark.parametrize("value", [None, 3, "text", [], {}, [None], {"facets": {"a": 3}}, {"kernel_shap": {"l": 3}}])
def test_a_part_of_another_shape_gives_no_group_and_no_crash(part: str, value: Any) -> None:
    assert convert_report({part: value}).groups == []


def test_a_text_that_is_a_value_is_never_in_what_is_left_out() -> None:
    found = convert_report({"regression_metrics": {"mae": {"value": "secret"}, "r2": {"value": 1}}})
    assert left(found) == ["regression_metrics.mae.value: it is a string, not a number"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("NaN", None), ("-Infinity", None), ("1e999", None), ("12345678901234567890", 1.2345678901234567e19), ("7", 7)],
)
def test_numbers_that_json_or_yaml_cannot_hold_are_no_numbers(text: str, value: float | None) -> None:
    assert parse_json(text.encode()) == value


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{\n  'a': 1}", "2:3: this is not valid JSON"),
        (b"\xff{}", "not valid JSON in UTF-8"),
        (b"[" * 100 + b"]" * 100, "deeper than 64 levels"),
        (b"[" * 100_000, "not valid JSON"),
        (json.dumps("x" * 1_100_000).encode(), "the limit is 1,048,576"),
    ],
)
def test_what_is_no_json_says_where(data: bytes, said: str) -> None:
    with pytest.raises(YamlError, match=said):
        parse_json(data)
