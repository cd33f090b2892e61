"""Convert metrics without a schema: `evaluation.json` of SageMaker Pipelines, and runs and metrics of MLflow.

Sources: SageMaker's developer guide, "Condition step" (a property file with `{"NAME_metrics": {"mse": {"value": 1}}}`);
MLflow's REST API, `runs/get` (run.data.metrics as a list of key, value, timestamp and step).
"""

from collections.abc import Mapping
from typing import Any

from cardops.desired.problems import Path
from cardops.evidence import model_monitor
from cardops.importers import metrics
from cardops.importers.metrics import Group, Metric
from cardops.importers.unmapped import Unmapped


def mlflow_metrics(document: Any) -> tuple[Path, Any] | None:
    """Return the path and the metrics of an MLflow run, or None."""
    at: list[str] = []
    for key in ("run", "data", "metrics"):
        if isinstance(document, dict) and key in document:
            document = document[key]
            at.append(key)
        elif key != "run":
            return None
    return tuple(at), document


def is_flat(document: Any) -> bool:
    """Return True for a mapping from names to nothing but numbers, such as MLflow's metrics.json."""
    return isinstance(document, dict) and bool(document) and all(map(metrics.is_number, document.values()))


def is_group(key: str, value: Any) -> bool:
    """Return True for a mapping of metrics under a key such as `metrics` or `ranking_metrics`."""
    return isinstance(value, dict) and (key == "metrics" or key.endswith("_metrics"))


def convert(value: Any, at: Path, left: list[Unmapped]) -> list[Group]:
    """Convert a mapping or a list of key and value to one group, named by the last step of `at`."""
    name = str(at[-1]) if at else "metrics"
    if isinstance(value, list):
        found = [metric for index, row in enumerate(value) for metric in _row(row, (*at, index), left)]
        return metrics.group(name, found, at, left)
    if not isinstance(value, Mapping):
        left.append(Unmapped(at, "it is not a mapping of metrics"))
        return []
    return model_monitor.convert(value, at or (name,), left)


def _row(row: Any, at: Path, left: list[Unmapped]) -> list[Metric]:
    if not isinstance(row, dict) or not isinstance(row.get("key"), str) or not row["key"]:
        left.append(Unmapped(at, "a metric needs a key and a value"))
        return []
    return metrics.number(row["key"], row.get("value"), (*at, "value"), left)
