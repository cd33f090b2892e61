"""Import `aws_sagemaker_model_card` resources from the output of `terraform show -json`.

Source: Terraform's JSON output format (`values` and `planned_values`) and the AWS provider's resource page.
"""

from collections.abc import Iterator
from typing import Any

from cardops.importers.drafts import CardDraft
from cardops.importers.json_reader import parse_json
from cardops.importers.sagemaker_json import became_draft
from cardops.importers.unmapped import Unmapped
from cardops.strict_yaml.errors import YamlError

TYPE = "aws_sagemaker_model_card"
COMPUTED = frozenset({"id", "arn", "model_card_arn", "model_card_version", "tags_all", "region", "timeouts"})
MAX_MODULES = 1_000


def is_state(document: dict[str, Any]) -> bool:
    """Return True for the output of `terraform show -json`, of a state or of a plan."""
    return "format_version" in document and bool(document.keys() & {"values", "planned_values"})


def is_configuration(document: dict[str, Any]) -> bool:
    """Return True for Terraform's configuration in JSON syntax."""
    resource = document.get("resource")
    return isinstance(resource, dict) and TYPE in resource


def convert_state(document: dict[str, Any]) -> list[CardDraft]:
    """Convert each model card of a state or plan to a draft. Raises YamlError for content that is not JSON."""
    values = document.get("values") or document.get("planned_values")
    root = values.get("root_module") if isinstance(values, dict) else None
    return [_draft(resource) for resource in _resources(root) if resource.get("type") == TYPE]


def _resources(root: Any) -> Iterator[dict[str, Any]]:
    modules = [root]
    for module in modules:
        if not isinstance(module, dict) or len(modules) > MAX_MODULES:
            continue
        modules += module.get("child_modules") or []
        yield from (one for one in module.get("resources") or [] if isinstance(one, dict))


def _draft(resource: dict[str, Any]) -> CardDraft:
    given = resource.get("values")
    values: dict[str, Any] = given if isinstance(given, dict) else {}
    at = (str(resource.get("address") or TYPE),)
    text = values.get("content")
    content = parse_json(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else {}
    if not isinstance(content, dict):
        raise YamlError("file/not-json", 1, 1, f"the content of {at[0]} is not a JSON object")
    draft = CardDraft(str(values.get("model_card_name") or ""), content)
    for key, value in values.items():
        if key == "security_config":
            blocks = value if isinstance(value, list) else [value]
            draft.kms_key_id = next((str(one["kms_key_id"]) for one in blocks if _has_key(one)), "")
        elif key == "tags" and isinstance(value, dict):
            draft.tags = {str(name): str(text) for name, text in value.items()}
        elif key == "model_card_status":
            draft.unmapped += became_draft((*at, key), value)
        elif key not in COMPUTED | {"content", "model_card_name"} and value is not None:
            draft.unmapped.append(Unmapped((*at, key), "cardops does not know this argument"))
    return draft


def _has_key(block: Any) -> bool:
    return isinstance(block, dict) and bool(block.get("kms_key_id"))
