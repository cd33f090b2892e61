"""Conventions of the tests themselves: where they lie, what they import, and what bounds them."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "scripts" / "cardops"
OTHERS = {"bench", "docs", "e2e", "faults", "fixtures", "support"}
MODULES = sorted(TESTS.rglob("*.py"))


def imported(tree: ast.AST) -> list[str]:
    """The names of all modules, and of what is taken from them, that a module imports."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def test_each_folder_is_that_of_a_package_or_of_a_kind_of_test() -> None:
    packages = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    folders = {path.relative_to(TESTS).parts[0] for path in MODULES if path.parent != TESTS}
    assert folders - packages <= OTHERS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_module_imports_a_test_and_no_property_has_a_number_or_a_deadline_of_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    parts = [part for name in imported(tree) for part in name.split(".")[:-1]]
    assert [part for part in parts if part.startswith("test_") or part == "conftest"] == []
    if path.name.startswith("test_"):
        assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _bounds(node)] == []


def _bounds(function: ast.FunctionDef) -> bool:
    """Return True if a property sets its own number of examples or a deadline, instead of `examples(n)`."""
    calls = [one for one in function.decorator_list if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)]
    given = {key.arg for call in calls if getattr(call.func, "id", "") == "settings" for key in call.keywords}
    return bool(given & {"max_examples", "deadline"})
