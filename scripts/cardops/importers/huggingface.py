"""Import a Hugging Face README.md: YAML metadata, `model-index` results and known sections.

Source: Hugging Face's hub documentation, "Model cards" and the metadata specification `modelcard.md`.
"""

import re
from collections.abc import Callable
from typing import Any

from cardops.desired.problems import Path
from cardops.importers import metrics
from cardops.importers.drafts import CardDraft, make_name
from cardops.importers.lenient_yaml import parse_yaml
from cardops.importers.metrics import Metric
from cardops.importers.unmapped import Unmapped
from cardops.strict_yaml.errors import YamlError

SECTIONS = {
    "model description": ("model_overview", "model_description"),
    "intended uses": ("intended_uses", "intended_uses"),
    "intended use": ("intended_uses", "intended_uses"),
    "intended uses & limitations": ("intended_uses", "intended_uses"),
    "uses": ("intended_uses", "intended_uses"),
    "training data": ("training_details", "training_observations"),
    "ethical considerations": ("additional_information", "ethical_considerations"),
    "limitations": ("additional_information", "caveats_and_recommendations"),
    "limitations and bias": ("additional_information", "caveats_and_recommendations"),
    "bias, risks, and limitations": ("additional_information", "caveats_and_recommendations"),
}
DETAILS = (
    "license",
    "license_name",
    "license_link",
    "library_name",
    "language",
    "base_model",
    "tags",
    "co2_eq_emissions",
)
PARTS = ("config", "split")
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|\Z)(.*)\Z", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?(?:^```[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)


def convert_readme(data: bytes) -> CardDraft:
    """Convert a README.md with metadata between `---` lines to a draft. Raises YamlError."""
    try:
        found = _FRONT.match(data.decode())
    except UnicodeDecodeError:
        raise YamlError("file/not-yaml", 1, 1, "the file is not valid UTF-8", "save it as UTF-8") from None
    metadata = parse_yaml(b"\n" + found.group(1).encode()) if found else None
    if not found or not isinstance(metadata, dict):
        raise YamlError(
            "file/not-yaml", 1, 1, "there is no YAML metadata between --- lines", "pass a model's README.md"
        )
    draft = CardDraft("", {})
    for key, value in metadata.items():
        if key in METADATA:
            METADATA[key](draft, value, (key,))
        elif key in DETAILS:
            _detail(draft, key, value)
        else:
            draft.unmapped.append(Unmapped((key,), "a model card has no field for it"))
    _sections(draft, found.group(2))
    return draft


def _put(draft: CardDraft, section: str, field: str, value: Any) -> None:
    draft.content.setdefault(section, {}).setdefault(field, value)


def _detail(draft: CardDraft, key: str, value: Any) -> None:
    """Add a scalar, or a list of scalars joined by commas, to the custom details."""
    items = value if isinstance(value, list) else [value]
    if all(isinstance(item, str | int | float) for item in items) and items:
        details = draft.content.setdefault("additional_information", {}).setdefault("custom_details", {})
        details[key] = ", ".join(map(str, items))
    else:
        draft.unmapped.append(Unmapped((key,), "it is neither a string nor a list of strings"))


def _problem_type(draft: CardDraft, value: Any, at: Path) -> None:
    _put(draft, "model_overview", "problem_type", value)


def _datasets(draft: CardDraft, value: Any, at: Path) -> None:
    names = value if isinstance(value, list) else [value]
    details = draft.content.setdefault("training_details", {}).setdefault("training_job_details", {})
    details["training_datasets"] = names


def _model_index(draft: CardDraft, value: Any, at: Path) -> None:
    for index, model in enumerate(value if isinstance(value, list) else [value]):
        here: Path = (*at, index)
        results = model.get("results") if isinstance(model, dict) else None
        if not isinstance(results, list) or index:
            why = "a card describes one model; only the first is imported" if index else "it has no list of results"
            draft.unmapped.append(Unmapped(here, why))
            continue
        if isinstance(model.get("name"), str):
            draft.name = make_name(model["name"])
            _put(draft, "model_overview", "model_name", model["name"])
        for number, result in enumerate(results):
            _result(draft, result, (*here, "results", number))


def _result(draft: CardDraft, result: Any, at: Path) -> None:
    rows = result.get("metrics") if isinstance(result, dict) else None
    if not isinstance(rows, list):
        draft.unmapped.append(Unmapped(at, "it has no list of metrics"))
        return
    left = draft.unmapped
    found = [metric for index, row in enumerate(rows) for metric in _metric(row, (*at, "metrics", index), left)]
    task, dataset = _mapping(result.get("task")), _mapping(result.get("dataset"))
    kind = str(task.get("name") or task.get("type") or "evaluation")
    about = [str(dataset.get("name") or dataset.get("type") or ""), *(str(dataset.get(key) or "") for key in PARTS)]
    name = " ".join(filter(None, [kind, "on" if about[0] else "", *about]))
    evaluation: dict[str, Any] = {"name": metrics.shorten(name)}
    if dataset.get("type"):
        evaluation["datasets"] = [str(dataset["type"])]
    if notes := _notes(result, at, left):
        evaluation["metadata"] = notes
    evaluation["metric_groups"] = metrics.group(str(task.get("type") or kind), found, at, left)
    _add_evaluation(draft.content.setdefault("evaluation_details", []), evaluation)


def _notes(result: dict[str, Any], at: Path, left: list[Unmapped]) -> dict[str, str]:
    """Collect the notes about the data set and the source as strings."""
    notes: dict[str, str] = {}
    for part in ("dataset", "source"):
        for key, value in _mapping(result.get(part)).items():
            if isinstance(value, str | int | float):
                notes[f"{part} {key}"] = str(value)
            else:
                left.append(Unmapped((*at, part, key), "it is not a string"))
    others = (key for key in result if key not in ("task", "dataset", "source", "metrics"))
    left += [Unmapped((*at, key), "a model card has no field for it") for key in others]
    return notes


def _add_evaluation(evaluations: list[dict[str, Any]], new: dict[str, Any]) -> None:
    """Append an evaluation; a second one with the same name gets a number after its name."""
    taken = {one["name"] for one in evaluations}
    name, count = new["name"], 2
    while new["name"] in taken:
        new["name"] = metrics.shorten(f"{name} ({count})")
        count += 1
    evaluations.append(new)


def _metric(row: Any, at: Path, left: list[Unmapped]) -> list[Metric]:
    name = (row.get("name") or row.get("type")) if isinstance(row, dict) else None
    if not isinstance(name, str):
        left.append(Unmapped(at, "a metric needs a type and a value"))
        return []
    left += [Unmapped((*at, key), "a metric has no field for it") for key in row if key not in READ_OF_METRICS]
    value = row.get("value")
    if isinstance(value, str) and 0 < len(value) <= metrics.MOST_NAME:
        return [{"name": metrics.shorten(name, metrics.MOST_METRIC_NAME), "type": "string", "value": value}]
    return metrics.number(name, value, (*at, "value"), left)


def _title(line: str) -> str:
    """Return a heading's text without closing `#` signs."""
    return line.removesuffix("\r").rstrip(" \t").rstrip("#").rstrip(" \t")


def _sections(draft: CardDraft, body: str) -> None:
    """Copy the text under known headings. Text over the limit is left out later, never cut."""
    blanked = _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), body)
    headings = list(_HEADING.finditer(blanked))
    if body[: headings[0].start() if headings else None].strip():
        draft.unmapped.append(Unmapped(("README",), "the text before the first heading is not imported"))
    for index, heading in enumerate(headings):
        end = headings[index + 1].start() if index + 1 < len(headings) else len(body)
        text, title = body[heading.end() : end].replace("\r\n", "\n").strip(), _title(heading.group(2))
        place = SECTIONS.get(title.lower())
        if place and text and place[1] not in draft.content.get(place[0], {}):
            _put(draft, *place, text)
        elif text:
            draft.unmapped.append(Unmapped(("README", title[:60]), "a model card has no field for this section"))
        if heading.group(1) == "#" and not draft.content.get("model_overview", {}).get("model_name"):
            _put(draft, "model_overview", "model_name", title)
            draft.name = draft.name or make_name(title)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


READ_OF_METRICS = frozenset({"name", "type", "value"})
METADATA: dict[str, Callable[[CardDraft, Any, Path], None]] = {
    "pipeline_tag": _problem_type,
    "datasets": _datasets,
    "model-index": _model_index,
}
