"""Preconditions and wording that all steps of a grant share."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cardops.desired.grants import DesiredGrant
from cardops.desired.read_only import limits
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import AccountRegion, Card, CardKey, Config, Status
from cardops.model.findings import Finding
from cardops.model.observed import Observed, ObservedShare
from cardops.model.permissions import may_write
from cardops.model.read_only import ReadOnlyChecks
from cardops.plan.sharing.associations import key_of
from cardops.plan.sharing.shards import Shard, tag
from cardops.plan.steps import Action, CardRequirement, Phase, Step

ACCESS = re.compile(r"access\[(?P<who>.*)\](?:\.(?P<card>[^.\[\]]+))?")
"""The path of a change of access: of a card, or (without one) of a whole share."""
CHUNK = 100
"""RAM takes about a hundred ARNs in one call, so a step never needs more than one call."""

Found = Iterator[Step | Finding]


@dataclass(frozen=True, slots=True)
class SharingContext:
    """The state that a grant is planned against: cards not to widen, cards to keep, and statuses.

    `untouchable` are ARNs; `declared` are the declared cards by ARN; `foreign` the shares of others by place and
    name. `stopped` are the ARNs that the emergency brake takes from the grant at hand.
    """

    observed: Observed
    config: Config
    held: Collection[CardKey]
    untouchable: Collection[str]
    declared: Mapping[str, Card]
    foreign: Mapping[tuple[AccountRegion, str], ObservedShare]
    read_only: ReadOnlyChecks = field(default_factory=ReadOnlyChecks)
    stopped: frozenset[str] = frozenset()

    @property
    def repository(self) -> str:
        """The repository that manages our shares."""
        return self.config.repository


def step(
    grant: DesiredGrant,
    part: Shard,
    phase: Phase,
    kind: str,
    reason: str,
    action: Action,
    changes: tuple[Change, ...],
    cards: frozenset[CardKey] = frozenset(),
    failed: ObservedShare | None = None,
    requires: Mapping[CardKey, CardRequirement] | None = None,
) -> Step:
    """One step for a part of a grant; `failed` is a share in whose place a new one comes."""
    share = part.share or failed
    sees, seen_at = (share.arn, share.updated) if share else ("absent", "")
    return Step(
        phase,
        kind,
        grant.place,
        grant.name,
        key(grant, part),
        reason,
        action,
        changes,
        sees,
        cards,
        seen_at,
        requires or {},
    )


def key(grant: DesiredGrant, part: Shard) -> str:
    """Return the key of a grant's shard in a plan."""
    return f"{grant.place.account}/{grant.place.region}/{tag(grant, part.number)}"


def requirements(grant: DesiredGrant, arns: Collection[str], context: SharingContext) -> dict[CardKey, CardRequirement]:
    """Return what each card must be when the grant reaches it; one that git declares Approved, with that content."""
    found = {}
    for arn in arns:
        card = context.declared.get(arn)
        exact = card is not None and card.status is Status.APPROVED and card.origin is None
        digest = card.digest if card and exact else ""
        found[key_of(arn)] = CardRequirement(grant.during, digest, grant.share.name, grant.principal)
    return found


def access(grant: DesiredGrant, arns: Collection[str], gains: bool) -> tuple[Change, ...]:
    """Describe who gains or loses which card."""
    level = grant.level.name
    return tuple(
        Change(f"access[{grant.to}].{key_of(arn).name}", ABSENT if gains else level, level if gains else ABSENT)
        for arn in arns
    )


def kept_by(grant: DesiredGrant, config: Config) -> Iterator[Change]:
    """The means that keep a grant read-only where RAM's permission lets its principal write."""
    if may_write(grant.ram_level.actions) and not may_write(grant.level.actions):
        yield Change("read-only", ABSENT, limits(grant.principal, grant.means, config))


def why(grant: DesiredGrant) -> str:
    """Explain why a card is shared."""
    return f"{grant.label} while {' or '.join(status.value for status in Status if status in grant.during)}"


def chunks(arns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Split ARNs into chunks that one call takes."""
    for start in range(0, len(arns), CHUNK):
        yield tuple(arns[start : start + CHUNK])
