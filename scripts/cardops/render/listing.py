"""Render Markdown lists, such as findings with links to their lines. Long lists are folded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cardops.model.findings import Finding, plural
from cardops.render.links import Links
from cardops.render.markdown import Part, code, fold, prose

UNFOLDED = 15
"""Lists with more lines than this are folded."""

FIRST = 3
"""Names that stand for a long list of them."""


def refusal(findings: Iterable[Finding]) -> str:
    """Return the verdict if a deny finding is not waived, or an empty string."""
    denied = sum(map(is_denied, findings))
    return f"⛔ **{plural(denied, 'finding')} to fix before this can be merged.**" if denied else ""


def is_denied(finding: Finding) -> bool:
    """Return True for a deny finding that is not waived."""
    return finding.level == "deny" and not finding.suppressed


def finding_parts(findings: Iterable[Finding], links: Links) -> Iterator[Part]:
    """Render findings with links to their lines: deny findings, which must not be left out, then the others."""
    found = sorted(findings, key=lambda one: (bool(one.suppressed), one.level != "deny", one.location, one.rule))
    denied = [finding_line(one, links) for one in found if is_denied(one)]
    others = [finding_line(one, links) for one in found if not is_denied(one)]
    yield listing("**To fix**", denied, 1, required=True)
    yield listing("**Other findings**" if denied else "**Findings**", others, 4)


def existing_part(findings: Sequence[Finding], links: Links) -> Part:
    """Render findings of files that a pull request leaves alone, folded to their count."""
    files = len({finding.location.path for finding in findings})
    denied = sum(map(is_denied, findings))
    counted = f"{plural(len(findings), 'finding')} in {plural(files, 'file')} that this pull request does not touch"
    summary = f"{counted} ({denied} deny). None of them blocks it."
    return fold(summary, [finding_line(one, links) for one in findings], "findings of other files", 8)


def finding_line(finding: Finding, links: Links) -> str:
    """Render a finding as a list item, with a link to its line."""
    sign = {"deny": "⛔", "warn": "⚠️", "audit": "ℹ️"}[finding.level] if not finding.suppressed else "🔕"
    hint = f" — {prose(finding.hint)}" if finding.hint else ""
    waived = f" — *waived*: {prose(finding.suppressed)}" if finding.suppressed else ""
    at = f"[{code(str(finding.location))}]({links.to(finding.location)})"
    values = f" ({prose(finding.detail)})" if finding.detail else ""
    return f"- {sign} {at} {code(finding.rule)} {finding.level}: {prose(finding.message)}{values}{hint}{waived}"


def unread_part(unknown: Mapping[str, str]) -> Part:
    """Render the accounts and regions that could not be read, with the reasons."""
    lines = [f"- {code(place)} could not be read: {prose(why)}" for place, why in unknown.items()]
    return Part("", tuple(lines), "accounts and regions", 0, required=True)


def listing(title: str, lines: list[str], rank: int, required: bool = False) -> Part:
    """Render lines below a title, folded if there are many."""
    what = title.strip("*").lower()
    if len(lines) <= UNFOLDED or required:
        return Part(f"{title}\n", tuple(lines), what, rank, required=required)
    return fold(f"<b>{title.strip('*')}</b> ({len(lines)})", lines, what, rank)


def some(names: Sequence[str], what: str, shown: int = FIRST) -> str:
    """Name the first of many things, such as `a`, `b`, `c` and 697 more cards."""
    named = ", ".join(map(code, names[:shown]))
    more = len(names) - shown
    return f"{named} and {plural(more, f'more {what}')}" if more > 0 else named
