"""Whatever a file holds, the converters end with valid metric groups or cards, or with an error of ours."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cardops.desired.checks import content as rules
from cardops.desired.schema import validator as schema
from cardops.evidence.reports import CONVERTERS, UnknownReport, convert_report
from cardops.importers.detect import convert_file
from cardops.importers.drafts import declare_draft
from cardops.importers.json_reader import parse_json
from cardops.importers.unmapped import Inexpressible
from cardops.importers.yaml_writer import write
from cardops.strict_yaml.errors import YamlError
from support.profiles import examples

KEYS = [
    *CONVERTERS,
    *("facets", "label", "metrics", "name", "value", "value_or_threshold", "metric_data", "type", "x_axis_name"),
    *("kernel_shap", "pdp", "global_shap_values", "expected_value", "global_top_shap_text", "feature_values"),
    *("data_type", "data_distribution", "model_predictions", "label_headers", "confusion_matrix", "auc"),
    *("standard_deviation", "receiver_operating_characteristic_curve", "true_positive_rates", "recalls", ""),
    *("Resources", "Type", "Properties", "Content", "ModelOverview", "ModelName", "Ref", "Fn::Sub", "Fn::Join"),
    *("model_overview", "evaluation_details", "model_name", "metric_groups", "Tags", "Parameters", "Default"),
    *("model-index", "results", "task", "dataset", "source", "license", "tags", "datasets", "pipeline_tag"),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=70),
    st.sampled_from(["numerical", "categorical", "matrix", "number", "AWS::SageMaker::ModelCard", "NaN", "Name"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


@examples(100)
@given(part=st.sampled_from(sorted(CONVERTERS)), value=VALUES)
def test_any_report_gives_valid_groups(part: str, value: Any) -> None:
    try:
        groups = convert_report(parse_json(json.dumps({part: value}).encode())).groups
    except (UnknownReport, YamlError):
        return
    content = {"evaluation_details": [{"name": "x", "metric_groups": groups}]}
    assert schema.check("card", {"name": "x", "status": "Draft", "owner": "x", "content": content}) == []
    assert list(rules.check_evaluations(content)) == []


@examples(100)
@given(value=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5), readme=st.booleans())
def test_any_file_gives_valid_cards(value: Any, readme: bool) -> None:
    text = json.dumps(value)
    try:
        drafts = convert_file((f"---\n{text}\n---\n# A\n" if readme else text).encode())
        declared = [declare_draft(draft, "x", "team-a")[0] for draft in drafts]
        for card in declared:
            assert schema.check("card", card) == []
            write(card, "card")
    except (YamlError, Inexpressible):
        return
