"""Generate CODEOWNERS from the owners of cards and the group that governs the rules. Pure."""

import re
from collections.abc import Iterator

from cardops.desired.selectors import selected
from cardops.model.desired import Desired

BEGIN = "# cardops: from here on `cardops init --github` writes; put your own lines above"
END = "# cardops: end"
GOVERNING = ("/cardops.yaml", "/policies/", "/CODEOWNERS", "/.github/")
"""What decides about others."""

_BLOCK = re.compile(f"^{re.escape(BEGIN)}$.*?^{re.escape(END)}$\n?", re.MULTILINE | re.DOTALL)
_TEAM = re.compile(r"\s@([\w-]+)/")


def block(desired: Desired, organization: str) -> str:
    """The lines for what is declared. The first group of `approvers` answers for rules, accounts and the pipeline."""
    return "\n".join([BEGIN, *_lines(desired, organization), END]) + "\n"


def with_block(text: str, lines: str) -> str:
    """The file with its block replaced, or added at the end: the last line that matches a path wins."""
    if _BLOCK.search(text):
        return _BLOCK.sub(lambda _: lines, text, count=1)
    return f"{text.rstrip()}\n\n{lines}" if text.strip() else lines


def block_of(text: str) -> str:
    """The block of a file, or nothing."""
    found = _BLOCK.search(text)
    return f"{found[0].rstrip()}\n" if found else ""


def organization_of(text: str) -> str:
    """The organization whose teams a file names first, or nothing."""
    found = _TEAM.search(text)
    return found[1] if found else ""


def _lines(desired: Desired, organization: str) -> Iterator[str]:
    governing = [f"@{organization}/{group}" for group in list(desired.config.approvers)[:1]]
    for path in GOVERNING if governing else ():
        yield _line(path, governing)
    owned = [(card.location.path, [card.owner]) for card in desired.cards.values()]
    for share in desired.shares:
        keys = {key: None for one in share.cards for key in selected(one, desired.cards, desired.config)}
        owned.append((share.location.path, sorted({desired.cards[key].owner for key in keys})))
    for path, owners in sorted(owned):
        yield _line(f"/{path}", [*(f"@{organization}/{owner}" for owner in owners), *governing])


def _line(path: str, owners: list[str]) -> str:
    escaped = path.replace("\\", "\\\\").replace(" ", "\\ ").replace("#", "\\#")
    return f"{escaped} {' '.join(dict.fromkeys(owners))}"
