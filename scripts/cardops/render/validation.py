"""Render the results of `cardops validate` in every format."""

from collections.abc import Callable, Mapping

from cardops.render.findings import ValidationReport, as_json, as_text, summary
from cardops.render.formats import of_findings

MARKER = "<!-- cardops:validate -->"


def as_markdown(checked: ValidationReport) -> str:
    """Render the verdict, then every finding with a link to its line."""
    from cardops.render.listing import finding_parts, refusal
    from cardops.render.markdown import fit

    first = refusal(checked.findings) or "✅ **The declarations are valid.**"
    parts = [part for part in finding_parts(checked.findings, checked.links) if part.items]
    return fit(first, parts, f"{summary(checked)}.\n\n{MARKER}", "All of them are in this run's log.").text


FORMATS: Mapping[str, Callable[[ValidationReport], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    **of_findings("validate", lambda checked: checked.findings, summary, lambda checked: checked.titles),
}
