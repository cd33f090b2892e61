"""The variable `model`: what a card says about its model, in a form in which spelling does not matter."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from cardops.policy.measurements import measurements
from cardops.policy.plain_names import identities, identity, letters_of, plain
from cardops.policy.said import UNFINISHED, day_of, may_be_unfinished, problem_of, problem_of_day
from cardops.policy.vocabulary import Vocabulary

TEXTS = (
    *(f"model_overview.{name}" for name in ("model_name", "model_description", "problem_type", "algorithm_type")),
    *(f"model_overview.{name}" for name in ("model_creator", "model_owner")),
    *(f"intended_uses.{name}" for name in ("purpose_of_model", "intended_uses", "factors_affecting_model_efficiency")),
    "intended_uses.explanations_for_risk_rating",
    *(f"business_details.{name}" for name in ("business_problem", "business_stakeholders", "line_of_business")),
    *("training_details.training_observations", "training_details.objective_function.notes"),
    *("additional_information.ethical_considerations", "additional_information.caveats_and_recommendations"),
)
"""Texts of a card's content, as AWS's schema has them."""
AHEAD = frozenset({"next review", "decommissioned on"})
"""Days that may be to come."""


def view(card: Any, today: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The variable for a card.

    Always: `under_review`, `risk` (High, Medium, Low, or nothing), `owner_agrees` (whether card and content name the
    same owner), `suspects` ([{at, text}]: texts that may hold an address or a credential). Under review and later,
    and empty before:

    - `texts`: the texts that say something, by their path, with the number of their letters; `details`: the custom
      details that do, by the name that the vocabulary has for them; `unsaid`: for the others, by the same names, what
      is wrong with them; `hollow`: `[{at, name}]` of those that stand there and say nothing; `unfinished`: paths of
      texts that hold a placeholder
    - `counts`: how many of `model_artifact`, `container_image` and `training_datasets` say something; `images` and
      `locations` (of datasets): `[{at, text}]`
    - `days`: by name, `{day, ago}`: how many days ago, negative for days to come
    - `kinds`: the kinds of problem; `hosted`, `outside`: whether somebody else runs it, or built it;
      `origin`: inside, outside, unknown, or nothing; `eu_class`: the class of the EU AI Act, unknown, or nothing
    - `evaluations`, `metrics`, `measured`, `families`: see `measurements`
    """
    written = card if isinstance(card, dict) else {}
    content = written.get("content")
    body: Mapping[str, Any] = content if isinstance(content, dict) else {}
    risk = _dig(body, ("intended_uses", "risk_rating"))
    status = written.get("status")
    everything = "\n".join(_strings(body))
    told: dict[str, Any] = {
        "under_review": "content" in written and status in vocabulary.reviewed,
        "risk": risk if risk in ("High", "Medium", "Low") else "",
        "owner_agrees": _owner_agrees(written, body),
        "suspects": list(_suspects(body, everything, vocabulary)),
    }
    if not told["under_review"] and status not in vocabulary.closed:
        return {**told, **_NOTHING}
    now = date.fromisoformat(today)
    said = _said(body, now, vocabulary, may_be_unfinished(everything, vocabulary))
    traits = _traits(written, body, said["details"], said["unsaid"], vocabulary)
    builders = _builders(written, body)
    return {
        **told,
        **said,
        **_parts(body, vocabulary),
        **traits,
        **measurements(body, builders, traits["kinds"], now, vocabulary),
    }


NAMED_LISTS = (
    *("hollow", "unfinished", "images", "locations", "kinds", "evaluations", "metrics", "measured", "families"),
)
_NOTHING: Mapping[str, Any] = {
    **{name: {} for name in ("texts", "details", "unsaid", "days", "counts")},
    **{name: [] for name in NAMED_LISTS},
    "hosted": False,
    "outside": False,
    "origin": "",
    "eu_class": "",
}


def _said(body: Mapping[str, Any], today: date, vocabulary: Vocabulary, whole: bool) -> dict[str, Any]:
    texts: dict[str, int] = {}
    unsaid: dict[str, str] = {}
    unfinished: list[str] = []
    hollow: list[dict[str, str]] = []
    for path in TEXTS:
        written = _dig(body, path.split("."))
        problem = problem_of(written, vocabulary, whole)
        if problem == UNFINISHED:
            unfinished.append(f"content/{path.replace('.', '/')}")
        if problem in ("", UNFINISHED):
            texts[f"content.{path}"] = letters_of(written)
        elif written is not None:
            unsaid[f"content.{path}"] = problem
            hollow.append({"at": f"content/{path.replace('.', '/')}", "name": path.rpartition(".")[2]})
    details: dict[str, str] = {}
    days: dict[str, dict[str, Any]] = {}
    for name, written in _entries(_dig(body, ("additional_information", "custom_details"))):
        known = vocabulary.details.whole(name) or plain(name)
        is_day = known in vocabulary.days
        problem = (
            problem_of_day(written, today, vocabulary, known in AHEAD)
            if is_day
            else problem_of(written, vocabulary, whole)
        )
        if problem == UNFINISHED:
            unfinished.append(_at("additional_information/custom_details", name))
        if problem in ("", UNFINISHED):
            details[known] = str(written)
            unsaid.pop(known, None)
            if is_day and (day := day_of(written)):
                days[known] = {"day": day.isoformat(), "ago": (today - day).days}
        elif known not in details:
            unsaid[known] = problem
            hollow.append({"at": _at("additional_information/custom_details", name), "name": known})
    return {
        "texts": texts,
        "details": details,
        "unsaid": unsaid,
        "days": days,
        "hollow": hollow,
        "unfinished": unfinished,
    }


def _parts(body: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """Artifacts, images and datasets: how many say something, and those that do, with their places."""
    places: dict[str, tuple[str, ...]] = {
        "model_artifact": ("model_overview", "model_artifact"),
        "container_image": ("model_overview", "inference_environment", "container_image"),
        "training_datasets": ("training_details", "training_job_details", "training_datasets"),
    }
    found = {name: _listed(body, path, vocabulary) for name, path in places.items()}
    trained_with = ("training_details", "training_job_details", "training_environment", "container_image")
    images = [*found["container_image"], *_listed(body, trained_with, vocabulary)]
    containers = _dig(body, ("model_package_details", "inference_specification", "containers"))
    at = "content/model_package_details/inference_specification/containers"
    for number, one in enumerate(containers if isinstance(containers, list) else []):
        if isinstance(one, dict) and isinstance(one.get("image"), str):
            images.append({"at": f"{at}/{number}/image", "text": one["image"]})
    locations = list(found["training_datasets"])
    evaluations = body.get("evaluation_details")
    for number, one in enumerate(evaluations if isinstance(evaluations, list) else []):
        locations += _listed(one, ("datasets",), vocabulary, f"content/evaluation_details/{number}")
    return {"counts": {name: len(some) for name, some in found.items()}, "images": images, "locations": locations}


def _listed(body: Any, path: tuple[str, ...], vocabulary: Vocabulary, above: str = "content") -> list[dict[str, str]]:
    value = _dig(body, path)
    texts = [(number, one) for number, one in enumerate(value)] if isinstance(value, list) else []
    at = f"{above}/{'/'.join(path)}"
    return [{"at": f"{at}/{number}", "text": one} for number, one in texts if _names_something(one, vocabulary)]


def _traits(
    card: Mapping[str, Any],
    body: Mapping[str, Any],
    details: Mapping[str, str],
    unsaid: Mapping[str, str],
    vocabulary: Vocabulary,
) -> dict[str, Any]:
    overview, package = _dig(body, ("model_overview",)), _dig(body, ("model_package_details",))
    spoken = {name: str(_dig(overview, (name,)) or "") for name in ("problem_type", "algorithm_type", "model_id")}
    kinds = vocabulary.kinds.all_within(spoken["problem_type"])
    task = str(_dig(package, ("task",)) or "")
    for text in (task, str(_dig(card, ("tags", "model-kind")) or "")):
        kinds |= vocabulary.kinds.all_within(text)
    if "generative" in vocabulary.kinds.all_within(spoken["algorithm_type"]):
        kinds.add("generative")
    elif not kinds:
        kinds = vocabulary.kinds.all_within(spoken["algorithm_type"])
    written_origin = details.get("model origin", "")
    origin = vocabulary.origins.within(written_origin) or ("unknown" if written_origin else "")
    access = details.get("access mode", "")
    hosted = any(vocabulary.hosted.within(text) for text in (access, spoken["algorithm_type"], spoken["model_id"]))
    elsewhere = any(name in details or name in unsaid for name in ("base model", "supplier"))
    outside = hosted or elsewhere or origin == "outside"
    written_class = details.get("eu ai act class", "")
    eu_class = vocabulary.eu_classes.whole(written_class) or ("unknown" if written_class else "")
    return {"kinds": sorted(kinds), "hosted": hosted, "outside": outside, "origin": origin, "eu_class": eu_class}


def _owner_agrees(card: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    inside = _dig(body, ("model_overview", "model_owner"))
    return not isinstance(inside, str) or identity(inside) == identity(str(card.get("owner", "")))


def _builders(card: Mapping[str, Any], body: Mapping[str, Any]) -> frozenset[str]:
    """Return the people who built or own the model, from every part of the card."""
    overview = _dig(body, ("model_overview",))
    named = [card.get("owner"), _dig(overview, ("model_creator",)), _dig(overview, ("model_owner",))]
    texts = [one for one in named if isinstance(one, str)]
    parts = [part for text in texts for part in (text, text.replace("(", ",").replace(")", ","))]
    return frozenset(one for part in parts for one in identities(part))


def _suspects(body: Mapping[str, Any], everything: str, vocabulary: Vocabulary) -> Iterator[dict[str, str]]:
    """Texts anywhere in the content, and names of entries, in which one of the suspects stands."""
    marks = [mark for mark in vocabulary.suspects if mark in f"\n{everything}"]
    stack: list[tuple[str, Any]] = [("content", body)] if marks else []
    while stack:
        at, value = stack.pop()
        if isinstance(value, str):
            if _has_any(value, marks):
                yield {"at": at, "text": value}
        elif isinstance(value, dict):
            for key, one in value.items():
                if isinstance(key, str) and _has_any(key, marks):
                    yield {"at": at, "text": key}
                stack.append((f"{at}/{key}" if isinstance(key, str) and "/" not in key else at, one))
        elif isinstance(value, list):
            stack += [(f"{at}/{number}", one) for number, one in enumerate(value) if not isinstance(one, int | float)]


def _strings(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            stack += one.keys()
            stack += one.values()
        elif isinstance(one, list):
            stack += one


def _has_any(text: str, marks: Iterable[str]) -> bool:
    return any(mark in f"\n{text}" for mark in marks)


def _names_something(location: Any, vocabulary: Vocabulary) -> bool:
    plainly = isinstance(location, str) and "://" in location and len(location) > len("s3://a/")
    return plainly or not problem_of(location, vocabulary, False)


def _entries(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _at(parent: str, name: str) -> str:
    return f"content/{parent}/{name}" if "/" not in name else f"content/{parent}"


def _dig(value: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value
