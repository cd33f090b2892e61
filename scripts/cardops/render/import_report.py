"""Render the results of an import: written files and omitted values."""

import json
from collections.abc import Callable, Mapping

from cardops.commands.import_files import ImportReport
from cardops.model.findings import plural
from cardops.render.findings import as_data, lines


def as_text(imported: ImportReport) -> str:
    """Render a line for each file and omission, then the count."""
    text = [f"wrote {path}" for path in imported.written]
    text += [f"not imported: {what}: {why}" for what, why in imported.left]
    text += lines(imported.findings)
    cards, shares = (sum(path.startswith(folder) for path in imported.written) for folder in ("cards/", "shares/"))
    left = plural(len(imported.left), "thing")
    text.append(f"{plural(cards, 'card')} and {plural(shares, 'share')} written, {left} left out")
    return "\n".join(text)


def as_json(imported: ImportReport) -> str:
    """Render `{version, written, left: [{what, why}], findings}`."""
    document = {
        "version": 1,
        "written": imported.written,
        "left": [{"what": what, "why": why} for what, why in imported.left],
        "findings": [as_data(finding) for finding in imported.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[ImportReport], str]] = {"text": as_text, "json": as_json}
