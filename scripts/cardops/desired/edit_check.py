"""Find the problems that an edit of a card's file would introduce."""

from collections import Counter

from cardops.desired.cards import read_card
from cardops.desired.sources import Overlay, Source
from cardops.model.desired import Config
from cardops.model.findings import Finding


def new_problems(source: Source, path: str, text: bytes, settings: Config) -> tuple[Finding, ...]:
    """Return the findings of level deny that a card's file has with this text and does not have in `source`."""
    before = Counter((found.rule, found.message) for found in read_card(source, path, settings).file.findings)
    after = read_card(Overlay({path: text}, source), path, settings).file.findings
    seen: Counter[tuple[str, str]] = Counter()
    new = []
    for found in after:
        seen[found.rule, found.message] += 1
        if found.level == "deny" and seen[found.rule, found.message] > before[found.rule, found.message]:
            new.append(found)
    return tuple(new)
