"""Files from elsewhere as cards: what maps is mapped, what does not is named."""

import json
import re
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from cardops.desired.schema import validator as schema
from cardops.importers.cloudformation import snake
from cardops.importers.detect import convert_file
from cardops.importers.drafts import CardDraft, declare_draft, make_name
from cardops.importers.lenient_yaml import parse_yaml
from cardops.importers.yaml_writer import write
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load

IMPORTS = Path(__file__).parents[1] / "fixtures" / "imports"
PROVIDER = Path(cfnlint.__file__).parent / "data" / "schemas"
NOT_CONTENT = ("Tag", "SecurityConfig", "UserContext")


def declared(data: bytes, index: int = 0) -> tuple[dict[str, Any], list[str]]:
    """The card's value, checked to be valid and to be YAML that reads back the same, and what was left out."""
    draft: CardDraft = convert_file(data)[index]
    value, left = declare_draft(draft, make_name(draft.name) or "x", "team-a")
    assert schema.check("card", value) == []
    assert load(write(value, "card")).value == value
    return value, [str(one) for one in left]


@pytest.fixture
def template() -> bytes:
    return (IMPORTS / "template.yaml").read_bytes()


def test_a_template_becomes_a_card_in_draft(template: bytes) -> None:
    value, _ = declared(template)
    content = value.pop("content")
    assert value == {
        "name": "churn-prod",
        "status": "Draft",
        "owner": "team-a",
        "kms_key_id": "alias/model-cards",
        "tags": {"cost-center": "4711"},
    }
    assert content["model_overview"] == {
        "model_name": "churn-prod",
        "model_version": 3,
        "model_artifact": ["s3://fixed/model.tar.gz"],
    }
    assert content["intended_uses"] == {"risk_rating": "Medium", "purpose_of_model": "Ranks ${literally} for prod."}
    assert content["additional_information"] == {"custom_details": {"ReviewedBy": "Board", "SomeKey": "kept"}}
    (evaluation,) = content["evaluation_details"]
    assert evaluation["metadata"] == {"JobOwner": "team-a"}
    auc, mix = evaluation["metric_groups"][0]["metric_data"]
    assert auc == {"name": "auc", "type": "number", "value": 0.8, "x_axis_name": "n"}
    assert mix["y_axis_name"] == ["c"]


def test_what_of_a_template_is_known_only_when_it_is_deployed_is_named(template: bytes) -> None:
    _, left = declared(template)
    at = "Resources.ChurnCard.Properties"
    later = "is known only when the template is deployed"
    assert f"{at}.Content.ModelOverview.ModelOwner: Ref Owner {later}" in left
    assert f"{at}.Content.ModelOverview.ModelArtifact[0]: Fn::Sub with Bucket {later}" in left
    assert f"{at}.Content.ModelOverview.ModelDescription: Fn::If {later}" in left
    assert f"{at}.Tags[2].Value: Ref Owner {later}" in left
    assert f"{at}.Content.EvaluationDetails[0].MetricGroups[0].MetricData[2].Value: Fn::GetAtt {later}" in left
    assert f"{at}.ModelCardStatus: the card starts as Draft; a review moves it on" in left
    assert "Resources.ChurnCard.DependsOn: it configures the deployment, not the card" in left
    assert not [line for line in left if "NoValue" in line or "FactorsAffecting" in line]


def test_each_card_of_a_template_is_one_and_is_named_by_its_logical_id_at_last(template: bytes) -> None:
    value, left = declared(template, 1)
    assert (value["name"], left) == ("Second", [])
    assert len(convert_file(template)) == 2


def test_a_template_in_json_is_read_as_well() -> None:
    properties = {
        "ModelCardName": "a",
        "Content": {"ModelOverview": {"ModelId": {"Ref": "AWS::Region"}, "ModelName": "n"}},
    }
    resource = {"Type": "AWS::SageMaker::ModelCard", "Properties": properties}
    value, left = declared(json.dumps({"Resources": {"A": resource}}).encode())
    assert value["content"] == {"model_overview": {"model_name": "n"}}
    assert left[0].startswith("Resources.A.Properties.Content.ModelOverview.ModelId: Ref AWS::Region")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("XAxisName", "x_axis_name"),
        ("ModelArn", "model_arn"),
        ("HyperParameters", "hyper_parameters"),
        ("Name", "name"),
    ],
)
def test_keys_in_pascal_case(key: str, expected: str) -> None:
    assert snake(key) == expected


def test_a_readme_is_mapped_where_a_card_has_a_place() -> None:
    value, _ = declared((IMPORTS / "README.md").read_bytes())
    content = value["content"]
    assert value["name"] == "Sentiment-v2-small"
    assert content["model_overview"]["model_name"] == "Sentiment_v2 (small)"
    assert content["model_overview"]["problem_type"] == "text-classification"
    assert content["model_overview"]["model_description"].startswith("Reads a review and says")
    assert "# no heading" in content["model_overview"]["model_description"]
    assert content["intended_uses"]["intended_uses"] == "For English reviews."
    assert content["training_details"]["training_job_details"]["training_datasets"] == ["example/reviews"]
    assert content["additional_information"]["custom_details"] == {
        "license": "apache-2.0",
        "language": "en, no",
        "library_name": "transformers",
        "tags": "sentiment, 2024-05-01",
        "base_model": "example/base",
    }


def test_the_results_of_a_readme_become_evaluations() -> None:
    value, _ = declared((IMPORTS / "README.md").read_bytes())
    first, second = value["content"]["evaluation_details"]
    assert first["name"] == "Text Classification on Reviews en test"
    assert first["datasets"] == ["example/reviews"]
    assert first["metadata"]["source url"] == "https://example.org/board"
    assert first["metric_groups"] == [
        {
            "name": "text-classification",
            "metric_data": [
                {"name": "Accuracy", "type": "number", "value": 0.93},
                {"name": "f1", "type": "number", "value": 0.9},
                {"name": "wer", "type": "string", "value": "20.0 ± 1.2"},
            ],
        }
    ]
    assert second["name"] == "text-classification on Other"


def test_what_of_a_readme_has_no_place_is_named_once_each() -> None:
    _, left = declared((IMPORTS / "README.md").read_bytes())
    assert left == [
        "metrics: a model card has no field for it",
        "widget: a model card has no field for it",
        "co2_eq_emissions: it is neither a string nor a list of strings",
        "model-index[0].results[0].metrics[0].verified: a metric has no field for it",
        "model-index[0].results[0].metrics[3].value: it is empty or NaN, not a number",
        "model-index[0].results[0].dataset.args: it is not a string",
        "model-index[1]: a card describes one model; only the first is imported",
        "README.text: it comes before the first heading",
        "README.How to use: a model card has no field for this section",
    ]


@pytest.mark.parametrize("heading", ["## Limitations", "## Limitations ##", "##\tLimitations\t#  \r"])
def test_a_heading_may_be_closed_by_signs(heading: str) -> None:
    value, left = declared(f"---\nlicense: mit\n---\n{heading}\nFew data.\n".encode())
    assert value["content"]["additional_information"]["caveats_and_recommendations"] == "Few data."
    assert left == []


def test_a_heading_with_very_many_blanks_is_read_at_once() -> None:
    heading = "a" + " " * 300_000 + "x"
    _, left = declared(f"---\nlicense: mit\n---\n## {heading}\ntext\n".encode())
    assert left == [f"README.{heading[:60]}: a model card has no field for this section"]


def test_a_text_that_is_too_long_is_left_out_whole_not_cut() -> None:
    data = b"---\nlicense: mit\n---\n# Name\n## Model description\n" + b"x" * 2000 + b"\n"
    value, left = declared(data)
    assert "model_description" not in value["content"]["model_overview"]
    field = "content.model_overview.model_description"
    assert left == [f"{field}: {field} has 2,000 characters; the limit is 1,024"]


def test_content_alone_and_an_answer_with_it_are_read() -> None:
    content = {"model_overview": {"model_name": "n"}, "unknown": 1}
    alone, left = declared(json.dumps(content).encode())
    assert alone["content"] == {"model_overview": {"model_name": "n"}}
    assert left == ["content.unknown: unknown key 'unknown' in content"]
    answer = {
        "ModelCardArn": "arn:aws:sagemaker:eu-west-1:111111111111:model-card/churn",
        "ModelCardName": "churn",
        "ModelCardVersion": 3,
        "ModelCardStatus": "Draft",
        "Content": json.dumps(content),
        "SecurityConfig": {"KmsKeyId": "alias/k"},
        "Tags": [{"Key": "a", "Value": "b"}, {"Key": "bad!", "Value": "x"}],
        "CreationTime": "2026-01-01",
    }
    value, left = declared(json.dumps(answer).encode())
    assert (value["name"], value["kms_key_id"], value["tags"]) == ("churn", "alias/k", {"a": "b"})
    assert "tags.bad!: AWS does not allow this tag" in left


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "import/unknown-file"),
        (b"a: 1\n", "import/unknown-file"),
        (b"[1]", "import/unknown-file"),
        (b'{"Content": "no json"}', "file/not-json"),
        (b'{"Content": "[]"}', "file/not-json"),
        (b"a: [", "file/not-yaml"),
        (b"\xff\xfe", "file/not-yaml"),
        (b"---\nlicense: mit\n# Name\n\nAnd: text\n", "import/unknown-file"),
        (b"a: &x [1]\nb: *x\n", "import/unknown-file"),
        (b"a: *x\n", "file/not-yaml"),
        (
            b"a: &a [x]\n"
            + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 40)) for n in range(9)),
            "file/not-yaml",
        ),
        (b"a: 1\na: 2\n", "file/not-yaml"),
        (b"[" * 70 + b"]" * 70, "file/not-json"),
        (b"a: " + b"[" * 70 + b"]" * 70, "file/not-yaml"),
        (b"x: " + b"y" * 1_100_000, "file/not-yaml"),
    ],
)
def test_a_file_that_is_broken_or_something_else_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(YamlError) as refused:
        convert_file(data)
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!Join ['', [a, !Ref B]]", {"Fn::Join": ["", ["a", {"Ref": "B"}]]}),
        ("!!python/object/apply:os.system [x]", ["x"]),
        ("!!str 1", "1"),
        ("!!int 1", 1),
        ("012345678901", "012345678901"),
        ("no", "no"),
        ("0x1F", "0x1F"),
        ("True", True),
        ("-.Inf", None),
        ("2024-05-01", "2024-05-01"),
        ("'1'", "1"),
        ("1.5", 1.5),
        ("", None),
    ],
)
def test_yaml_of_others_is_read_without_making_anything_of_tags(text: str, value: Any) -> None:
    assert parse_yaml(f"a: {text}".encode()) == {"a": value}


def test_every_property_of_cloudformations_content_finds_its_place() -> None:
    index = json.loads((PROVIDER / "providers" / "us-east-1.json").read_text())
    template = json.loads((PROVIDER / "resources" / f"{index['AWS::SageMaker::ModelCard']}.json").read_text())
    ours = set(re.findall(r'"([a-z][a-z_]*)": \{', (schema.FOLDER / "card.schema.json").read_text()))
    about_cards = [template["definitions"][name] for name in template["definitions"] if name not in NOT_CONTENT]
    keys = {name for definition in about_cards for name in definition.get("properties", {})}
    assert len(keys) > 60
    assert {name for name in keys if snake(name) not in ours} == set()
