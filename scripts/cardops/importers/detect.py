"""Detect the format of a file by its content and convert its cards."""

import re

from cardops.desired.schema import validator
from cardops.importers import cloudformation, huggingface, sagemaker_json
from cardops.importers.drafts import CardDraft
from cardops.importers.json_reader import parse_json
from cardops.importers.lenient_yaml import parse_yaml
from cardops.strict_yaml.errors import YamlError

LOOKED_FOR = (
    "model card content or the answer of describe-model-card (JSON), a CloudFormation template with an "
    f"{cloudformation.TYPE} (JSON or YAML), or a README.md with YAML metadata"
)


def convert_file(data: bytes) -> list[CardDraft]:
    """Convert a file to card drafts. Raises YamlError for a broken file or an unknown format."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"---[ \t]*\r?\n", start) and re.search(rb"^---[ \t]*\r?$", start[3:], re.MULTILINE):
        return [huggingface.convert_readme(start)]
    document = parse_json(data) if start[:1] in (b"{", b"[") else parse_yaml(data)
    if isinstance(document, dict):
        if drafts := cloudformation.convert_template(document):
            return drafts
        if "Content" in document:
            return [sagemaker_json.convert_answer(document)]
        if document.keys() & validator.schema("card")["properties"]["content"]["properties"].keys():
            return [CardDraft("", document)]
    raise YamlError(
        "import/unknown-file", 1, 1, "this file does not describe a model card", f"looked for: {LOOKED_FOR}"
    )
