"""What the page quotes is what the code says."""

import ast
import re
from pathlib import Path

import pytest

from cardops.model.errors import ExitCode

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)


def texts() -> list[str]:
    """Every literal of the package, with `…` where a value goes."""
    found = []
    for path in (ROOT / "scripts" / "cardops").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
                found.append("".join(parts))
    return found


TEXTS = texts()


@pytest.mark.parametrize("message", QUOTED)
def test_a_quoted_message_is_in_the_code(message: str) -> None:
    pattern = re.compile(".*".join(map(re.escape, message.split("…"))), re.DOTALL)
    assert any(pattern.search(text) for text in TEXTS)


def test_every_exit_code_is_explained() -> None:
    assert len(QUOTED) > 15
    headings = " ".join(re.findall(r"^## (.*)", PAGE, re.MULTILINE))
    assert {int(code) for code in ExitCode} - {0} == {int(number) for number in re.findall(r"\d+", headings)}
