"""Cards as CloudFormation templates, for cfn-lint."""

import json
from pathlib import Path
from typing import Any

from cardops.strict_yaml.reader import load

FREE = frozenset({"metadata", "custom_details"})


def write_template(card: Path, folder: Path) -> Path:
    """The template of one card."""
    value = load(card.read_bytes()).value
    properties = {
        "ModelCardName": value["name"],
        "ModelCardStatus": value["status"],
        "Content": _pascal(value["content"]),
    }
    resources = {"Card": {"Type": "AWS::SageMaker::ModelCard", "Properties": properties}}
    target = folder / f"{card.stem}.json"
    target.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}), "utf-8")
    return target


def _pascal(value: Any) -> Any:
    """Keys in CloudFormation's spelling; those that people choose stay."""
    if isinstance(value, list):
        return [_pascal(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        "".join(part[:1].upper() + part[1:] for part in key.split("_")): item if key in FREE else _pascal(item)
        for key, item in value.items()
    }
