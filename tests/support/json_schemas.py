"""The published JSON schemas, and documents held against them."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[2] / "policies" / "schemas"


def fits(name: str, text: str) -> Any:
    """The document, after it was held against its schema."""
    document = json.loads(text)
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text())).validate(document)
    return document
