"""The schemas are well formed, described for editors, published, and say what AWS says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import cfnlint
import pytest
from jsonschema import Draft202012Validator

from cardops.desired.schema.validator import FOLDER, Kind, schema
from cardops.model.desired import Status
from cardops.model.permissions import MANAGED

ROOT = Path(__file__).parents[2]
KINDS = get_args(Kind)
CFN_PROVIDER = Path(cfnlint.__file__).parent / "data" / "schemas"
Facts = dict[str, Any]

# Where the schema is not CloudFormation's, and why.
INTENDED: dict[str, str] = {
    "evaluation_details[].metric_groups[].name.maxLength": "AWS's SDK writes longer names",
    # AWS's own text says numbers; CloudFormation also lets strings through, which the console cannot draw.
    "evaluation_details[].metric_groups[].metric_data[bar_chart].value[].type": "numbers only, as in AWS's SDK schema",
    "evaluation_details[].metric_groups[].metric_data[linear_graph].value[][].type": "numbers only",
    "evaluation_details[].metric_groups[].metric_data[matrix].value[][].type": "numbers only",
    # AWS's SDK schema requires only the name, and allows an empty value.
    "training_details.training_job_details.hyper_parameters[].required": "a value is optional",
    "training_details.training_job_details.user_provided_hyper_parameters[].required": "a value is optional",
    "training_details.training_job_details.hyper_parameters[].value.minLength": "a value may be empty",
    "training_details.training_job_details.user_provided_hyper_parameters[].value.minLength": "a value may be empty",
}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def cloudformation() -> dict[str, Any]:
    index = json.loads((CFN_PROVIDER / "providers" / "us-east-1.json").read_text())
    name = index["AWS::SageMaker::ModelCard"]
    loaded: dict[str, Any] = json.loads((CFN_PROVIDER / "resources" / f"{name}.json").read_text())
    return loaded


def resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def limits(node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Type, limits, enums and required keys of one node; `.{1,63}` is what its authors mean by lengths."""
    if meant := re.fullmatch(r"\.\{(\d+),(\d+)\}", node.get("pattern", "")):
        node = {**node, "minLength": int(meant[1]), "maxLength": int(meant[2])}
    for key in ("type", "minimum", "maxLength", "minItems", "maxItems"):
        if key in node and not (key == "maxItems" and node.get("type") == "object"):
            yield key, node[key]
    if node.get("minLength"):
        yield "minLength", node["minLength"]
    if "enum" in node:
        yield "enum", sorted(node["enum"])
    if "required" in node:
        yield "required", sorted(snake(name) for name in node["required"])
    if node.get("type") == "object" and "properties" in node:
        yield "closed", node.get("additionalProperties") is False
    alternatives = [option for option in node.get("anyOf", ()) if "$ref" not in option]
    if alternatives:
        yield "type", sorted(option["type"] for option in alternatives)


def facts(node: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    node = resolved(node, root)
    for key, value in limits(node):
        yield f"{path}.{key}", value
    for name, child in node.get("properties", {}).items():
        yield from facts(child, root, f"{path}.{snake(name)}".removeprefix("."))
    if path.endswith("metric_data") and "items" in node:
        for kind, form in metric_forms(resolved(node["items"], root), root):
            yield from facts(form, root, f"{path}[{kind}]")
    elif "items" in node:
        if "maxItems" in node["items"] and "$ref" in node["items"]:
            yield f"{path}.maxItems", node["items"]["maxItems"]  # they mean the list: on its items it limits nothing
        yield from facts(node["items"], root, f"{path}[]")
    for child in (node.get("additionalProperties"), *node.get("patternProperties", {}).values()):
        if isinstance(child, dict):
            yield from facts(child, root, f"{path}{{}}")


def metric_forms(node: dict[str, Any], root: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A metric's schema for each type: CloudFormation has four alternatives, ours is discriminated by type."""
    for option in node.get("anyOf", ()):
        form = resolved(option, root)
        for kind in form["properties"]["Type"]["enum"]:
            value = form["properties"]["Value"]
            if "anyOf" in value:
                [value] = [one for one in value["anyOf"] if one["type"] == kind]
            yield kind, {**form, "properties": {**form["properties"], "Type": {}, "Value": value}}
    for rule in node.get("allOf", ()):
        kind = rule["if"]["properties"]["type"]["const"]
        properties = {**node["properties"], "type": {}, **rule["then"]["properties"]}
        yield kind, {**node, "allOf": [], "properties": properties}


def test_the_content_is_what_cloudformation_documents_but_for_the_listed_differences() -> None:
    theirs_root, ours_root = cloudformation(), schema("card")
    theirs = dict(facts(theirs_root["definitions"]["Content"], theirs_root, ""))
    ours = dict(facts(ours_root["properties"]["content"], ours_root, ""))
    del theirs[".maxLength"]  # the limit on the text that is sent: content.MAX_CONTENT
    different = {key for key in theirs.keys() | ours.keys() if theirs.get(key) != ours.get(key)}
    assert different == INTENDED.keys()
    assert len(ours) > 200


def test_the_envelope_is_what_cloudformation_documents() -> None:
    theirs, ours = cloudformation(), schema("card")["properties"]
    name, tag = theirs["properties"]["ModelCardName"], theirs["definitions"]["Tag"]["properties"]
    assert (ours["name"]["pattern"], ours["name"]["maxLength"]) == (name["pattern"], name["maxLength"])
    assert ours["status"]["enum"] == theirs["properties"]["ModelCardStatus"]["enum"] == [str(one) for one in Status]
    assert ours["tags"]["propertyNames"]["maxLength"] == tag["Key"]["maxLength"]
    assert ours["tags"]["additionalProperties"]["maxLength"] == tag["Value"]["maxLength"]
    assert ours["tags"]["maxProperties"] == theirs["properties"]["Tags"]["maxItems"] - 10
    assert ours["live_sections"]["items"]["enum"] == list(ours["content"]["properties"])


def test_the_published_copies_are_the_schemas_that_ship() -> None:
    published = {path.name: path.read_bytes() for path in (ROOT / "policies" / "schemas").iterdir()}
    assert published == {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert published.keys() > {f"{kind}.schema.json" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_a_schema(kind: Kind) -> None:
    Draft202012Validator.check_schema(schema(kind))


def nodes(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            yield from nodes(child, f"{path}/{key}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from nodes(child, f"{path}/{index}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_is_described_every_object_closed_and_every_pattern_explained(kind: Kind) -> None:
    for path, node in nodes(schema(kind), ""):
        condition = "/if" in path
        for name, child in node.get("properties", {}).items() if not condition else ():
            assert child.get("description") or "$ref" in child, f"{path}/{name}"
        if node.get("type") == "object" and not condition:
            assert "additionalProperties" in node, path
        if isinstance(node.get("pattern"), str):
            assert node["patternErrorMessage"], path


def test_the_managed_permissions_are_those_whose_actions_are_known() -> None:
    levels = schema("config")["properties"]["access"]["additionalProperties"]
    assert levels["properties"]["managed"]["enum"] == list(MANAGED)
