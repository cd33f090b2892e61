"""What validate prints, in every format."""

from collections.abc import Callable, Mapping

from cardops.findings import verdict
from cardops.render.findings import Checked, as_json, as_text, summary
from cardops.render.formats import of_findings
from cardops.render.listing import finding_parts, many
from cardops.render.markdown import LIMIT, fit

MARKER = "<!-- cardops:validate -->"


def as_markdown(checked: Checked, limit: int = LIMIT) -> str:
    """The verdict, then every finding with a link to its line."""
    denied = sum(finding.level == "deny" and not finding.suppressed for finding in checked.findings)
    first = "✅ **The declarations are valid.**"
    if verdict(checked.findings):
        first = f"⛔ **{many(denied, 'finding')} to put right before this can be merged.**"
    parts = [part for part in finding_parts(checked.findings, checked.links) if part.items]
    return fit(first, parts, f"{summary(checked)}.\n\n{MARKER}", "All of them are in this run's log.", limit)


FORMATS: Mapping[str, Callable[[Checked], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    **of_findings("validate", lambda checked: checked.findings, summary, lambda checked: checked.titles),
}
