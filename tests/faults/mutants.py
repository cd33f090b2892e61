"""`make mutants`: changes the code in one place at a time and runs the tests that ought to notice.

Each module has the tests that are about it. A mutant that they let live is printed with its line; nothing is changed
on disk but a copy. `python tests/faults/mutants.py [MODULE…]` takes some modules only.
"""

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
TESTS = {
    "diff.py": ["tests/unit/test_diff.py", "tests/unit/test_merge.py", "tests/plan/test_merging.py", "tests/declared"],
    "merge.py": ["tests/unit/test_merge.py", "tests/plan/test_merging.py", "tests/unit/test_copies.py"],
    "plan/cards.py": ["tests/plan", "tests/apply/test_writing.py"],
    "plan/retirement.py": ["tests/plan"],
    "plan/sharing.py": ["tests/plan"],
    "apply/writing.py": ["tests/apply/test_writing.py", "tests/apply/test_sequences.py"],
    "apply/cards.py": ["tests/apply/test_writing.py", "tests/apply/test_sequences.py"],
    "policy/enforcement.py": ["tests/policy/test_refusals.py", "tests/policy/test_evaluate.py"],
    "policy/waivers.py": ["tests/policy/test_waivers.py", "tests/policy/test_refusals.py"],
}
OPPOSITE: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


class Mutant(NamedTuple):
    """One changed module."""

    line: int
    what: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every change of one comparison, operator, condition, constant, yield or call statement."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for what in changes(node):
            changed = copy.deepcopy(tree)
            victim = next(found for place, found in enumerate(ast.walk(changed)) if place == number)
            apply(victim, what)
            yield Mutant(getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(changed)))


def changes(node: ast.AST) -> list[str]:
    """What can be changed about a node."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPPOSITE:
        return ["opposite comparison"]
    if isinstance(node, ast.BoolOp):
        return ["and/or"]
    if isinstance(node, ast.BinOp) and type(node.op) in OPPOSITE and not in_annotation(node):
        return ["operator"]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ["without not"]
    if isinstance(node, ast.If | ast.IfExp):
        return ["always", "never"]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return ["other truth"]
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return ["one more"]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom):
        return ["left out"]
    return []


def in_annotation(node: ast.BinOp) -> bool:
    """`int | None` is a type, and nothing that runs depends on it."""
    sides = {ast.unparse(node.left).split("[")[0], ast.unparse(node.right).split("[")[0]}
    return isinstance(node.op, ast.BitOr) and bool(sides & {"None", "str", "int", "bytes", "list", "dict", "Finding"})


def apply(node: ast.AST, what: str) -> None:
    """Changes the node."""
    if isinstance(node, ast.Compare):
        node.ops = [OPPOSITE[type(node.ops[0])]()]  # type: ignore[list-item] # the table keeps to its kind
    elif isinstance(node, ast.BoolOp | ast.BinOp):
        node.op = OPPOSITE[type(node.op)]()  # type: ignore[assignment] # see above
    elif isinstance(node, ast.UnaryOp):
        node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.Constant(what == "always")
    elif isinstance(node, ast.Constant):
        node.value = (not node.value) if isinstance(node.value, bool) else int(str(node.value)) + 1
    elif isinstance(node, ast.Expr):
        node.value = ast.Constant(None)


def survives(module: str, mutant: Mutant) -> bool:
    """Whether the module's tests pass with the mutant in a copy of the package."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = Path(folder) / "scripts"
        shutil.copytree(ROOT / "scripts", scripts, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        (scripts / "cardops" / module).write_text(mutant.source, "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-o", f"pythonpath={scripts} tests"]
            + [str(ROOT / path) for path in TESTS[module]],
            cwd=ROOT,
            env=dict(os.environ) | {"PYTHONPATH": str(scripts), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=False,
            timeout=600,
        )
    return done.returncode == 0


def main(modules: list[str]) -> int:
    """Prints survivors and a score; 1 when there are survivors."""
    alive = 0
    for module in modules or list(TESTS):
        found = list(mutants((ROOT / "scripts" / "cardops" / module).read_text("utf-8")))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(lambda one, module=module: survives(module, one), found))
        for mutant, lives in zip(found, outcomes, strict=True):
            if lives:
                sys.stdout.write(f"{module}:{mutant.line}: {mutant.what} lives\n")
        alive += sum(outcomes)
        sys.stdout.write(f"{module}: {len(found) - sum(outcomes)} of {len(found)} killed\n")
        sys.stdout.flush()
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
