"""The formats that are made from findings alone, for every command."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from cardops.findings import Finding
from cardops.render.github import annotations
from cardops.render.junit import junit
from cardops.render.sarif import sarif

Shown = TypeVar("Shown")


def of_findings(
    command: str, findings: Callable[[Shown], Sequence[Finding]], summary: Callable[[Shown], str]
) -> dict[str, Callable[[Shown], str]]:
    """`github`, `sarif` and `junit` for what a command shows; the summary is one line without user text."""
    return {
        "github": lambda shown: annotations(findings(shown), summary(shown), f"cardops {command}"),
        "sarif": lambda shown: sarif(findings(shown)),
        "junit": lambda shown: junit(command, findings(shown)),
    }
