"""Convert foundation-model evaluations: the results of fmeval and of SageMaker's evaluation jobs.

Source: fmeval's `EvalOutput` (eval_name, dataset_name, dataset_scores, category_scores, error), and SageMaker's
developer guide, "Understand the results of an automatic evaluation job".
"""

from typing import Any

from cardops.desired.problems import Path
from cardops.importers import metrics
from cardops.importers.metrics import Group, Metric
from cardops.importers.unmapped import Unmapped

READ = frozenset({"eval_name", "dataset_name", "dataset_scores", "category_scores"})
SILENT = frozenset({"output_path", "prompt_template", "error"})


def is_evaluation(document: Any) -> bool:
    """Return True for a list of evaluation results."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(one, dict) and "eval_name" in one for one in document)
    )


def convert(document: list[dict[str, Any]], left: list[Unmapped]) -> list[Group]:
    """Convert each evaluation to a group, and each of its categories to another one."""
    groups: list[Group] = []
    for index, one in enumerate(document):
        at: Path = (index,)
        name = " ".join(str(one[key]) for key in ("eval_name", "dataset_name") if one.get(key))
        if one.get("error"):
            left.append(Unmapped((*at, "error"), "the evaluation ended with an error"))
        left += [Unmapped((*at, key), "a metric group has no field for it") for key in one if key not in READ | SILENT]
        groups += _group(name, one.get("dataset_scores"), (*at, "dataset_scores"), left)
        categories = one.get("category_scores")
        for place, category in enumerate(categories if isinstance(categories, list) else ()):
            here: Path = (*at, "category_scores", place)
            if isinstance(category, dict) and isinstance(category.get("name"), str):
                groups += _group(f"{name} {category['name']}", category.get("scores"), (*here, "scores"), left)
            else:
                left.append(Unmapped(here, "a category needs a name and scores"))
    return groups


def _group(name: str, scores: Any, at: Path, left: list[Unmapped]) -> list[Group]:
    if scores is None:
        return []
    if not isinstance(scores, list):
        left.append(Unmapped(at, "it is not a list of scores"))
        return []
    found = [metric for index, score in enumerate(scores) for metric in _score(score, (*at, index), left)]
    return metrics.group(name, found, at, left)


def _score(score: Any, at: Path, left: list[Unmapped]) -> list[Metric]:
    if not isinstance(score, dict) or not isinstance(score.get("name"), str) or not score["name"]:
        left.append(Unmapped(at, "a score needs a name and a value"))
        return []
    if score.get("error"):
        left.append(Unmapped(at, "the score has an error instead of a value"))
        return []
    return metrics.number(score["name"], score.get("value"), (*at, "value"), left)
