"""Detect the format of a file by its name and content, and convert its cards."""

import re
from typing import Any

from cardops.desired.schema import validator
from cardops.importers import cloudformation, huggingface, model_package, sagemaker_json, terraform
from cardops.importers.drafts import CardDraft
from cardops.importers.json_reader import parse_json
from cardops.importers.lenient_yaml import parse_yaml
from cardops.model.desired import Config
from cardops.strict_yaml.errors import YamlError

LOOKED_FOR = (
    "model card content, the answer of describe-model-card or describe-model-package (JSON), a CloudFormation template "
    f"with an {cloudformation.TYPE} (JSON or YAML), the output of `terraform show -json`, or a README.md"
)
MARKDOWN = (".md", ".markdown")
TERRAFORM = (".tf", ".tf.json")
SHOW = "run `terraform show -json > state.json` and import that file"


def convert_file(data: bytes, name: str = "", config: Config | None = None) -> list[CardDraft]:
    """Convert a file to card drafts. `config` resolves the account and region that a template refers to.

    Raises YamlError for a broken file or an unknown format.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    start = text.lstrip()
    if _is_markdown(start, name):
        return [huggingface.convert_readme(text)]
    if name.lower().endswith(TERRAFORM):
        raise _unknown("this is Terraform's configuration, whose values only Terraform can compute", SHOW)
    document = parse_json(data) if start[:1] in (b"{", b"[") else parse_yaml(data)
    if drafts := _convert(document, config):
        return drafts
    raise _unknown("this file does not describe a model card", f"looked for: {LOOKED_FOR}")


def _is_markdown(start: bytes, name: str) -> bool:
    """Return True for a Markdown file by its name, front matter, or first heading."""
    front = re.match(rb"---[ \t]*\r*\n", start) and re.search(rb"^---[ \t]*\r*$", start[3:], re.MULTILINE)
    return (
        name.lower().endswith(MARKDOWN)
        or bool(front)
        or (re.match(rb"#{1,6} \S", start) is not None and _no_keys(start))
    )


def _no_keys(start: bytes) -> bool:
    """Return True unless the text has a line like `key: value`, because `#` also starts a YAML comment."""
    return re.search(rb"^[A-Za-z_$\"'][\w.$\"'-]*:(?:[ \t]|\r?$)", start, re.MULTILINE) is None


def _convert(document: Any, config: Config | None) -> list[CardDraft]:
    if not isinstance(document, dict):
        return []
    if "TemplateBody" in document:
        return _template(document["TemplateBody"], config)
    if drafts := cloudformation.convert_template(document, config):
        return drafts
    if terraform.is_state(document):
        return terraform.convert_state(document)
    if terraform.is_configuration(document):
        raise _unknown("this is Terraform's configuration, whose values only Terraform can compute", SHOW)
    if model_package.is_package(document):
        return [model_package.convert_package(document)]
    if "Content" in document:
        return [sagemaker_json.convert_answer(document)]
    if document.keys() & validator.schema("card")["properties"]["content"]["properties"].keys():
        return [CardDraft("", document)]
    return []


def _template(body: Any, config: Config | None) -> list[CardDraft]:
    """Convert the output of `aws cloudformation get-template`, whose body is an object or text."""
    if isinstance(body, str):
        body = parse_json(body.encode()) if body.lstrip()[:1] == "{" else parse_yaml(body.encode())
    return cloudformation.convert_template(body, config) if isinstance(body, dict) else []


def _unknown(message: str, hint: str) -> YamlError:
    return YamlError("import/unknown-file", 1, 1, message, hint)
