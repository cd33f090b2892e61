"""What git's index knows of the work tree: the hashes of files that are as they were added, without reading them."""

from pathlib import Path

from cardops.errors import GitError
from cardops.revisions.plumbing import run_git

CONVERSIONS = (b"filter", b"ident", b"text", b"eol", b"crlf", b"encoding")
SETTINGS = "^core\\.(autocrlf|eol|attributesfile)$"


def unchanged(root: Path, folder: str) -> dict[str, str]:
    """The blob hash of each file below `folder` (paths from `root`) whose bytes are those that git has.

    Empty where git is not there, or may write other bytes into the work tree than it keeps.
    """
    try:
        if _converts(root, folder):
            return {}
        listed = run_git(root, ["ls-files", "-s", "-v", "-z", "--", folder]).split(b"\0")
        changed = set(run_git(root, ["diff-files", "--name-only", "--relative", "-z", "--", folder]).split(b"\0"))
    except GitError:
        return {}
    found = {}
    for line in listed:
        meta, _, path = line.partition(b"\t")
        # H: in the index and looked at. Small letters and S are files that git was told not to look at.
        if meta.startswith(b"H 100") and meta.endswith(b" 0") and path not in changed:
            found[path.decode("utf-8", "surrogateescape")] = meta[9:-2].decode()
    return found


def _converts(root: Path, folder: str) -> bool:
    try:
        run_git(root, ["config", "--get-regexp", SETTINGS])
    except GitError:
        pass
    else:
        return True
    top = Path(run_git(root, ["rev-parse", "--show-toplevel"]).decode().rstrip("\n"))
    info = Path(run_git(root, ["rev-parse", "--git-path", "info/attributes"]).decode().rstrip("\n"))
    above = [place / ".gitattributes" for place in (root, *root.parents) if place.is_relative_to(top)]
    below = (root / folder).rglob(".gitattributes")
    files = [file for file in (root / info, *above, *below) if file.is_file()]
    return any(word in file.read_bytes() for file in files for word in CONVERSIONS)
