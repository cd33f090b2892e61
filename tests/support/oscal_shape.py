"""The part of OSCAL's assessment results (1.1.2) that reports use, written down strictly: nothing else may stand there.

https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-reference/
"""

from typing import Any

from jsonschema import Draft202012Validator

UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"}
TOKEN = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9._-]*$"}
LINE = {"type": "string", "pattern": "^\\S(.*\\S)?$"}
MARKUP = {"type": "string", "minLength": 1}
MOMENT = {"type": "string", "pattern": "^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z$"}
HREF = {"type": "string", "minLength": 1, "pattern": "^\\S+$"}


def exactly(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def some(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": of}


CONTROL = exactly({"control-id": TOKEN})
SELECTION = exactly(
    {},
    {
        "description": MARKUP,
        "include-all": exactly({}),
        "include-controls": some(CONTROL),
        "exclude-controls": some(CONTROL),
    },
)
PROP = exactly({"name": TOKEN, "value": LINE}, {"ns": HREF})
OBSERVATION = exactly(
    {
        "uuid": UUID,
        "description": MARKUP,
        "methods": some({"enum": ["EXAMINE", "INTERVIEW", "TEST", "UNKNOWN"]}),
        "collected": MOMENT,
    },
    {
        "title": LINE,
        "props": some(PROP),
        "types": some({"type": "string"}),
        "subjects": some(exactly({"subject-uuid": UUID, "type": TOKEN}, {"title": LINE})),
        "relevant-evidence": some(exactly({"description": MARKUP}, {"href": HREF})),
        "remarks": MARKUP,
    },
)
STATUS = exactly(
    {"state": {"enum": ["satisfied", "not-satisfied"]}},
    {"reason": {"enum": ["pass", "fail", "other"]}, "remarks": MARKUP},
)
FINDING = exactly(
    {
        "uuid": UUID,
        "title": LINE,
        "description": MARKUP,
        "target": exactly({"type": {"enum": ["objective-id", "statement-id"]}, "target-id": TOKEN, "status": STATUS}),
    },
    {"related-observations": some(exactly({"observation-uuid": UUID})), "remarks": MARKUP},
)
RESULT = exactly(
    {
        "uuid": UUID,
        "title": LINE,
        "description": MARKUP,
        "start": MOMENT,
        "reviewed-controls": exactly({"control-selections": some(SELECTION)}),
    },
    {"end": MOMENT, "observations": some(OBSERVATION), "findings": some(FINDING), "remarks": MARKUP},
)
HASH = exactly({"algorithm": {"const": "SHA-256"}, "value": {"type": "string", "pattern": "^[0-9a-f]{64}$"}})
RESOURCE = exactly(
    {"uuid": UUID},
    {
        "title": LINE,
        "description": MARKUP,
        "rlinks": some(exactly({"href": HREF}, {"hashes": some(HASH)})),
        "remarks": MARKUP,
    },
)
ASSESSMENT_RESULTS = exactly(
    {
        "assessment-results": exactly(
            {
                "uuid": UUID,
                "metadata": exactly(
                    {"title": LINE, "last-modified": MOMENT, "version": LINE, "oscal-version": {"const": "1.1.2"}},
                    {"remarks": MARKUP},
                ),
                "import-ap": exactly({"href": {"type": "string", "pattern": "^#[0-9a-f-]{36}$"}}),
                "results": some(RESULT),
            },
            {"back-matter": exactly({"resources": some(RESOURCE)})},
        )
    }
)


def check(document: Any) -> None:
    """Raise for what is not of this form, for an identifier that is used twice, and for one that leads nowhere."""
    Draft202012Validator(ASSESSMENT_RESULTS).validate(document)
    results = document["assessment-results"]
    resources = [one["uuid"] for one in results["back-matter"]["resources"]]
    assert results["import-ap"]["href"].removeprefix("#") in resources
    used = [results["uuid"], *resources]
    for result in results["results"]:
        observations = {one["uuid"] for one in result.get("observations", ())}
        findings = result.get("findings", ())
        used += [result["uuid"], *(one["uuid"] for one in findings)]
        assert {
            one["observation-uuid"] for finding in findings for one in finding["related-observations"]
        } == observations
        told = {one["subject-uuid"] for seen in result.get("observations", ()) for one in seen.get("subjects", ())}
        assert told <= set(resources)
        reviewed = {one["control-id"] for part in _selections(result) for one in part.get("include-controls", ())}
        assert {finding["target"]["target-id"] for finding in findings} <= reviewed
    assert len(used) == len(set(used))


def _selections(result: Any) -> list[Any]:
    return list(result["reviewed-controls"]["control-selections"])
