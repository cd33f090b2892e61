"""Import model card JSON as SageMaker's API and Python SDK write it: an answer, a request, or content."""

from typing import Any

from cardops.importers.drafts import CardDraft
from cardops.importers.json_reader import parse_json
from cardops.importers.unmapped import Unmapped
from cardops.strict_yaml.errors import YamlError

ANSWER = frozenset({"ModelCardName", "Content"})
DROPPED = frozenset(
    {
        "CreatedBy",
        "CreationTime",
        "LastModifiedBy",
        "LastModifiedTime",
        "ModelCardArn",
        "ModelCardVersion",
        "ModelCardProcessingStatus",
        "ResponseMetadata",
    }
)
"""Fields that SageMaker sets for a new card."""


def convert_answer(document: dict[str, Any]) -> CardDraft:
    """Convert DescribeModelCard's answer or CreateModelCard's request. Raises YamlError for broken content."""
    text = document["Content"]
    content = parse_json(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else text
    if not isinstance(content, dict):
        raise YamlError(
            "file/not-json", 1, 1, "Content is not a JSON object", "export the card with describe-model-card"
        )
    draft = CardDraft(str(document.get("ModelCardName", "")), content)
    for key, value in document.items():
        if key == "SecurityConfig" and isinstance(value, dict):
            draft.kms_key_id = str(value.get("KmsKeyId", ""))
        elif key == "Tags" and isinstance(value, list):
            draft.tags = read_tags(value)
        elif key == "ModelCardStatus":
            draft.unmapped += became_draft((key,), value)
        elif key not in ANSWER | DROPPED:
            draft.unmapped.append(Unmapped((key,), "cardops does not know this part of a card"))
    return draft


def read_tags(rows: list[Any]) -> dict[str, str]:
    """Convert AWS's list of Key and Value to a mapping. Entries without one of them are skipped."""
    pairs = (row for row in rows if isinstance(row, dict) and row.keys() >= {"Key", "Value"})
    return {str(row["Key"]): str(row["Value"]) for row in pairs}


def became_draft(path: tuple[str, ...], status: Any) -> list[Unmapped]:
    """Report that an imported card starts as Draft, whatever its status was."""
    return [] if status == "Draft" else [Unmapped(path, "the card starts as Draft; a review moves it on")]
