"""Render Markdown lists, such as findings with links to their lines. Long lists are folded."""

from collections.abc import Iterable, Iterator, Mapping

from cardops.model.findings import Finding, plural
from cardops.render.links import Links
from cardops.render.markdown import Part, code, fold, prose

UNFOLDED = 15
"""Lists with more lines than this are folded."""


def refusal(findings: Iterable[Finding]) -> str:
    """Return the verdict if a deny finding is not waived, or an empty string."""
    denied = sum(finding.level == "deny" and not finding.suppressed for finding in findings)
    return f"⛔ **{plural(denied, 'finding')} to put right before this can be merged.**" if denied else ""


def finding_parts(findings: Iterable[Finding], links: Links) -> Iterator[Part]:
    """Render findings with links to their lines, deny first and waived ones last."""
    found = sorted(findings, key=lambda one: (bool(one.suppressed), one.level != "deny", one.location, one.rule))
    yield listing("**Findings**", [_finding(finding, links) for finding in found], 3)


def _finding(finding: Finding, links: Links) -> str:
    sign = {"deny": "⛔", "warn": "⚠️", "audit": "ℹ️"}[finding.level] if not finding.suppressed else "🔕"
    hint = f" — {prose(finding.hint)}" if finding.hint else ""
    waived = f" — *waived*: {prose(finding.suppressed)}" if finding.suppressed else ""
    at = f"[{code(str(finding.location))}]({links.to(finding.location)})"
    values = f" ({prose(finding.detail)})" if finding.detail else ""
    return f"- {sign} {at} {code(finding.rule)} {finding.level}: {prose(finding.message)}{values}{hint}{waived}"


def unread_part(unknown: Mapping[str, str]) -> Part:
    """Render the accounts and regions that could not be read, with the reasons."""
    lines = [f"- {code(place)} could not be read: {prose(why)}" for place, why in unknown.items()]
    return Part("", tuple(lines), "places", 0)


def listing(title: str, lines: list[str], rank: int) -> Part:
    """Render lines below a title, folded if there are many."""
    what = title.strip("*").lower()
    if len(lines) <= UNFOLDED:
        return Part(f"{title}\n", tuple(lines), what, rank)
    return fold(f"<b>{title.strip('*')}</b> ({len(lines)})", lines, what, rank)
