"""Detect the format of an evaluation report and convert it to metric groups."""

from collections.abc import Callable
from typing import Any, NamedTuple

from cardops.desired.problems import Path
from cardops.evidence import clarify, fmeval, model_monitor, plain
from cardops.importers import metrics, schema_fit
from cardops.importers.metrics import Group
from cardops.importers.unmapped import Unmapped

Converter = Callable[[Any, Path, list[Unmapped]], list[Group]]

LOOKED_FOR = (
    "pre_training_bias_metrics or post_training_bias_metrics (Clarify bias), explanations (Clarify explainability), "
    "binary_classification_metrics, multiclass_classification_metrics or regression_metrics (Model Monitor), "
    "metric_groups (model card), a list with eval_name (foundation-model evaluation), run.data.metrics (MLflow), or "
    "metrics as a mapping of names and numbers (SageMaker Pipelines)"
)
SILENT = frozenset({"version"})


class UnknownReport(Exception):
    """The document is not a known evaluation report; the message lists the known ones."""


class EvidenceReport(NamedTuple):
    """Metric groups that fit AWS's schema, and the parts that were left out."""

    groups: list[Group]
    unmapped: list[Unmapped]


def convert_report(document: Any) -> EvidenceReport:
    """Convert every known part of a report; Clarify writes several into one file. Raises UnknownReport."""
    left: list[Unmapped] = []
    groups = _convert(document, left)
    fitted, refused = schema_fit.drop_misfits({"evaluation_details": [{"name": "report", "metric_groups": groups}]})
    kept: list[Group] = fitted["evaluation_details"][0].get("metric_groups", [])
    return EvidenceReport([group for group in kept if group["metric_data"]], left + [_outside(one) for one in refused])


def _convert(document: Any, left: list[Unmapped]) -> list[Group]:
    if fmeval.is_evaluation(document):
        return fmeval.convert(document, left)
    if isinstance(document, dict):
        known = {key for key in document if key in CONVERTERS or plain.is_group(key, document[key])}
        if known:
            left += [
                Unmapped((key,), "cardops does not know this part of a report")
                for key in document
                if key not in known | SILENT
            ]
            parts = ((key, CONVERTERS.get(key, plain.convert)) for key in document if key in known)
            return [group for key, convert in parts for group in convert(document[key], (key,), left)]
        if run := plain.mlflow_metrics(document):
            return plain.convert(run[1], run[0], left)
        if plain.is_flat(document):
            return plain.convert(document, (), left)
    raise UnknownReport(f"this is not an evaluation report: it has none of {LOOKED_FOR}")


def _outside(one: Unmapped) -> Unmapped:
    """Rewrite a path so that it starts at the metric groups instead of the card."""
    return Unmapped(one.path[3:], one.why.replace("content.evaluation_details[0].", ""))


def _generic(value: Any, at: Path, left: list[Unmapped]) -> list[Group]:
    """Check metric groups in the model card's own form, and shorten their names to the limits."""
    if not isinstance(value, list):
        left.append(Unmapped(at, "it is not a list"))
        return []
    groups: list[Group] = []
    for index, found in enumerate(value):
        here: Path = (*at, index)
        if not isinstance(found, dict) or not _named(found) or not isinstance(found.get("metric_data"), list):
            left.append(Unmapped(here, "a group needs a name and metric_data"))
            continue
        rows = [_shortened(row) for row in found["metric_data"] if _named(row)]
        if len(rows) < len(found["metric_data"]):
            left.append(Unmapped((*here, "metric_data"), "a metric in it has no name"))
        groups += metrics.group(found["name"], rows, here, left)
    return groups


def _named(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and bool(value["name"])


def _shortened(row: dict[str, Any]) -> dict[str, Any]:
    name = metrics.shorten(row["name"], metrics.MOST_METRIC_NAME)
    notes = {} if name == row["name"] or "notes" in row else {"notes": f"name: {row['name']}"[: metrics.MOST_NOTES]}
    return row | {"name": name} | notes


CONVERTERS: dict[str, Converter] = {
    **dict.fromkeys(clarify.BIAS, clarify.convert_bias),
    "explanations": clarify.convert_explanations,
    **dict.fromkeys(model_monitor.PROBLEM_TYPES, model_monitor.convert),
    "metric_groups": _generic,
}
