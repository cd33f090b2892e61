"""The observed state: live cards, shares, permissions and keys as frozen data. No I/O, no rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cardops.model.desired import AccountRegion, CardKey, Status
from cardops.model.registry import Packages

OTHER_PARTITION = "it is in another partition, which was not asked for"
"""The reason in `Observed.unknown` for an account and region that was left unread on purpose."""

TERMINAL_STATES = frozenset({"DISASSOCIATED", "FAILED"})
"""RAM association states that give no access and never will by themselves.

Source of all states: ResourceShareAssociationStatus in botocore's RAM model.
"""
ENDING_STATE = "DISASSOCIATING"
"""Access is about to end, and still works."""
SUSPENDED = "SUSPENDED"
PRESENT_STATES = frozenset({"ASSOCIATED", "ASSOCIATING", "RESTORING"})
"""The association gives access, or is about to."""


@dataclass(frozen=True, slots=True)
class ObservedCard:
    """A live card. `content` is canonical JSON, None where only the index was asked and gave none.

    `flaw` says why the live JSON does not stand for one value; `content` is None then as well, and the card is never
    equal to anything, merged or approved.

    `modified` is when it last changed, in UTC and ISO 8601, or empty.
    """

    key: CardKey
    status: Status
    version: int
    content: bytes | None
    tags: Mapping[str, str] = field(default_factory=dict)
    kms_key_id: str = ""
    processing: str = ""
    modified: str = ""
    flaw: str = ""

    @property
    def arn(self) -> str:
        """The model card's ARN."""
        return self.key.arn


class Association(NamedTuple):
    """A resource or principal of a share: RAM's state, its words about a failure, and when it invited (or empty)."""

    state: str
    message: str = ""
    invited: str = ""


@dataclass(frozen=True, slots=True)
class CardVersion:
    """One version of a live card; times are ISO 8601 in UTC. A version has a status of its own."""

    version: int
    status: Status
    created: str
    modified: str


@dataclass(frozen=True, slots=True)
class ObservedShare:
    """A RAM resource share of the owner's; `resources` and `principals` map to association states.

    `messages` are RAM's words about associations that failed; `invited` are principals outside the organization
    who have not answered yet, with the time of the invitation (ISO 8601, UTC). `retained`: RAM keeps the access of an
    account that leaves the organization.
    """

    arn: str
    place: AccountRegion
    name: str
    tags: Mapping[str, str]
    resources: Mapping[str, str]
    principals: Mapping[str, str]
    permission: str = ""
    permission_version: int = 0
    actions: frozenset[str] = frozenset()
    external: bool = False
    feature_set: str = "STANDARD"
    updated: str = ""
    status: str = "ACTIVE"
    messages: Mapping[str, str] = field(default_factory=dict)
    invited: Mapping[str, str] = field(default_factory=dict)
    retained: bool = False


@dataclass(frozen=True, slots=True)
class ObservedPermission:
    """A RAM permission at its default version; `versions` are all that exist."""

    arn: str
    name: str
    version: int
    actions: frozenset[str]
    tags: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class ObservedKey:
    """A key by what a card calls it. `arn` is the key's own, `policy` its policy as JSON text; each is empty where
    it was not read, and then `why` says the reason.
    """

    arn: str = ""
    policy: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """The observed state. `unknown` are the places that could not be read, with the reason.

    `unreadable` are single cards, with the reason: they wait, whatever the index says, and all else goes on.

    `origins` are the spokes' cards that hub copies are made from, of any owner; one that is missing does not exist.
    `keys` are KMS keys by the place and what a card there calls them. `indexed` are cards of which only the index
    was asked, which may lag: nothing may widen because of what it says. `version_limits` are quotas of card versions
    where they are known.
    """

    cards: Mapping[CardKey, ObservedCard]
    shares: tuple[ObservedShare, ...]
    permissions: Mapping[AccountRegion, Mapping[str, ObservedPermission]]
    unknown: Mapping[AccountRegion, str] = field(default_factory=dict)
    packages: Packages = field(default_factory=Packages)
    origins: Mapping[CardKey, ObservedCard] = field(default_factory=dict)
    keys: Mapping[tuple[AccountRegion, str], ObservedKey] = field(default_factory=dict)
    indexed: frozenset[CardKey] = frozenset()
    unreadable: Mapping[CardKey, str] = field(default_factory=dict)
    version_limits: Mapping[AccountRegion, int] = field(default_factory=dict)

    def in_other_partition(self, place: AccountRegion) -> bool:
        """Return True if the account and region was left unread because it was not asked for."""
        return self.unknown.get(place) == OTHER_PARTITION


def is_key_arn(key_id: str) -> bool:
    """Tell whether this is a key's own ARN, which stays the same whatever an alias points to."""
    return key_id.startswith("arn:") and ":key/" in key_id
