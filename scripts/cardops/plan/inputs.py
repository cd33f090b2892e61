"""PlanInputs: everything that a plan is made from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cardops.model.brake import BRAKE, Brake, brake_of
from cardops.model.desired import Card, CardKey, Desired
from cardops.model.observed import Observed
from cardops.model.provenance import is_managed
from cardops.model.read_only import ReadOnlyChecks
from cardops.plan.approvals import Approval
from cardops.plan.card_merge import Locate, at_card_file


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """Everything a plan is made from.

    `bases`: what git last declared for cards that moved; `approvals`: who signed Approved states off;
    `blocked`, `blocked_shares`: what a finding of level deny holds; `on_hold`: why nothing at all may widen;
    `broken`: cards whose files do not parse; `unreadable`: some file does not even say which card it is;
    `unsure_shares`: a share's file does not parse, so no grant may be taken for removed; `renamed`: live cards
    whose file declares another card now, with that card; `locate`: where a field of a card stands;
    `unmerged`: live contents with what an interrupted write did not get to merge back; `read_only`: whether
    principals who may read can write, as far as it was verified.
    """

    desired: Desired
    observed: Observed
    today: str
    bases: Mapping[CardKey, Card] = field(default_factory=dict)
    approvals: Mapping[CardKey, Approval] = field(default_factory=dict)
    blocked: Mapping[CardKey, str] = field(default_factory=dict)
    broken: frozenset[CardKey] = frozenset()
    unreadable: bool = False
    unsure_shares: bool = False
    renamed: Mapping[CardKey, CardKey] = field(default_factory=dict)
    locate: Locate = at_card_file
    blocked_shares: Collection[str] = ()
    on_hold: str = ""
    unmerged: Mapping[CardKey, bytes] = field(default_factory=dict)
    read_only: ReadOnlyChecks = field(default_factory=ReadOnlyChecks)

    def brakes(self) -> dict[CardKey, Brake]:
        """The emergency brake of each live card of ours that has one."""
        repository = self.desired.config.repository
        return {
            key: brake_of(live.tags)
            for key, live in self.observed.cards.items()
            if BRAKE in live.tags and is_managed(live.tags, repository)
        }
