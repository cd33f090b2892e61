"""No modules of one package import each other in a circle."""

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import cardops

PACKAGE = Path(cardops.__file__).parent
MODULES = {
    ".".join(("cardops", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in PACKAGE.rglob("*.py")
}


def imports_of(path: Path) -> set[str]:
    """The modules that a module imports when it is loaded, and within its functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found & MODULES.keys()


def packages() -> dict[str, dict[str, set[str]]]:
    """Each folder's modules, with those of the same folder that they import."""
    graphs: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for name, path in MODULES.items():
        folder = name.rpartition(".")[0]
        if path.name != "__init__.py":
            graphs[folder][name] = {one for one in imports_of(path) if one.rpartition(".")[0] == folder and one != name}
    return dict(graphs)


GRAPHS = [pytest.param(folder, graph, id=folder) for folder, graph in packages().items()]


@pytest.mark.parametrize(("folder", "graph"), GRAPHS)
def test_siblings_do_not_import_each_other_in_a_circle(folder: str, graph: dict[str, set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"{folder}: {' → '.join(circle.args[1])}")
