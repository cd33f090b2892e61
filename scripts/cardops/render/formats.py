"""The formats that are made from findings alone, for every command; only the one that is asked for is imported."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from cardops.model.findings import Finding
from cardops.validation.catalogue import RULES

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

    def github(shown: Shown) -> str:
        from cardops.render.annotations import annotations

        return annotations(findings(shown), summary(shown), f"cardops {command}")

    def sarif(shown: Shown) -> str:
        from cardops.render.sarif import sarif

        return sarif(findings(shown), titles(shown))

    def junit(shown: Shown) -> str:
        from cardops.render.junit import junit

        return junit(command, findings(shown))

    return {"github": github, "sarif": sarif, "junit": junit}
