"""Model card JSON as SageMaker's API and Python SDK write it: DescribeModelCard's answer, a request, or content."""

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
"""What a new card gets anew."""


def convert_answer(document: dict[str, Any]) -> CardDraft:
    """DescribeModelCard's answer, or CreateModelCard's request. Raises Refused for content that is no JSON object."""
    text = document["Content"]
    content = parse_json(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else text
    if not isinstance(content, dict):
        raise YamlError("file/not-json", 1, 1, "Content is no JSON object", "export the card with describe-model-card")
    draft = CardDraft(str(document.get("ModelCardName", "")), content)
    for key, value in document.items():
        if key == "SecurityConfig" and isinstance(value, dict):
            draft.kms_key_id = str(value.get("KmsKeyId", ""))
        elif key == "Tags" and isinstance(value, list):
            draft.tags = read_tags(value)
        elif key == "ModelCardStatus":
            draft.unmapped += became_draft((key,), value)
        elif key not in ANSWER | DROPPED:
            draft.unmapped.append(Unmapped((key,), "cardops knows no such part of a card"))
    return draft


def read_tags(rows: list[Any]) -> dict[str, str]:
    """AWS's list of Key and Value; what lacks one of them is no tag."""
    pairs = (row for row in rows if isinstance(row, dict) and row.keys() >= {"Key", "Value"})
    return {str(row["Key"]): str(row["Value"]) for row in pairs}


def became_draft(path: tuple[str, ...], status: Any) -> list[Unmapped]:
    """The line that says that an imported card starts as Draft, whatever it was."""
    return [] if status == "Draft" else [Unmapped(path, "the card starts as Draft; a review moves it on")]
