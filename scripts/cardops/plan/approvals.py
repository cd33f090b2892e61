"""Who signed a card's state off, as data that a plan is given, and as the tags that record it."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from cardops.model.desired import APPROVED_BY, PULL_REQUEST

LONGEST = 256
PUNCTUATION = frozenset("_.:/=+-@ ")
RECORDED = (APPROVED_BY, PULL_REQUEST)


class Approval(NamedTuple):
    """The people who signed a state off, and through which pull request (empty: none). Nobody: nobody had to."""

    by: tuple[str, ...] = ()
    pull_request: str = ""

    @property
    def note(self) -> str:
        """What a plan and a run say beside an approval that nobody gave, or nothing."""
        return "" if self.by else "not reviewed: signoff is none"

    def tags(self) -> Mapping[str, str]:
        """The tags of the card, in the characters and lengths that AWS allows."""
        tags = {APPROVED_BY: _names(self.by) or self.note}
        return tags | ({PULL_REQUEST: _plain(self.pull_request)} if self.pull_request else {})


def _names(names: tuple[str, ...]) -> str:
    """Names with spaces between; those that do not fit are counted: `ada bob +3`."""
    plain = [_plain(name).replace(" ", "_") for name in names]
    for kept in range(len(plain), 0, -1):
        text = " ".join(plain[:kept]) + (f" +{len(plain) - kept}" if kept < len(plain) else "")
        if len(text) <= LONGEST:
            return text
    return ""


def _plain(text: str) -> str:
    allowed = (char if char in PUNCTUATION or unicodedata.category(char)[0] in "LN" else "_" for char in text)
    return "".join(allowed)[:LONGEST]
