"""SARIF: waived findings are suppressed, alerts outlive edits, paths are addresses."""

import json
from collections.abc import Mapping
from typing import Any

from cardops.model.findings import Finding, Location
from cardops.render.sarif import FINGERPRINT, sarif
from support.format_readers import SARIF
from support.hostile_texts import findings
from support.replacing import replace

FINDING = Finding("EVAL-001", Location("cards/a b%é.yaml", 7, 3), "no evaluation", "add one")


def run(*found: Finding, titles: Mapping[str, str] | None = None) -> dict[str, Any]:
    document = json.loads(sarif(found, titles or {}))
    SARIF.validate(document)
    [only] = document["runs"]
    return dict(only)


def prints(*found: Finding) -> list[str]:
    return [result["partialFingerprints"][FINGERPRINT] for result in run(*found)["results"]]


def test_hostile_findings_fit_the_schema() -> None:
    assert len(run(*findings())["results"]) == len(findings())


def test_a_result_has_its_rule_level_region_and_address() -> None:
    [result] = run(FINDING)["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "cards/a%20b%25%C3%A9.yaml"},
        "region": {"startLine": 7, "startColumn": 3},
    }
    assert (result["ruleId"], result["level"]) == ("EVAL-001", "error")
    assert result["message"]["text"] == "no evaluation (hint: add one)"
    assert "suppressions" not in result


def test_a_rule_has_a_title_and_a_way_out() -> None:
    [rule] = run(FINDING, titles={"EVAL-001": "Cards are evaluated."})["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "Cards are evaluated."
    assert rule["help"]["text"] == "Cards are evaluated. Fix: add one"


def test_a_waived_finding_is_suppressed_with_its_reason() -> None:
    [result] = run(replace(FINDING, suppressed="until the audit"))["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "until the audit"}]


def test_fingerprints_outlive_a_shift_of_lines_and_tell_equal_findings_apart() -> None:
    shifted = replace(FINDING, location=Location(FINDING.location.path, 12, 5))
    assert prints(FINDING) == prints(shifted)
    assert len(set(prints(FINDING, shifted))) == 2
    assert prints(FINDING) != prints(replace(FINDING, message="another"))
    assert prints(FINDING) != prints(replace(FINDING, location=Location("cards/b.yaml", 7, 3)))


def test_levels() -> None:
    found = run(FINDING, replace(FINDING, level="warn"), replace(FINDING, level="audit"))["results"]
    assert [result["level"] for result in found] == ["error", "warning", "note"]


def test_a_message_holds_no_link() -> None:
    [result] = run(replace(FINDING, message="[here](https://evil.example)", hint=""))["results"]
    assert result["message"]["text"] == "[here] (https://evil.example)"
