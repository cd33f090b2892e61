"""Every test that SECURITY.md names as the guard of an attack exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)?::(test_\w+)`")


def test_the_tests_that_the_page_names_exist() -> None:
    rows = [line for line in (ROOT / "SECURITY.md").read_text().splitlines() if line.startswith("|") and "::" in line]
    assert len(rows) > 20
    for row in rows:
        path = ""
        for file, name in NAMED.findall(row):
            path = file or path
            functions = {
                one.name for one in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(one, ast.FunctionDef)
            }
            assert name in functions, f"{path} has no {name}"
        assert path, row
