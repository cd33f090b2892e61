"""docs/promises.md: every promise has its number once, and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
PROMISES = re.split(r"^### (\d+)\. ", PAGE, flags=re.MULTILINE)[1:]
SECTIONS = dict(zip(map(int, PROMISES[::2]), PROMISES[1::2], strict=True))


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_the_promises_are_numbered_without_a_gap() -> None:
    assert list(map(int, PROMISES[::2])) == list(range(1, len(SECTIONS) + 1))
    assert len(SECTIONS) == 40


@pytest.mark.parametrize("number", SECTIONS)
def test_a_promise_names_tests_that_exist(number: int) -> None:
    named = re.findall(r"^- `(tests/[^:`]+)::(test_\w+)`$", SECTIONS[number], re.MULTILINE)
    assert named
    assert [f"{path}::{name}" for path, name in named if name not in functions(path)] == []
