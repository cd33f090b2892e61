"""The registry of formats that need findings alone. Only the requested renderer is imported."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from cardops.model.catalogue import TITLES
from cardops.model.findings import Finding

Shown = TypeVar("Shown")


def of_findings(
    command: str,
    findings: Callable[[Shown], Sequence[Finding]],
    summary: Callable[[Shown], str],
    titles: Callable[[Shown], Mapping[str, str]] = lambda _: TITLES,
) -> dict[str, Callable[[Shown], str]]:
    """Build the formats `github`, `sarif` and `junit` for a command.

    `summary` returns one line without user text, `titles` the title of each rule.
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
