"""Render the status of cards as a table, JSON and CSV."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from cardops.commands.status import CardStatus
from cardops.render.escape import document, escape_invisible

HEADINGS = ("CARD", "STATUS", "LIVE", "RISK", "OWNER", "SIGNED OFF BY", "READERS", "HELD")
COLOURS = {"Approved": "green", "PendingReview": "yellow", "Archived": "white", "Draft": "cyan"}
MAX_CELL = 48
"""Longest cell of the table, in characters. JSON and CSV have the whole text."""
NOTHING, NOT_ASKED = "–", "?"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters that spreadsheets read as a formula; such cells get an apostrophe."""


def as_text(statuses: Sequence[CardStatus], declared: int) -> str:
    """Render a table with a line for each card, then the counts."""
    rows = [_cells(one) for one in statuses]
    shown = [HEADINGS, *([_cut(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(HEADINGS))]
    text = [_line(row, widths, at) for at, row in enumerate(shown)] if rows else []
    counted = Counter(one.card.status.value for one in statuses)
    counts = ", ".join(f"{number} {status}" for status, number in sorted(counted.items()))
    held = sum(bool(one.held) for one in statuses)
    of = f" of {declared:,}" if declared != len(statuses) else ""
    heading = click.style("Cards:", bold=True)
    return "\n".join([*text, f"{heading} {len(statuses):,}{of}{f' ({counts})' if counts else ''}; {held} held."])


def as_json(statuses: Sequence[CardStatus], declared: int) -> str:
    """Render `{version, declared, cards: [{account, region, card, path, status, live, risk, owner, …}]}`."""
    return document({"version": 1, "declared": declared, "cards": [_as_data(one) for one in statuses]})


def as_csv(statuses: Sequence[CardStatus], declared: int) -> str:
    """Render a table for spreadsheets. Cells that would be read as formulas start with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ["account", "region", "card", "status", "live", "risk", "owner", "signed_off_by", "readers", "held", "next"]
    )
    for one in statuses:
        key = one.card.key
        cells = [*key, one.card.status.value, one.live or "", one.risk, one.card.owner]
        cells += [" ".join(one.signed_by), _readers(one), one.held, one.who]
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in map(escape_invisible, cells)])
    return file.getvalue().rstrip("\n")


def _cells(one: CardStatus) -> tuple[str, ...]:
    live = NOT_ASKED if one.live is None else "same" if one.live == one.card.status.value else one.live
    texts = (
        one.card.key.name,
        one.card.status.value,
        live,
        one.risk or NOTHING,
        one.card.owner,
        " ".join(one.signed_by) or NOTHING,
        _readers(one) or NOTHING,
        f"{one.held} ({one.who} acts next)" if one.held and one.who else one.held,
    )
    return tuple(map(escape_invisible, texts))


def _readers(one: CardStatus) -> str:
    return ", ".join(f"{who} (write)" if ability == "write" else who for who, ability in one.readers.items())


def _line(row: Sequence[str], widths: Sequence[int], at: int) -> str:
    cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
    if at == 0:
        return click.style("  ".join(cells).rstrip(), bold=True)
    cells[1] = click.style(cells[1], fg=COLOURS.get(row[1]))
    if row[2] not in ("same", NOT_ASKED):
        cells[2] = click.style(cells[2], fg="red")
    cells[-1] = click.style(row[-1], fg="yellow") if row[-1] else ""
    return "  ".join(cells).rstrip()


def _cut(cell: str) -> str:
    return cell if len(cell) <= MAX_CELL else f"{cell[: MAX_CELL - 1]}…"


def _as_data(one: CardStatus) -> dict[str, Any]:
    key = one.card.key
    return {
        "account": key.account,
        "region": key.region,
        "card": key.name,
        "path": one.card.location.path,
        "status": one.card.status.value,
        "live": one.live,
        "risk": one.risk,
        "owner": one.card.owner,
        "signed_off_by": list(one.signed_by),
        "readers": dict(one.readers),
        "held": one.held,
        "next": one.who,
        "denied": one.denied,
    }


FORMATS: Mapping[str, Callable[[Sequence[CardStatus], int], str]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
}
