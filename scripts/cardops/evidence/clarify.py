"""Convert a SageMaker Clarify analysis: bias metrics, SHAP values and partial dependence plots.

Source: SageMaker's developer guide, "Analysis results", and the metric groups that AWS's Python SDK builds from them.
"""

from collections.abc import Iterator
from typing import Any

from cardops.desired.problems import Path
from cardops.importers import metrics
from cardops.importers.metrics import Group, Metric
from cardops.importers.unmapped import Unmapped

BIAS = ("pre_training_bias_metrics", "post_training_bias_metrics")


def convert_bias(value: Any, at: Path, left: list[Unmapped]) -> list[Group]:
    """Build one metric group for each facet and value or threshold."""
    facets = value.get("facets") if isinstance(value, dict) else None
    if not isinstance(facets, dict):
        left.append(Unmapped(at, "it has no facets"))
        return []
    label = f"{at[-1]} - label {value.get('label', '?')} = {value.get('label_value_or_threshold', '?')}"
    found: dict[str, list[Metric]] = {}
    for facet, items in facets.items():
        for index, item in enumerate(items if isinstance(items, list) else [items]):
            here: Path = (*at, "facets", facet, index)
            if not isinstance(item, dict) or not isinstance(item.get("metrics"), list):
                left.append(Unmapped(here, "it has no metrics"))
                continue
            name = f"{label} and facet {facet}={item.get('value_or_threshold', '?')}"
            found.setdefault(name, []).extend(_bias_metrics(item["metrics"], (*here, "metrics"), left))
    return [group for name, rows in found.items() for group in metrics.group(name, rows, at, left)]


def convert_explanations(value: Any, at: Path, left: list[Unmapped]) -> list[Group]:
    """Build groups of SHAP values by label, and one group of all partial dependence plots."""
    if not isinstance(value, dict):
        left.append(Unmapped(at, "it is not a mapping of explanations"))
        return []
    groups: list[Group] = []
    for method, found in value.items():
        here = (*at, method)
        if method == "kernel_shap" and isinstance(found, dict):
            groups += _shap(found, here, left)
        elif method == "pdp" and isinstance(found, list):
            charts = [chart for i, plot in enumerate(found) for chart in _dependence(plot, (*here, i), left)]
            groups += metrics.group("explanations - pdp", charts, here, left)
        else:
            left.append(Unmapped(here, "cardops does not know this kind of explanation"))
    return groups


def _bias_metrics(rows: list[Any], at: Path, left: list[Unmapped]) -> Iterator[Metric]:
    for index, row in enumerate(rows):
        if isinstance(row, dict) and isinstance(row.get("name"), str) and row["name"]:
            described = row.get("description")
            notes = described if isinstance(described, str) else ""
            yield from metrics.number(row["name"], row.get("value"), (*at, index, "value"), left, notes)
        else:
            left.append(Unmapped((*at, index), "it has no name"))


def _shap(labels: dict[str, Any], at: Path, left: list[Unmapped]) -> list[Group]:
    groups: list[Group] = []
    expected: list[Metric] = []
    for label, parts in labels.items():
        for part, found in parts.items() if isinstance(parts, dict) else [("", parts)]:
            here: Path = (*at, label, part)
            if part == "global_shap_values" and isinstance(found, dict):
                groups += _values(f"explanations - {part}, label={label}", found, here, left)
            elif part == "global_top_shap_text" and isinstance(found, dict):
                for feature, words in found.items():
                    name = f"explanations - {part}, label={label}, feature={feature}"
                    groups += _values(name, words, (*here, feature), left)
            elif part == "expected_value":
                expected += metrics.number(label, found, here, left)
            else:
                left.append(Unmapped(here, "cardops does not know this SHAP result"))
    return groups + metrics.group("explanations - expected_value", expected, at, left)


def _values(name: str, found: Any, at: Path, left: list[Unmapped]) -> list[Group]:
    if not isinstance(found, dict):
        left.append(Unmapped(at, "it is not a mapping of features to values"))
        return []
    rows = [metric for key, value in found.items() if key for metric in metrics.number(key, value, (*at, key), left)]
    return metrics.group(name, rows, at, left)


def _dependence(plot: Any, at: Path, left: list[Unmapped]) -> list[Metric]:
    if not isinstance(plot, dict) or plot.get("data_type") not in ("numerical", "categorical"):
        left.append(Unmapped(at, "it is neither numerical nor categorical"))
        return []
    feature = str(plot.get("feature_name", "?"))
    headers, predictions = plot.get("label_headers"), plot.get("model_predictions")
    found = _chart(plot, f"data_distribution - feature={feature}", "data_distribution", "Data distribution", at, left)
    if not isinstance(headers, list) or not isinstance(predictions, list) or len(headers) != len(predictions):
        left.append(Unmapped((*at, "model_predictions"), "it does not have one list for each entry of label_headers"))
        return found
    for index, header in enumerate(map(str, headers)):
        one = plot | {"model_predictions": predictions[index]}
        name = f"model_predictions - feature={feature}, label={header}"
        found += _chart(one, name, "model_predictions", header, at, left)
    return found


def _chart(plot: dict[str, Any], name: str, part: str, y_axis: str, at: Path, left: list[Unmapped]) -> list[Metric]:
    xs, ys, here = plot.get("feature_values"), plot.get(part), (*at, part)
    if plot["data_type"] == "categorical":
        return metrics.bars(name, xs, ys, y_axis, here, left)
    return metrics.curve(name, xs, ys, (str(plot.get("feature_name", "?")), y_axis), here, left)
