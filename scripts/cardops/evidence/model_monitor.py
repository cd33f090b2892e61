"""Convert a Model Monitor model-quality report: one metric group per problem type.

Sources: SageMaker's developer guide, "Model quality metrics", and the metric groups that AWS's Python SDK builds. In a
confusion matrix the outer key is the actual class, as the report's rates show, so it becomes a row.
"""

from typing import Any

from cardops.desired.problems import Path
from cardops.importers import metrics
from cardops.importers.metrics import Group, Metric
from cardops.importers.unmapped import Unmapped

PROBLEM_TYPES = ("binary_classification_metrics", "multiclass_classification_metrics", "regression_metrics")
CURVES = {
    "receiver_operating_characteristic_curve": ("false_positive_rates", "true_positive_rates"),
    "precision_recall_curve": ("recalls", "precisions"),
}


def convert(value: Any, at: Path, left: list[Unmapped]) -> list[Group]:
    """Convert one problem type to a metric group; `at` ends with its name."""
    if not isinstance(value, dict):
        left.append(Unmapped(at, "it is not a mapping of metrics"))
        return []
    found = [metric for name, raw in value.items() for metric in _metric(name, raw, (*at, name), left)]
    return metrics.group(str(at[-1]), found, at, left)


def _metric(name: str, raw: Any, at: Path, left: list[Unmapped]) -> list[Metric]:
    if name == "confusion_matrix":
        return metrics.matrix(name, raw, at, left)
    if name in CURVES:
        x_axis, y_axis = CURVES[name]
        lists = raw if isinstance(raw, dict) else {}
        return metrics.curve(name, lists.get(x_axis), lists.get(y_axis), (x_axis, y_axis), at, left)
    if not isinstance(raw, dict) or "value" not in raw:
        return metrics.number(name, raw, at, left)
    found = metrics.number(name, raw["value"], (*at, "value"), left)
    if found and "standard_deviation" in raw:
        spread, key = raw["standard_deviation"], "standard_deviation"
        found += metrics.number(f"{name} - {key}", spread, (*at, key), left)
    return found
