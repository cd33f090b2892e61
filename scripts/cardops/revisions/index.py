"""What git's index knows of the work tree: the hashes of files that are as they were added, without reading them."""

import re
from collections.abc import Iterable
from pathlib import Path

from cardops.errors import GitError
from cardops.revisions.plumbing import layout, run_git

CONVERSIONS = (b"filter", b"ident", b"text", b"eol", b"crlf", b"encoding")
_LOOKED_AT = re.compile(r"(?:(?<=\0)|\A)H 100\d{3} ([0-9a-f]+) 0\t([^\0]+)").findall
_CHANGED = re.compile(r"(?:(?<=\0)|\A)C [^\t]+\t([^\0]+)").findall
SETTINGS = "^core\\.(autocrlf|eol|attributesfile)$"


def unchanged(root: Path, folder: str) -> dict[str, str]:
    """The blob hash of each file below `folder` (paths from `root`) whose bytes are those that git has.

    Empty where git is not there, or may write other bytes into the work tree than it keeps.
    """
    try:
        listed = run_git(root, ["ls-files", "-c", "-m", "-s", "-v", "-z", "--", folder])
        text = listed.decode("utf-8", "surrogateescape")
        # H: in the index and looked at. Small letters and S are files that git was told not to look at; C has changed.
        found = {path: blob for blob, path in _LOOKED_AT(text)}
        for path in _CHANGED(text):
            found.pop(path, None)
        return {} if _converts(root, found) else found
    except GitError:
        return {}


def _converts(root: Path, paths: Iterable[str]) -> bool:
    try:
        run_git(root, ["config", "--get-regexp", SETTINGS])
    except GitError:
        pass
    else:
        return True
    where = layout(root)
    above = [place / ".gitattributes" for place in (root, *root.parents) if place.is_relative_to(where.top)]
    folders = {path.rpartition("/")[0] for path in paths}
    below = {
        f"{'/'.join(parts[:end])}/.gitattributes"
        for parts in (folder.split("/") for folder in folders)
        for end in range(1, len(parts) + 1)
    }
    files = [file for file in (where.attributes, *above, *(root / name for name in below)) if file.is_file()]
    return any(word in file.read_bytes() for file in files for word in CONVERSIONS)
