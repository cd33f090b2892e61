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
from cardops.importers.readme_sections import split_sections
from cardops.importers.unmapped import Unmapped
from cardops.strict_yaml.errors import MAX_BYTES, YamlError

DESCRIPTION = ("model_overview", "model_description")
SECTIONS = {
    "model description": DESCRIPTION,
    "model details": DESCRIPTION,
    "model summary": DESCRIPTION,
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
PLACEHOLDERS = frozenset(
    {"", "more information needed", "information needed", "needs more information", "todo", "tbd", "n a", "na", "none"}
    | {"coming soon", "to be completed", "to be added", "work in progress", "wip"}
)
"""Template texts that say nothing. They are left out, so that a rule can ask for the real text."""
MAX_PLACEHOLDER = 200

FENCE = re.compile(r"\A---[ \t]*\n")
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)(?:^|\n)---[ \t]*(?:\n|\Z)(.*)\Z", re.DOTALL | re.MULTILINE)


def convert_readme(data: bytes) -> CardDraft:
    """Convert a README.md to a draft. Metadata between `---` lines is optional. Raises YamlError."""
    text = _decode(data)
    found = _FRONT.match(text)
    if FENCE.match(text) and not found:
        raise YamlError(
            "file/not-yaml", 1, 1, "the closing --- line of the metadata is missing", "add it below the metadata"
        )
    draft = CardDraft("", {})
    _metadata(draft, found.group(1) if found else "")
    _sections(draft, found.group(2) if found else text)
    return draft


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise YamlError("file/not-yaml", 1, 1, f"the file has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise YamlError("file/not-yaml", 1, 1, "the file is not valid UTF-8", "save it as UTF-8") from None
    return re.sub(r"\r+\n|\r", "\n", text)


def _metadata(draft: CardDraft, text: str) -> None:
    """Read the metadata. Metadata that is not valid costs itself, not the text below it."""
    try:
        metadata = parse_yaml(b"\n" + text.encode()) if text.strip() else {}
    except YamlError as problem:
        draft.unmapped.append(Unmapped(("metadata",), f"line {problem.line}: {problem.message}"))
        return
    if not isinstance(metadata, dict):
        draft.unmapped.append(Unmapped(("metadata",), "it is not a mapping"))
        return
    for key, value in metadata.items():
        if key in METADATA:
            METADATA[key](draft, value, (key,))
        elif key in DETAILS:
            _detail(draft, key, value)
        else:
            draft.unmapped.append(Unmapped((key,), "a model card has no field for it"))


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


def _sections(draft: CardDraft, body: str) -> None:
    """Copy the text under known headings, with the unknown headings below them.

    Without a description of its own, the text under the first heading describes the model.
    """
    sections = split_sections(body)
    headings = [at for at, one in enumerate(sections) if one.level]
    first = next((at for at in headings if sections[at].level == 1), None)
    described = any(SECTIONS.get(one.title.lower()) == DESCRIPTION and _says_something(one.text) for one in sections)
    owner: list[tuple[int, tuple[str, str]]] = []
    texts: dict[tuple[str, str], list[str]] = {}
    for at, one in enumerate(sections):
        while owner and owner[-1][0] >= one.level:
            owner.pop()
        place = SECTIONS.get(one.title.lower())
        if place and place in texts and (not owner or owner[-1][1] != place):
            place = None
        elif place is None and owner:
            texts[owner[-1][1]].append(f"{'#' * one.level} {one.title}\n{one.text}".strip())
            continue
        if at == first and place is None:
            _name(draft, one.title)
            place = None if described else DESCRIPTION
            if place and _says_something(one.text):
                texts.setdefault(place, []).append(one.text)
                continue
        if place:
            owner.append((one.level, place))
            texts.setdefault(place, []).append(one.text)
        elif one.text:
            if not headings:
                texts[DESCRIPTION] = [one.text]
                continue
            why = "a model card has no field for this section" if one.level else "it comes before the first heading"
            draft.unmapped.append(Unmapped(("README", *([one.title[:60]] if one.level else ["text"])), why))
    for place, parts in texts.items():
        _put_text(draft, place, "\n\n".join(filter(_says_something, parts)))


def _name(draft: CardDraft, title: str) -> None:
    if not draft.content.get("model_overview", {}).get("model_name") and title:
        _put(draft, "model_overview", "model_name", title)
        draft.name = draft.name or make_name(title)


def _put_text(draft: CardDraft, place: tuple[str, str], text: str) -> None:
    if text:
        _put(draft, *place, text)
    else:
        draft.unmapped.append(Unmapped(("README", *place), "the section is empty or only a placeholder"))


def _says_something(text: str) -> bool:
    words = " ".join(re.findall(r"[^\W_]+", text)) if len(text) <= MAX_PLACEHOLDER else text
    return words.lower() not in PLACEHOLDERS


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


READ_OF_METRICS = frozenset({"name", "type", "value"})
METADATA: dict[str, Callable[[CardDraft, Any, Path], None]] = {
    "pipeline_tag": _problem_type,
    "datasets": _datasets,
    "model-index": _model_index,
}
