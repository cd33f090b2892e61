"""Lists in Markdown: findings with links to their lines, folded when they are long."""

from collections.abc import Iterable, Iterator, Mapping

from cardops.model.findings import Finding
from cardops.render.links import Links
from cardops.render.markdown import Part, code, fold, prose

UNFOLDED = 15
"""So many lines of a list stand open; a longer one is folded."""


def refusal(findings: Iterable[Finding]) -> str:
    """The verdict when findings of level deny are not waived, or nothing."""
    denied = sum(finding.level == "deny" and not finding.suppressed for finding in findings)
    return f"⛔ **{many(denied, 'finding')} to put right before this can be merged.**" if denied else ""


def finding_parts(findings: Iterable[Finding], links: Links) -> Iterator[Part]:
    """Findings with links to their lines: those that count first, waived ones marked."""
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
    """The places that could not be read, and why."""
    lines = [f"- {code(place)} could not be read: {prose(why)}" for place, why in unknown.items()]
    return Part("", tuple(lines), "places", 0)


def listing(title: str, lines: list[str], rank: int) -> Part:
    """Lines under a title."""
    what = title.strip("*").lower()
    if len(lines) <= UNFOLDED:
        return Part(f"{title}\n", tuple(lines), what, rank)
    return fold(f"<b>{title.strip('*')}</b> ({len(lines)})", lines, what, rank)


def many(number: int, what: str) -> str:
    """`1 card`, `2 cards`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
