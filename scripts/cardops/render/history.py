"""Render a card's history as text and JSON. It names fields; git's diff has their values."""

from collections.abc import Callable, Mapping, Sequence

import click

from cardops.audit.history import HistoryEntry, Origin
from cardops.model.desired import CardKey
from cardops.render.escape import document, escape_invisible

SAID: Mapping[Origin, str] = {
    "git": "as declared in",
    "merged": "contributions merged with",
    "api": "written through the API",
    "commit": "declared in",
}
FEW = 5


def as_text(key: CardKey, entries: Sequence[HistoryEntry]) -> str:
    """Render a line for each version and commit, oldest first, with changes, authors and sign-offs."""
    text = [click.style(escape_invisible(f"{key.name} ({key.place})"), bold=True)]
    for entry in entries:
        text += _lines(entry)
    versions = sum(bool(entry.version) for entry in entries)
    text.append(f"{click.style('History:', bold=True)} {versions} versions, {len(entries) - versions} other commits.")
    return "\n".join(text)


def _lines(entry: HistoryEntry) -> list[str]:
    number = f"version {entry.version}" if entry.version else "no version"
    commit = f" {entry.commit[:12]}" if entry.commit else ""
    text = [f"{entry.when}  {number:<11} {entry.status:<13}  {SAID[entry.origin]}{commit}"]
    if entry.author:
        text.append(escape_invisible(f"    {entry.author}: {entry.subject}"))
    if entry.signed_off:
        text.append(escape_invisible(f"    signed off by {', '.join(entry.signed_off)}"))
    if entry.changes:
        more = f", and {len(entry.changes) - FEW} more" if len(entry.changes) > FEW else ""
        text.append(escape_invisible(f"    changed {', '.join(entry.changes[:FEW])}{more}"))
    return text


def as_json(key: CardKey, entries: Sequence[HistoryEntry]) -> str:
    """Render the document of policies/schemas/history.schema.json. It contains no card content."""
    return document(
        {
            "version": 1,
            "account": key.account,
            "region": key.region,
            "card": key.name,
            "entries": [
                {
                    "version": entry.version,
                    "when": entry.when,
                    "status": entry.status.value,
                    "origin": entry.origin,
                    "commit": entry.commit,
                    "author": entry.author,
                    "subject": entry.subject,
                    "signed_off": list(entry.signed_off),
                    "changes": list(entry.changes),
                }
                for entry in entries
            ],
        }
    )


FORMATS: Mapping[str, Callable[[CardKey, Sequence[HistoryEntry]], str]] = {"text": as_text, "json": as_json}
