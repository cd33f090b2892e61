"""What an edit of a declared file would break."""

from collections import Counter
from dataclasses import dataclass

from cardops.desired.cards import read_card
from cardops.desired.sources import Source
from cardops.model.desired import Config
from cardops.model.findings import Finding


@dataclass(frozen=True, slots=True)
class _Edited:
    """A source in which one file has other bytes."""

    source: Source
    path: str
    text: bytes

    def paths(self) -> list[str]:
        return self.source.paths()

    def read(self, path: str) -> bytes:
        return self.text if path == self.path else self.source.read(path)


def new_problems(source: Source, path: str, text: bytes, settings: Config) -> tuple[Finding, ...]:
    """Findings of level deny that a card's file would have with this text and does not have now."""
    before = Counter((found.rule, found.message) for found in read_card(source, path, settings).file.findings)
    after = read_card(_Edited(source, path, text), path, settings).file.findings
    seen: Counter[tuple[str, str]] = Counter()
    new = []
    for found in after:
        seen[found.rule, found.message] += 1
        if found.level == "deny" and seen[found.rule, found.message] > before[found.rule, found.message]:
            new.append(found)
    return tuple(new)
