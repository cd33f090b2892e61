"""The ids of built-in rules that the package's code can emit, found in its syntax trees."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import cardops
from cardops.drift.model import Kind

PACKAGE = Path(cardops.__file__).parent
GROUPS = tuple(
    [
        "access",
        "account",
        "card",
        "content",
        "count",
        "drift",
        "evidence",
        "file",
        "hub",
        "ignore",
        "import",
        "kms",
        "ownership",
        "policy",
        "reference",
        "registry",
        "run",
        "safety",
        "schema",
        "share",
        "signoff",
        "status",
        "tags",
        "waiver",
        "yaml",
    ]
)
RULE_ID = re.compile(rf"(?:{'|'.join(GROUPS)})/[a-z]+(?:-[a-z]+)*").fullmatch


def emitted(folders: Iterable[str] = ("",)) -> set[str]:
    """Every rule id that is a string in the code of some folders of the package."""
    files = {file for folder in folders for file in (PACKAGE / folder).rglob("*.py") if "sandbox" not in file.parts}
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if RULE_ID(text)}


def drift_rules() -> set[str]:
    """The ids that findings about drift have."""
    return {f"drift/{kind.value}" for kind in Kind}
