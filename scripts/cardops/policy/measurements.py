"""Evaluations and their metrics, with names, units, days and people in a form in which they can be compared."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from cardops.policy.plain_names import identities, is_per_cent, plain, words_of
from cardops.policy.said import day_of, problem_of, problem_of_day
from cardops.policy.vocabulary import Metric, Vocabulary

NUMBER = re.compile(r"[-+\u2212]?(?:\d{1,3}(?:[,\u2019 ]\d{3})+|\d+)?(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
OWN = "model"
"""The role of what is measured of the model that the card is about."""
DEEPEST = 64
"""Folders of a location that are looked at."""


def measurements(
    body: Mapping[str, Any], builders: Collection[str], kinds: Collection[str], today: date, vocabulary: Vocabulary
) -> dict[str, Any]:
    """The parts of `model` that are about evaluations. `builders` are identities of those who built or own the model.

    - `evaluations`: `{at, day, ago, day_problem, by_problem, independent, observation, datasets, numbers, overlaps,
      said, role}`: `ago` is -1 where no day is known, `observation` is what is wrong with it, `datasets` and `numbers`
      are counts, `overlaps` tells whether it uses training data, and `said` are the names of its metadata that say
      something
    - `metrics`: those that the vocabulary knows and that are one number: `{at, metric, family, shape, role, value,
      problem, in_text}`; `problem` is nothing, or why `value` counts for nothing
    - `measured`, `families`: what has a number that counts, of this model and as a whole
    """
    trained = _training(body)
    evaluations: list[dict[str, Any]] = []
    metrics: list[dict[str, Any]] = []
    for index, written in enumerate(_maps(body.get("evaluation_details"))):
        at = f"content/evaluation_details/{index}"
        entries = _metadata(written, vocabulary)
        role = _role_in(entries, vocabulary)
        metrics += _metrics(written, at, role, vocabulary)
        told = _who_and_when(entries, builders, today, vocabulary)
        evaluations.append({"at": at, "role": role, **told, **_on_what(written, trained, vocabulary)})
    own = {one["metric"] for one in metrics if one["role"] == OWN and not one["problem"]}
    for one in metrics:
        if one["metric"] not in own:
            one["role"] = OWN  # a comparison is one only beside the model's own figure
    counted = [one for one in metrics if one["role"] == OWN and not one["problem"]]
    families = {one["family"] for one in counted} | _sliced(body, vocabulary)
    return {
        "evaluations": evaluations,
        "metrics": metrics,
        "measured": sorted({one["metric"] for one in counted}),
        "families": sorted(families),
    }


def _who_and_when(
    entries: Mapping[str, Any], builders: Collection[str], today: date, vocabulary: Vocabulary
) -> dict[str, Any]:
    day_problem = problem_of_day(entries.get("evaluated on"), today, vocabulary)
    day = None if day_problem else day_of(entries.get("evaluated on"))
    by = entries.get("evaluated by")
    by_problem = problem_of(by, vocabulary, False)
    names = identities(by) if not by_problem and isinstance(by, str) else []
    return {
        "day": day.isoformat() if day else "",
        "ago": (today - day).days if day else -1,
        "day_problem": day_problem,
        "by": names[0] if names else "",
        "by_problem": by_problem,
        "independent": bool(names) and not any(name in builders for name in names) and _may_validate(names, vocabulary),
        "said": [name for name, value in entries.items() if not problem_of(value, vocabulary, False)],
    }


def _may_validate(names: Iterable[str], vocabulary: Vocabulary) -> bool:
    return not vocabulary.validators or not vocabulary.validators.isdisjoint(names)


def _on_what(written: Mapping[str, Any], trained: Collection[str], vocabulary: Vocabulary) -> dict[str, Any]:
    observation = problem_of(written.get("evaluation_observation"), vocabulary, False)
    datasets = [one for one in _list(written.get("datasets")) if not problem_of(one, vocabulary, False)]
    return {
        "observation": observation,
        "datasets": len(datasets),
        "numbers": len(_numbers(written)),
        "overlaps": any(_overlaps(_place(one), trained) for one in datasets),
    }


def _metrics(written: Mapping[str, Any], at: str, role: str, vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    for number, group in enumerate(_maps(written.get("metric_groups"))):
        group_name = str(group.get("name", ""))
        group_role = role if role != OWN else (vocabulary.roles.within(group_name) or OWN)
        group_bias = "bias" in words_of(group_name)
        for place, metric in enumerate(_maps(group.get("metric_data"))):
            name, kind = str(metric.get("name", "")), metric.get("type", "number")
            find = vocabulary.metric_names.within if kind == "number" else vocabulary.metric_names.alone
            if kind in ("number", "string", "boolean") and (known := find(name)):
                value, problem = _value(name, kind, metric.get("value"), vocabulary.metrics[known])
                own_role = group_role if group_role != OWN else (vocabulary.roles.within(name) or OWN)
                yield {
                    "at": f"{at}/metric_groups/{number}/metric_data/{place}",
                    "metric": known,
                    "family": "bias" if group_bias and known == "ks" else vocabulary.metrics[known].family,
                    "shape": vocabulary.metrics[known].shape,
                    "role": own_role,
                    "value": value,
                    "problem": problem,
                    "in_text": kind == "string",
                }


def _value(name: str, kind: str, value: Any, metric: Metric) -> tuple[float, str]:
    """The number, and why it counts for nothing: it is none, or it cannot be true."""
    number, per_cent = _number(value) if kind != "boolean" else (None, False)
    if number is None or not math.isfinite(number):
        return 0.0, "is not a number"
    if (per_cent or is_per_cent(name)) and (metric.most == 1 or metric.least == -1 or abs(number) > 1):
        number /= 100
    if (metric.least is not None and number < metric.least) or (metric.most is not None and number > metric.most):
        return number, "cannot be true"
    return number, ""


def _number(value: Any) -> tuple[float | None, bool]:
    """The number that a value is or begins with, and whether it is per cent."""
    if isinstance(value, bool):
        return None, False
    if isinstance(value, int | float):
        try:
            return float(value), False
        except OverflowError:
            return None, False
    text = value.strip().lstrip("~\u2248=<> ") if isinstance(value, str) and len(value) < 100 else ""
    found = NUMBER.match(text)
    if not found or not any(letter.isdigit() for letter in found[0]):
        return None, False
    told = found[0].replace("\u2212", "-").replace("\u2019", "").replace(" ", "")
    if "," in told:
        told = (
            told.replace(",", "")
            if "." in told or re.fullmatch(r"[-+]?\d{1,3}(,\d{3}){2,}", told)
            else told.replace(",", ".")
        )
    try:
        return float(told), "%" in text
    except ValueError:
        return None, False


def _numbers(written: Mapping[str, Any]) -> list[Any]:
    """Metrics that hold numbers of any shape."""
    return [
        metric
        for group in _maps(written.get("metric_groups"))
        for metric in _maps(group.get("metric_data"))
        if metric.get("type", "number") != "boolean"
        and (isinstance(metric.get("value"), list) or _number(metric.get("value"))[0] is not None)
    ]


def _sliced(body: Mapping[str, Any], vocabulary: Vocabulary) -> set[str]:
    """Return `groups` if figures are given for several groups, and `explanation` if features are weighed."""
    found = set()
    for written in _maps(body.get("evaluation_details")):
        entries = _metadata(written, vocabulary)
        if "slice" in entries:
            found.add("groups")
        for group in _maps(written.get("metric_groups")):
            for metric in _maps(group.get("metric_data")):
                if metric.get("type") in ("bar_chart", "matrix") and _has_many(metric.get("value")):
                    found.add("groups")
                known = vocabulary.metric_names.within(f"{group.get('name', '')} {metric.get('name', '')}")
                if known == "shap":
                    found.add("explanation")
    return found


def _has_many(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1


def _metadata(written: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    entries = written.get("metadata")
    if not isinstance(entries, dict):
        return {}
    return {vocabulary.metadata.whole(str(name)) or plain(str(name)): value for name, value in entries.items()}


def _role_in(entries: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    role = vocabulary.roles.within(str(entries.get("role", "")))
    if role:
        return role
    return "slice" if not problem_of(entries.get("slice"), vocabulary, False) else OWN


def _training(body: Mapping[str, Any]) -> frozenset[str]:
    details = body.get("training_details")
    job = details.get("training_job_details") if isinstance(details, dict) else None
    datasets = job.get("training_datasets") if isinstance(job, dict) else None
    return frozenset(filter(None, (_place(one) for one in _list(datasets) if isinstance(one, str))))


def _place(location: str) -> str:
    """A location without what makes no difference: blanks, doubled and trailing slashes, a leading scheme's case."""
    scheme, mark, rest = location.strip().partition("://")
    if not mark:
        return re.sub(r"/+", "/", location.strip()).rstrip("/")
    kept = re.sub(r"/+", "/", rest.split("?")[0]).rstrip("/*")
    return f"{'s3' if scheme.lower() in ('s3a', 's3n') else scheme.lower()}://{kept}"


def _overlaps(place: str, trained: Collection[str]) -> bool:
    """Return True if a location is a training location, or lies in one."""
    for _ in range(DEEPEST):
        if not place:
            return False
        if place in trained:
            return True
        place = place.rpartition("/")[0]
    return False


def _maps(value: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
