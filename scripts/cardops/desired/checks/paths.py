"""Find file names that other file systems cannot hold beside each other."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from cardops.desired.documents import safe_text
from cardops.model.findings import Finding, Location

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
)
"""Names that Windows reserves for devices, whatever the ending. Source: Win32 documentation, "Naming Files"."""


def check_paths(paths: Iterable[str]) -> Iterator[Finding]:
    """Report paths that differ only in case, and names that Windows reserves.

    A clone on macOS or Windows has only one of such files; the card of the other one would look removed.
    """
    first: dict[str, str] = {}
    for path in paths:
        other = first.setdefault(path.casefold(), path)
        if other != path:
            message = f"this path differs from {safe_text(other)} only in case"
            hint = "rename the file; the card's own name may stay"
            yield Finding("file/ambiguous-path", Location(safe_text(path)), message, hint)
        if any(part.partition(".")[0].casefold() in RESERVED for part in PurePosixPath(path).parts):
            message = "Windows reserves this name for a device, so the file cannot be checked out there"
            yield Finding("file/ambiguous-path", Location(safe_text(path)), message, "rename the file", "warn")
