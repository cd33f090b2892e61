"""Writing a card's content while others may write it too: UpdateModelCard has no precondition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cardops.merge.three_way import merge
from cardops.model import canonical
from cardops.model.desired import APPLYING, CardKey
from cardops.model.errors import StaleResourceError
from cardops.model.observed import ObservedCard
from cardops.model.ports import Cards

MOST_REWRITES = 3
"""How often a write is merged with another writer's before cardops gives up."""


@dataclass(slots=True)
class CardWriter:
    """One write, and what it has to hold once others wrote as well.

    `ours` is what shall be live, `theirs` the last content that somebody else left, both canonical JSON;
    `conflicts` are fields that both changed: they stay as the others wrote them. `recovered` tags go with the
    announcement of this write, which takes the place of that of an interrupted one.
    """

    port: Cards
    key: CardKey
    commit: str
    ours: bytes
    theirs: bytes
    recovered: Mapping[str, str] = field(default_factory=dict)
    others: bool = False
    conflicts: set[str] = field(default_factory=set)
    _sent: set[bytes] = field(default_factory=set)

    def finish(self, version: int) -> ObservedCard:
        """Writes over `version` until what is live holds everybody's; the card as it is live then.

        Raises Moved when others go on writing.
        """
        for _ in range(MOST_REWRITES):
            announced = {APPLYING: f"{self.commit}/{canonical.digest(self.ours)}/{version}"}
            self.port.add_tags(self.key.arn, dict(self.recovered) | announced)
            self.port.write_content(self.key.name, self.ours)
            self._sent.add(self.ours)
            after = self.port.describe(self.key.name)
            if after.version == version + 1 and after.content == self.ours:
                return after
            self._merge_back(range(version + 1, after.version + 1))
            version = after.version
            if after.content == self.ours:
                return after
        raise StaleResourceError(f"{self.key.name} is being written by somebody else", "apply again when they are done")

    def _merge_back(self, versions: Iterable[int]) -> None:
        """Their changes are told from what they last left, not from ours: they may never have seen it."""
        for version in versions:
            found = self.port.describe(self.key.name, version).content or b"{}"
            if found in self._sent:
                continue
            base, theirs = canonical.from_bytes(self.theirs), canonical.from_bytes(found)
            merged = merge(base, theirs, canonical.from_bytes(self.ours))
            self.conflicts |= {conflict.path for conflict in merged.conflicts}
            self.ours, self.theirs, self.others = canonical.to_bytes(merged.content), found, True
