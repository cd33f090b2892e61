"""The formats that are made from findings alone, for every command."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from cardops.checks.rules import RULES
from cardops.findings import Finding
from cardops.render.github import annotations
from cardops.render.junit import junit
from cardops.render.sarif import sarif

Shown = TypeVar("Shown")


def of_findings(
    command: str,
    findings: Callable[[Shown], Sequence[Finding]],
    summary: Callable[[Shown], str],
    titles: Callable[[Shown], Mapping[str, str]] = lambda _: RULES,
) -> dict[str, Callable[[Shown], str]]:
    """`github`, `sarif` and `junit` for what a command shows.

    `summary` is one line without user text, `titles` say what each rule demands.
    """
    return {
        "github": lambda shown: annotations(findings(shown), summary(shown), f"cardops {command}"),
        "sarif": lambda shown: sarif(findings(shown), titles(shown)),
        "junit": lambda shown: junit(command, findings(shown)),
    }
