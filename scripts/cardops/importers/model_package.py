"""Import the model card of a model package version from the answer of DescribeModelPackage.

Source: the SageMaker API reference, `DescribeModelPackage` (ModelCard.ModelCardContent, ModelCardStatus).
"""

from typing import Any

from cardops.importers.drafts import CardDraft
from cardops.importers.json_reader import parse_json
from cardops.importers.sagemaker_json import became_draft
from cardops.importers.unmapped import Unmapped
from cardops.strict_yaml.errors import YamlError


def is_package(document: dict[str, Any]) -> bool:
    """Return True for a described model package version."""
    return "ModelPackageGroupName" in document and isinstance(document.get("ModelCard"), dict)


def convert_package(document: dict[str, Any]) -> CardDraft:
    """Convert a package's own card to a draft that governs the package. Raises YamlError for broken content."""
    given = document["ModelCard"]
    text = given.get("ModelCardContent", "{}")
    content = parse_json(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else text
    if not isinstance(content, dict):
        raise YamlError("file/not-json", 1, 1, "ModelCardContent is not a JSON object")
    group, version = str(document["ModelPackageGroupName"]), document.get("ModelPackageVersion")
    nest_objective(content)
    draft = CardDraft(group, content)
    if isinstance(version, int) and not isinstance(version, bool) and version > 0:
        draft.model_package = {"group": group, "version": version}
    else:
        draft.unmapped.append(Unmapped(("ModelPackageVersion",), "without a version the package cannot be governed"))
    draft.unmapped += became_draft(("ModelCard", "ModelCardStatus"), given.get("ModelCardStatus"))
    return draft


def nest_objective(content: dict[str, Any]) -> None:
    """Turn the flat objective function of a package's card into the nested one of a model card, in place."""
    training = content.get("training_details")
    objective = training.get("objective_function") if isinstance(training, dict) else None
    if isinstance(objective, dict) and isinstance(objective.get("function"), str):
        flat = {key: objective.pop(key) for key in ("function", "facet", "condition") if key in objective}
        objective["function"] = flat
