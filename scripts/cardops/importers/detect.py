"""A file from elsewhere as drafts of cards: what the file is, by its content."""

import re

from cardops.desired.schema import validator as schema
from cardops.importers import cloudformation, huggingface
from cardops.importers import sagemaker_json as sdk
from cardops.importers.drafts import CardDraft
from cardops.importers.json_reader import parse_json
from cardops.importers.lenient_yaml import parse_yaml
from cardops.strict_yaml.errors import YamlError

LOOKED_FOR = (
    "model card content or the answer of describe-model-card (JSON), a CloudFormation template with an "
    f"{cloudformation.TYPE} (JSON or YAML), or a README.md with YAML metadata"
)


def convert_file(data: bytes) -> list[CardDraft]:
    """The cards that a file describes. Raises Refused for a file that is broken or none of the known ones."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"---[ \t]*\r?\n", start) and re.search(rb"^---[ \t]*\r?$", start[3:], re.MULTILINE):
        return [huggingface.convert_readme(start)]
    document = parse_json(data) if start[:1] in (b"{", b"[") else parse_yaml(data)
    if isinstance(document, dict):
        if drafts := cloudformation.convert_template(document):
            return drafts
        if "Content" in document:
            return [sdk.convert_answer(document)]
        if document.keys() & schema.schema("card")["properties"]["content"]["properties"].keys():
            return [CardDraft("", document)]
    raise YamlError("import/unknown-file", 1, 1, "the file describes no model card", f"looked for: {LOOKED_FOR}")
