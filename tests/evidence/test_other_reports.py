"""Reports of foundation-model evaluations, SageMaker Pipelines and MLflow."""

from typing import Any

import pytest

from cardops.evidence.edits import MetricEvidence, edits
from cardops.evidence.reports import UnknownReport, convert_report
from cardops.strict_yaml.editor import Set


def values(document: Any) -> dict[str, dict[str, Any]]:
    """The values of each group's metrics."""
    groups = convert_report(document).groups
    return {group["name"]: {metric["name"]: metric["value"] for metric in group["metric_data"]} for group in groups}


def test_a_foundation_model_evaluation_has_a_group_for_each_data_set_and_category() -> None:
    toxicity = {
        "eval_name": "toxicity",
        "dataset_name": "prompts",
        "dataset_scores": [{"name": "toxicity", "value": 0.1}, {"name": "insult", "value": None, "error": "no score"}],
        "category_scores": [{"name": "age", "scores": [{"name": "toxicity", "value": 0.2}]}, 7],
        "output_path": "out.jsonl",
        "prompt_template": "$model_input",
        "error": None,
        "extra": 1,
    }
    failed = {"eval_name": "accuracy", "dataset_scores": None, "error": "the model did not answer"}
    report = convert_report([toxicity, failed])
    assert values([toxicity]) == {"toxicity prompts": {"toxicity": 0.1}, "toxicity prompts age": {"toxicity": 0.2}}
    assert [str(one) for one in report.unmapped] == [
        "[0].extra: a metric group has no field for it",
        "[0].dataset_scores[1]: the score has an error instead of a value",
        "[0].category_scores[1]: a category needs a name and scores",
        "[1].error: the evaluation ended with an error",
    ]


RUN = {"metrics": [{"key": "auc", "value": 0.9, "timestamp": 1, "step": 0}, {"key": "f1", "value": "high"}, 7]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"metrics": {"accuracy": {"value": 0.9, "standard_deviation": 0.01}}},
            {"metrics": {"accuracy": 0.9, "accuracy - standard_deviation": 0.01}},
        ),
        ({"ranking_metrics": {"ndcg": {"value": 0.7}}}, {"ranking_metrics": {"ndcg": 0.7}}),
        ({"metrics": {"auc": 0.9, "note": "good"}}, {"metrics": {"auc": 0.9}}),
        ({"run": {"info": {}, "data": RUN}}, {"metrics": {"auc": 0.9}}),
        ({"info": {}, "data": RUN}, {"metrics": {"auc": 0.9}}),
        ({"data": {"metrics": {"auc": 0.9}}}, {"metrics": {"auc": 0.9}}),
        ({"accuracy_score": 0.9, "roc_auc": 0.8}, {"metrics": {"accuracy_score": 0.9, "roc_auc": 0.8}}),
    ],
)
def test_plain_metrics_make_one_group(document: Any, expected: Any) -> None:
    assert values(document) == expected


@pytest.mark.parametrize("document", [{}, [], [7], {"a": "b"}, {"a": 1, "b": "c"}, {"data": "x"}, {"a": True}, "x"])
def test_other_documents_are_unknown(document: Any) -> None:
    with pytest.raises(UnknownReport):
        convert_report(document)


@pytest.mark.parametrize("bad", ["page\x0cbreak", "cut \ud83d", "c1 \x80"])
def test_a_note_that_yaml_cannot_hold_costs_that_note(bad: str) -> None:
    rows = [{"name": "a", "type": "number", "value": 1, "notes": bad}, {"name": "b", "type": "number", "value": 2}]
    report = convert_report({"metric_groups": [{"name": "g", "metric_data": rows}]})
    assert [metric["value"] for metric in report.groups[0]["metric_data"]] == [1, 2]
    assert [str(one).split(":")[0] for one in report.unmapped] == ["metric_groups[0].metric_data[0].notes"]


NEW = MetricEvidence("holdout", (), (), {"evaluation_observation": "fine"}, {"evaluated on": "2026-09-30"})


def test_a_new_evaluation_gets_its_date_and_observation() -> None:
    (made,) = edits({}, NEW)
    assert isinstance(made, Set)
    assert made.value == {
        "name": "holdout",
        "evaluation_observation": "fine",
        "metadata": {"evaluated on": "2026-09-30"},
        "metric_groups": [],
    }


def test_a_known_evaluation_gets_only_what_changes() -> None:
    at = ("content", "evaluation_details", 0)
    known = {"name": "holdout", "evaluation_observation": "fine", "metadata": {"split": "by day"}}
    assert edits({"evaluation_details": [known]}, NEW) == [Set((*at, "metadata", "evaluated on"), "2026-09-30")]
    bare = {"name": "holdout", "evaluation_observation": "old"}
    assert edits({"evaluation_details": [bare]}, NEW) == [
        Set((*at, "evaluation_observation"), "fine"),
        Set((*at, "metadata"), {"evaluated on": "2026-09-30"}),
    ]
