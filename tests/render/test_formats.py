"""Over every bad fixture: all formats point at the same lines, and the machines' formats fit their schemas."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree
from cardops.render.findings import ValidationReport
from cardops.render.validation import FORMATS
from support.bad_repositories import CASES, overlaid
from support.format_readers import MANY, in_github, in_json, in_junit, in_markdown, in_sarif, in_text

READERS: dict[str, Any] = {
    "text": in_text,
    "json": in_json,
    "sarif": in_sarif,
    "junit": in_junit,
    "github": in_github,
    "markdown": in_markdown,
}


def test_every_format_has_a_reader() -> None:
    assert READERS.keys() == FORMATS.keys()


@pytest.mark.parametrize("case", CASES)
def test_all_formats_point_at_the_same_places(case: str, tmp_path: Path) -> None:
    findings = tuple(load_repository(WorkTree(overlaid(case, tmp_path))).findings)
    expected: MANY = Counter((one.location.path, one.location.line, one.location.column) for one in findings)
    assert expected
    checked = ValidationReport((1, 1), (1, 1), findings)
    text = re.compile(r"\x1b\[[\d;]*m")
    for form, read in READERS.items():
        assert read(text.sub("", FORMATS[form](checked))) == expected, form


def test_nothing_found_fits_the_schemas_too() -> None:
    empty = ValidationReport((0, 0), (0, 0), ())
    for form, read in READERS.items():
        assert read(FORMATS[form](empty)) == Counter()
