"""Plan, Step and Phase: the objects that are shown, compared by digest, and run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import AccountRegion, Card, CardKey, Status
from cardops.model.findings import Finding
from cardops.model.registry import Approval
from cardops.plan.actions import (
    AcceptInvitation,
    AddPermissionVersion,
    AdoptShare,
    AllowExternal,
    Associate,
    CreatePermission,
    CreateShare,
    DeleteShare,
    Disassociate,
    MarkShare,
    ReplacePermission,
)


class Phase(IntEnum):
    """The order, per card: access narrows first and widens last. Bulk calls group equal phases."""

    LOCK = 1
    REVOKE = 2
    PREPARE = 3
    NARROW = 4
    WITHDRAW = 5
    DEMOTE = 6
    CONTENT = 7
    PROMOTE = 8
    WIDEN = 9
    SHARE = 10
    ACCEPT = 11
    REGISTRY = 12
    RECORD = 13


NARROWING = frozenset({Phase.LOCK, Phase.REVOKE, Phase.PREPARE, Phase.NARROW, Phase.WITHDRAW, Phase.DEMOTE})
"""PREPARE makes permissions, which change nothing until a share takes them up."""


@dataclass(frozen=True, slots=True)
class CreateCard:
    """A new card, as Draft: a declared one's content and key, with all tags."""

    card: Card
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WriteContent:
    """Merged content in place of the version and digest that the plan saw, and declared tags with it.

    `recovered` are the tags that a write which was interrupted before did not get to leave.
    """

    content: bytes
    version: int
    seen: str
    declared_digest: str
    tags: Mapping[str, str] = field(default_factory=dict)
    untag: tuple[str, ...] = ()
    recovered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Another status in place of the one that the plan saw (`seen`). `reviewed` is the digest that the live content
    must have; empty: any.

    `declared_digest` is the declaration that is applied when this step is done; empty: none is yet. `signed` are
    tags that record its sign-off, `note` what there is to say about it. Unless it `settles`, the lock of an approval
    stays, so that the next plan looks at the card again.
    """

    status: Status
    seen: Status
    reviewed: str = ""
    declared_digest: str = ""
    signed: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    settles: bool = True


@dataclass(frozen=True, slots=True)
class SetTags:
    """Tags to add or replace, and to remove. `version` and `seen`: what must still be live (0: anything)."""

    add: Mapping[str, str]
    remove: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class AdoptCard:
    """Our tags on a card that nobody manages, if it still is at this version and status, with this digest."""

    tags: Mapping[str, str]
    version: int
    status: Status
    seen: str


@dataclass(frozen=True, slots=True)
class DeleteCard:
    """The end of a card at the version and status that the plan saw, chosen by `retire: delete`."""

    version: int
    seen: Status


@dataclass(frozen=True, slots=True)
class SetApproval:
    """Another approval for a model package version, in place of the one that the plan saw.

    `because` and `signoff` (who signed the card off, where that is known) go into its description.
    """

    group: str
    version: int
    approval: Approval
    seen: Approval
    because: str
    signoff: str = ""


CardAction = AdoptCard | CreateCard | WriteContent | SetStatus | SetTags | DeleteCard
"""What is done to one card, and depends on no other step of its phase."""

Action = (
    CardAction
    | AdoptShare
    | CreateShare
    | Associate
    | Disassociate
    | DeleteShare
    | ReplacePermission
    | AllowExternal
    | MarkShare
    | AcceptInvitation
    | CreatePermission
    | AddPermissionVersion
    | SetApproval
)


@dataclass(frozen=True, slots=True)
class CardRequirement:
    """The live state that a card must have when a step gives access to it; an empty digest allows any content.

    `share` and `principal` say whose access it is, for the emergency brake.
    """

    statuses: frozenset[Status]
    digest: str = ""
    share: str = ""
    principal: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One change that a plan will make.

    `resource` is what people call it, `key` what it is known by; `cards` are the cards for which it widens or
    narrows; `requires` is what apply demands of each card when it runs the step;
    `sees` is the precondition: what the plan observed; `seen_at`: when that last changed, for client
    tokens alone, so that the same call after another change is another call.
    """

    phase: Phase
    kind: str
    place: AccountRegion
    resource: str
    key: str
    reason: str
    action: Action
    changes: Sequence[Change] = ()
    sees: str = ""
    cards: frozenset[CardKey] = frozenset()
    seen_at: str = ""
    requires: Mapping[CardKey, CardRequirement] = field(default_factory=dict, compare=False)
    _digest: str = field(default="", init=False, repr=False, compare=False)

    @property
    def narrowing(self) -> bool:
        """True for what ends access, withdraws an approval, demotes or locks."""
        return self.phase in NARROWING

    def digest(self) -> str:
        """Over kind, key, reason, changes and precondition; not over provenance, times and tokens."""
        if not self._digest:
            changes = [(c.path, jsonable(c.before), jsonable(c.after)) for c in self.changes]
            # Computed once, though the step is frozen: several ask for it.
            object.__setattr__(self, "_digest", _hash([self.kind, self.key, self.reason, changes, self.sees]))
        return self._digest


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps, what stands in their way, and the digests that name them."""

    repository: str
    commit: str
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()
    held: Mapping[CardKey, str] = field(default_factory=dict)
    unchanged: int = 0
    version_limits: Mapping[AccountRegion, int] = field(default_factory=dict)

    def digests(self) -> dict[str, str]:
        """Return one digest for each resource."""
        steps: dict[str, list[str]] = {}
        for step in self.steps:
            steps.setdefault(step.key, []).append(step.digest())
        return {key: _hash(found) for key, found in sorted(steps.items())}

    def digest(self) -> str:
        """Return one digest over all resources."""
        return digest_of(self.repository, self.digests())

    def widened(self) -> frozenset[CardKey]:
        """Return the cards for which some step widens: access, content, status or approval."""
        return frozenset(key for step in self.steps if not step.narrowing for key in step.cards)

    def differences(self) -> list[Step]:
        """Return the steps that count as differences: all but bookkeeping."""
        return [step for step in self.steps if step.kind != "record"]


def digest_of(repository: str, digests: Mapping[str, str]) -> str:
    """The digest over all resources of a plan."""
    return _hash([repository, dict(digests)])


def jsonable(value: Any) -> Any:
    """A change's value as JSON; what is absent becomes null."""
    return None if value is ABSENT else value


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
