"""Write metric groups into a card's YAML without touching anything else.

Adding a report again replaces its earlier version: a group of the same name gets the report's metrics, and metrics
that the report no longer has are removed and listed. Handwritten notes stay unless the report has notes.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from cardops.importers.metrics import Group, Metric
from cardops.merge.diff import equal
from cardops.strict_yaml.editor import Edit, Remove, Set

Path = tuple[str | int, ...]


class MetricEvidence(NamedTuple):
    """The metric groups that a report adds to one evaluation of a card.

    `fields` are texts of the evaluation itself (evaluation_observation, evaluation_job_arn), `metadata` its entries.
    """

    evaluation: str
    groups: Sequence[Group]
    datasets: Sequence[str]
    fields: Mapping[str, str] = MappingProxyType({})
    metadata: Mapping[str, str] = MappingProxyType({})


def edits(content: dict[str, Any], new: MetricEvidence) -> list[Edit]:
    """Return the edits to a card's file; none if the card already has everything."""
    evaluations: list[dict[str, Any]] = content.get("evaluation_details", [])
    index = _index(evaluations, new.evaluation)
    at: Path = ("content", "evaluation_details", index)
    if index == len(evaluations):
        about: dict[str, Any] = {"name": new.evaluation, **new.fields}
        about |= {"datasets": list(new.datasets)} if new.datasets else {}
        about |= {"metadata": dict(new.metadata)} if new.metadata else {}
        return [Set(at, about | {"metric_groups": list(new.groups)})]
    known = evaluations[index]
    return [
        *(Set((*at, key), value) for key, value in new.fields.items() if known.get(key) != value),
        *_metadata(known, new.metadata, at),
        *_datasets(known, new.datasets, at),
        *_groups(known, new.groups, at),
    ]


def removed(content: dict[str, Any], new: MetricEvidence) -> list[str]:
    """List the metrics that are removed because the report no longer has them, as `group: metric`."""
    evaluations: list[dict[str, Any]] = content.get("evaluation_details", [])
    index = _index(evaluations, new.evaluation)
    before = evaluations[index].get("metric_groups", []) if index < len(evaluations) else []
    after = {group["name"]: {metric["name"] for metric in group["metric_data"]} for group in new.groups}
    return [
        f"{group['name']}: {metric['name']}"
        for group in before
        for metric in group["metric_data"]
        if group["name"] in after and metric["name"] not in after[group["name"]]
    ]


def _metadata(evaluation: dict[str, Any], entries: Mapping[str, str], at: Path) -> Iterator[Edit]:
    known = evaluation.get("metadata")
    changed = {key: value for key, value in entries.items() if (known or {}).get(key) != value}
    if known is None and changed:
        yield Set((*at, "metadata"), changed)
    else:
        yield from (Set((*at, "metadata", key), value) for key, value in changed.items())


def _datasets(evaluation: dict[str, Any], datasets: Sequence[str], at: Path) -> Iterator[Edit]:
    known = evaluation.get("datasets", [])
    missing = [uri for uri in dict.fromkeys(datasets) if uri not in known]
    for position, uri in enumerate(missing, len(known)):
        yield Set((*at, "datasets", position), uri)


def _groups(evaluation: dict[str, Any], groups: Sequence[Group], at: Path) -> Iterator[Edit]:
    known: list[Group] = evaluation.get("metric_groups", [])
    end = len(known)
    for group in groups:
        index = _index(known, group["name"])
        if index < len(known):
            yield from _metrics(known[index]["metric_data"], group["metric_data"], (*at, "metric_groups", index))
        else:
            yield Set((*at, "metric_groups", end), group)
            end += 1


def _metrics(known: list[Metric], new: list[Metric], at: Path) -> Iterator[Edit]:
    here: Path = (*at, "metric_data")
    end = len(known)
    for metric in new:
        index = _index(known, metric["name"])
        if index == len(known):
            yield Set((*here, end), metric)
            end += 1
        else:
            yield from _fields(known[index], metric, (*here, index))
    names = {metric["name"] for metric in new}
    for index in reversed([i for i, metric in enumerate(known) if metric["name"] not in names]):
        yield Remove((*here, index))


def _fields(known: Metric, new: Metric, at: Path) -> Iterator[Edit]:
    for key, value in new.items():
        if key not in known or not equal(known[key], value):
            yield Set((*at, key), value)
    for key in known:
        if key not in new and key != "notes":
            yield Remove((*at, key))


def _index(items: Sequence[dict[str, Any]], name: str) -> int:
    """Return the index of the item with this name, or the list's length."""
    return next((index for index, item in enumerate(items) if item["name"] == name), len(items))
