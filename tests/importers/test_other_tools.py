"""Files of other tools: Terraform, CloudFormation's own commands, the model registry, and AWS's SDK."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardops.importers.detect import convert_file
from cardops.importers.drafts import CardDraft, declare_draft
from cardops.strict_yaml.errors import YamlError
from support.builders import config

CONTENT = {"model_overview": {"model_name": "Lead ranker"}}
CARD = {"Type": "AWS::SageMaker::ModelCard", "Properties": {"ModelCardName": "lead", "Content": {}}}
SHARE = {"Type": "AWS::RAM::ResourceShare", "Properties": {"Name": "lead"}}


def convert(document: Any, name: str = "file.json") -> list[CardDraft]:
    return convert_file(json.dumps(document).encode(), name, config())


def test_terraforms_state_gives_a_draft_for_each_card_of_each_module() -> None:
    def card(name: str, **values: Any) -> dict[str, Any]:
        given = {"model_card_name": name, "content": json.dumps(CONTENT), "model_card_status": "Approved"} | values
        return {"address": f"aws_sagemaker_model_card.{name}", "type": "aws_sagemaker_model_card", "values": given}

    child = {"resources": [card("b", security_config=[{"kms_key_id": "alias/k"}], tags={"team": "x"})]}
    root = {"resources": [{"type": "aws_iam_role"}, card("a")], "child_modules": [child]}
    for key in ("values", "planned_values"):
        first, second = convert({"format_version": "1.0", key: {"root_module": root}})
        assert (first.name, first.content) == ("a", CONTENT)
        assert (second.kms_key_id, second.tags) == ("alias/k", {"team": "x"})
        assert [str(one) for one in first.unmapped] == [
            "aws_sagemaker_model_card.a.model_card_status: the card starts as Draft; a review moves it on"
        ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("main.tf", b'resource "aws_sagemaker_model_card" "this" {}\n'),
        ("main.tf.json", b"{}"),
        ("main.json", json.dumps({"resource": {"aws_sagemaker_model_card": {}}}).encode()),
    ],
)
def test_terraforms_configuration_says_what_to_run(name: str, data: bytes) -> None:
    with pytest.raises(YamlError) as refused:
        convert_file(data, name)
    assert refused.value.hint == "run `terraform show -json > state.json` and import that file"


def test_a_model_packages_own_card_becomes_a_draft_that_governs_the_package() -> None:
    objective = {"function": "Minimize", "facet": "Loss", "condition": "none"}
    content = CONTENT | {"training_details": {"objective_function": objective | {"notes": "n"}}}
    package = {
        "ModelPackageGroupName": "lead",
        "ModelPackageVersion": 3,
        "ModelCard": {"ModelCardStatus": "Draft", "ModelCardContent": json.dumps(content)},
    }
    (draft,) = convert(package)
    value, left = declare_draft(draft, "lead", "team-leads")
    assert value["model_package"] == {"group": "lead", "version": 3}
    assert value["content"]["training_details"]["objective_function"] == {"function": objective, "notes": "n"}
    assert left == []


@pytest.mark.parametrize("kind", ["AWS::RAM::ResourceShare", "AWS::RAM::Permission"])
def test_shares_of_a_template_are_named(kind: str) -> None:
    (draft,) = convert({"Resources": {"Share": SHARE | {"Type": kind}, "Card": CARD}})
    assert any(str(one).startswith("Resources.Share: shares are not imported from templates") for one in draft.unmapped)
    with pytest.raises(YamlError, match="has shares but no model card"):
        convert({"Resources": {"Share": SHARE}})


@pytest.mark.parametrize("as_text", [json.dumps, lambda body: body])
def test_the_answer_of_get_template_is_read(as_text: Any) -> None:
    (draft,) = convert({"TemplateBody": as_text({"Resources": {"Card": CARD}})})
    assert draft.name == "lead"


def test_pseudo_parameters_come_from_the_configuration() -> None:
    content = {"ModelOverview": {"ModelOwner": {"Fn::Sub": "${AWS::AccountId} in ${AWS::Region}"}}}
    card = CARD | {"Properties": {"ModelCardName": "lead", "Content": content}}
    (draft,) = convert({"Resources": {"Card": card}})
    home = config().accounts[config().home].id
    assert draft.content["model_overview"]["model_owner"] == f"{home} in {config().region}"


def test_scalars_of_a_template_take_the_types_of_the_schema() -> None:
    metrics = [
        {"Name": "auc", "Type": "number", "Value": "0.91"},
        {"Name": "grade", "Type": "string", "Value": 7},
        {"Name": "passed", "Type": "boolean", "Value": "true"},
    ]
    content = {
        "ModelOverview": {"ModelVersion": "3", "ModelName": 12},
        "EvaluationDetails": [{"Name": "e", "MetricGroups": [{"Name": "g", "MetricData": metrics}]}],
    }
    (draft,) = convert({"Resources": {"Card": CARD | {"Properties": {"ModelCardName": "x", "Content": content}}}})
    value, left = declare_draft(draft, "x", "team-leads")
    assert left == []
    assert value["content"]["model_overview"] == {"model_version": 3, "model_name": "12"}
    rows = value["content"]["evaluation_details"][0]["metric_groups"][0]["metric_data"]
    assert [row["value"] for row in rows] == [0.91, "7", True]


def test_an_anchor_in_another_resource_costs_nothing() -> None:
    template = b"""
Mappings: &shared {a: {b: c}}
Resources:
  Other: {Type: "AWS::S3::Bucket", Metadata: *shared}
  Card:
    Type: AWS::SageMaker::ModelCard
    Properties: {ModelCardName: lead, Content: {ModelOverview: {ModelName: Lead}}}
"""
    (draft,) = convert_file(template, "template.yaml")
    assert draft.content == {"model_overview": {"model_name": "Lead"}}


@pytest.mark.parametrize("length", [63, 64, 200])
def test_group_names_that_awss_sdk_writes_stay(length: int) -> None:
    groups = [{"name": "g" * length, "metric_data": []}]
    content = {"evaluation_details": [{"name": "bias", "metric_groups": groups}]}
    value, left = declare_draft(CardDraft("x", content), "x", "team-leads")
    assert (value["content"], left) == (content, [])


def test_content_over_the_limit_loses_its_largest_evaluations_only() -> None:
    def evaluation(name: str, size: int) -> dict[str, Any]:
        metadata = {f"key-{at}": "x" * 1_000 for at in range(size)}
        return {"name": name, "metadata": metadata}

    content = {"evaluation_details": [evaluation("small", 10), evaluation("large", 70), evaluation("mid", 40)]}
    value, left = declare_draft(CardDraft("x", content), "x", "team-leads")
    assert [one["name"] for one in value["content"]["evaluation_details"]] == ["small", "mid"]
    assert [str(one) for one in left] == [
        "content.evaluation_details[1]: the content would exceed the limit of 100,000 characters"
    ]


def test_content_over_the_limit_without_evaluations_loses_its_longest_texts() -> None:
    details = {f"detail-{at}": "x" * (500 + at) for at in range(250)}
    value, left = declare_draft(CardDraft("x", {"additional_information": {"custom_details": details}}), "x", "t")
    kept = value["content"]["additional_information"]["custom_details"]
    assert 0 < len(left) < 250
    assert len(kept) == 250 - len(left)
    assert "detail-249" not in kept
    assert "detail-0" in kept


@pytest.mark.parametrize("bad", ["a \x80 b", "a \x0c b", "half \ud83d emoji"])
def test_a_text_that_yaml_cannot_hold_costs_that_text(bad: str) -> None:
    metric = {"name": "auc", "type": "number", "value": 0.9, "notes": bad}
    content = CONTENT | {
        "intended_uses": {"intended_uses": bad, "purpose_of_model": "ranks"},
        "evaluation_details": [{"name": "e", "metric_groups": [{"name": "g", "metric_data": [metric]}]}],
    }
    value, left = declare_draft(CardDraft("x", content), "x", "team-leads")
    assert value["content"]["intended_uses"] == {"purpose_of_model": "ranks"}
    assert value["content"]["evaluation_details"][0]["metric_groups"][0]["metric_data"][0]["value"] == 0.9
    assert {str(one).split(": ")[0] for one in left} == {
        "content.intended_uses.intended_uses",
        "content.evaluation_details[0].metric_groups[0].metric_data[0].notes",
    }


def test_the_file_name_decides_where_a_comment_could_be_a_heading(tmp_path: Path) -> None:
    template = (
        b"# a comment\nResources:\n  Card: {Type: AWS::SageMaker::ModelCard, Properties: {ModelCardName: lead}}\n"
    )
    assert convert_file(template, "template.yaml")[0].name == "lead"
    assert convert_file(b"# Lead ranker\n\nRanks leads.\n", "card")[0].called == "Lead-ranker"
