"""The report for auditors as one page that needs nothing else: for a browser, and for print."""

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

from cardops.commands.policy_report import PolicyReport
from cardops.policy.coverage import PackCoverage
from cardops.render.report_rows import DISCLAIMER, Row, card_of, exceptions, rows

STYLE = """\
:root { color-scheme: light dark; --line: #8885; --good: #1a7f37; --bad: #c62828; --wait: #9a6700; --dim: #6e7781; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: Canvas; }
code { font-size: .9em; overflow-wrap: anywhere; }
.satisfied { color: var(--good); } .not-satisfied, .undecided { color: var(--bad); font-weight: 600; }
.waived { color: var(--wait); }
.not-applicable, .no-rule, .not-evidenced-by-a-card, .at-each-change { color: var(--dim); }
summary { cursor: pointer; font-weight: 600; margin: .5rem 0; }
@media print { details { display: block; } th { position: static; } }
"""


def report_as_html(report: PolicyReport) -> str:
    """Render a page: a summary, the cards with their sign-offs, each pack by clause, and the exceptions."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Policy report of {escape(report.on)}</title><style>{STYLE}</style></head><body>",
        "<h1>Policy report</h1>",
        f"<p>Commit <code>{escape(report.commit)}</code>, as of {escape(report.on)}.</p>",
        f"<p>Made by cardops {escape(report.tool)}.</p>",
        *_uncommitted(report),
        f"<p>{escape(DISCLAIMER)}</p>",
        "<h2>Summary</h2>",
        *_summary(report),
        "<h2>Cards and shares</h2>",
        *_cards(report),
        *(line for covered in report.packs for line in _pack(report, covered)),
        "<h2>Waivers and overrides</h2>",
        *_exceptions(report),
        "</body></html>",
    ]
    return "\n".join(parts)


def _uncommitted(report: PolicyReport) -> Iterator[str]:
    if report.uncommitted:
        names = ", ".join(escape(name) for name in report.uncommitted)
        yield f'<p class="not-satisfied">Not committed, and so not what the commit shows: {names}.</p>'


def _summary(report: PolicyReport) -> Iterator[str]:
    heads = ("Text", "Version", "Status", "Results")
    lines = []
    for covered in report.packs:
        counts = Counter(row.state for row in rows(report, covered))
        told = ", ".join(f"{_state(state)} {count}" for state, count in counts.items())
        pack = covered.pack
        status = pack.status if covered.applies else f"{pack.status}: nothing of it applies"
        link = f'<a href="#{escape(pack.id)}">{escape(pack.title)}</a>'
        lines.append((link, escape(pack.version), escape(status), told))
    yield _table(heads, lines)


def _cards(report: PolicyReport) -> Iterator[str]:
    lines = []
    for subject in report.subjects:
        card = card_of(report, subject)
        signoff = card["signoff"]
        by = (
            f"{', '.join(signoff['approved_by']) or 'nobody'} on {signoff['when'][:10]}"
            if signoff
            else "none on the ledger"
        )
        texts = (card["kind"], card["name"], card["status"], card["owner"], by)
        file = f"<code>{escape(card['path'])}</code><br><code>sha256 {escape(card['sha256'])}</code>"
        lines.append((*map(escape, texts), file))
    yield _table(("Kind", "Name", "Status", "Owner", "Signed off by", "File"), lines)


def _pack(report: PolicyReport, covered: PackCoverage) -> Iterator[str]:
    pack = covered.pack
    yield f'<h2 id="{escape(pack.id)}">{escape(pack.title)}</h2>'
    yield f"<p>{escape(pack.citation)}. Version {escape(pack.version)}, {escape(pack.status)}. {escape(pack.note)}</p>"
    lines: dict[str, list[tuple[str, ...]]] = {}
    heads: dict[str, Row] = {}
    for row in rows(report, covered):
        heads.setdefault(row.clause.clause.id, row)
        place = f"<code>{escape(row.path)}{f':{row.line}' if row.line else ''}</code>" if row.path else ""
        waived = f"<br>waived by {escape(row.waived_by)} until {escape(row.waived_until)}" if row.waived_by else ""
        rule = f"{escape(row.rule)} {escape(row.level)}".strip()
        about = f"{escape(row.kind)} {escape(row.name)}".strip()
        cells = (about, rule, f"{_state(row.state)}{waived}", escape(row.reason), place)
        lines.setdefault(row.clause.clause.id, []).append(cells)
    for clause, some in lines.items():
        row = heads[clause]
        when = "" if row.applies else f" (applies from {escape(row.clause.applies_from)})"
        open_ = " open" if any("not-satisfied" in cells[2] or "undecided" in cells[2] for cells in some) else ""
        yield f"<details{open_}><summary>{escape(clause)} {escape(row.clause.clause.title)}{when}</summary>"
        yield _table(("About", "Rule and level", "State", "Reason", "Evidence"), some)
        yield "</details>"


def _exceptions(report: PolicyReport) -> Iterator[str]:
    found = exceptions(report)
    if not found:
        yield "<p>None.</p>"
        return
    keys = ("kind", "rule", "for", "reason", "approved_by", "expires")
    lines = [
        (*(escape(str(one[key])) for key in keys), f"<code>{escape(one['path'])}:{one['line']}</code>") for one in found
    ]
    yield _table(("Kind", "Rule", "For", "Reason", "Approved by", "Until", "Written at"), lines)


def _state(state: str) -> str:
    return f'<span class="{escape(state.replace(" ", "-"))}">{escape(state)}</span>'


def _table(heads: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
