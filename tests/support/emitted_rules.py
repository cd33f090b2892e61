"""The ids of built-in rules that the package's code can emit, found in its syntax trees."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import cardops
from cardops.drift.model import Kind
from cardops.model.catalogue import built_in_rules

PACKAGE = Path(cardops.__file__).parent
RULE_ID = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z]+(?:-[a-z]+)*").fullmatch


def emitted(folders: Iterable[str] = ("",)) -> set[str]:
    """Every rule id of a known group that is a string in the code of some folders of the package.

    An id of a group that the catalogue does not know is found when a test first makes such a finding.
    """
    groups = {rule.partition("/")[0] for rule in built_in_rules()}
    files = {file for folder in folders for file in (PACKAGE / folder).rglob("*.py") if "sandbox" not in file.parts}
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if RULE_ID(text) and text.partition("/")[0] in groups}


def drift_rules() -> set[str]:
    """The ids that findings about drift have."""
    return {f"drift/{kind.value}" for kind in Kind}
