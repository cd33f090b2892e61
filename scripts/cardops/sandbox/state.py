"""State of every account and region, as dataclasses that serialize to JSON."""

from dataclasses import dataclass, field
from typing import Any

from cardops.sandbox.iam.entities import AccountIam, Key, Organization


@dataclass(slots=True)
class CardVersion:
    """One version of a card. A status belongs to a version; times are epoch seconds."""

    number: int
    content: str
    status: str
    created: float
    modified: float


@dataclass(slots=True)
class Card:
    """A model card with all its versions, oldest first."""

    arn: str
    name: str
    created: float
    kms_key_id: str | None
    tags: dict[str, str]
    versions: list[CardVersion]
    deleting_since: float | None = None

    @property
    def latest(self) -> CardVersion:
        """The newest version."""
        return self.versions[-1]


@dataclass(slots=True)
class ExportJob:
    """An export job of one version of a card; no PDF is written."""

    arn: str
    name: str
    card: str
    version: int
    output: str
    created: float
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PackageGroup:
    """A model package group of the registry."""

    arn: str
    name: str
    created: float
    tags: dict[str, str]
    given: dict[str, Any]
    last_version: int = 0
    policy: str | None = None


@dataclass(slots=True)
class Package:
    """A model package: a version of a group, or one without a group."""

    arn: str
    name: str
    group: str | None
    version: int | None
    created: float
    modified: float
    tags: dict[str, str]
    given: dict[str, Any]


@dataclass(slots=True)
class Association:
    """A resource or principal of a share. At ``due`` it ``turns`` into another status ("" = it disappears).

    ``role_id`` is the unique id that a role had when it became a principal.
    """

    kind: str
    entity: str
    status: str
    created: float
    updated: float
    external: bool
    due: float | None = None
    turns: str = ""
    message: str | None = None
    role_id: str | None = None


@dataclass(slots=True)
class Attachment:
    """The one permission that a share has for a resource type, at a version."""

    arn: str
    version: int
    updated: float


@dataclass(slots=True)
class Share:
    """A RAM resource share. ``permissions`` is keyed by resource type, the associations by entity.

    At ``next_due`` an asynchronous change is due; at ``gone_at`` a deleted share is no longer listed.
    """

    arn: str
    name: str
    owner: str
    allow_external: bool
    created: float
    updated: float
    tags: dict[str, str]
    retain: bool | None = None
    status: str = "ACTIVE"
    resources: dict[str, Association] = field(default_factory=dict)
    principals: dict[str, Association] = field(default_factory=dict)
    permissions: dict[str, Attachment] = field(default_factory=dict)
    gone_at: float | None = None
    next_due: float | None = None
    feature_set: str = "STANDARD"


@dataclass(slots=True)
class PermissionVersion:
    """One version of a customer managed permission."""

    number: int
    policy: str
    created: float


@dataclass(slots=True)
class Permission:
    """A RAM permission with its versions, oldest first."""

    arn: str
    name: str
    resource_type: str
    managed: bool
    created: float
    updated: float
    tags: dict[str, str]
    versions: list[PermissionVersion]
    default_version: int = 1
    last_version: int = 1
    type_default: bool = False
    status: str = "ATTACHABLE"
    feature_set: str = "STANDARD"


@dataclass(slots=True)
class Invitation:
    """An invitation to a principal outside the organization."""

    arn: str
    share: str
    share_name: str
    sender: str
    receiver: str
    principal: str
    created: float
    status: str = "PENDING"


@dataclass(slots=True)
class Work:
    """A ReplacePermissionAssociations task, which the sandbox completes at once."""

    id: str
    from_arn: str
    from_version: int | None
    to_arn: str
    to_version: int
    created: float


@dataclass(slots=True)
class Token:
    """A used client token with the digest of the parameters and the answer."""

    digest: str
    answer: dict[str, Any]
    created: float


@dataclass(slots=True)
class Region:
    """Resources of one account in one region; at ``next_due`` the next asynchronous change is due."""

    account: str
    name: str
    cards: dict[str, Card] = field(default_factory=dict)
    exports: dict[str, ExportJob] = field(default_factory=dict)
    groups: dict[str, PackageGroup] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    next_due: float | None = None


@dataclass(slots=True)
class State:
    """All accounts and regions, keyed ``account/region``, and how far the clock was put forward (seconds)."""

    regions: dict[str, Region] = field(default_factory=dict)
    clock_offset: float = 0.0
    organization_sharing: bool = False
    iam: dict[str, AccountIam] = field(default_factory=dict)
    organization: Organization = field(default_factory=Organization)

    lists: int = 0

    def next_list(self) -> int:
        """Count the lists that may begin with an empty page; return the number of this one."""
        self.lists += 1
        return self.lists

    def iam_of(self, account: str) -> AccountIam:
        """Return the account's IAM; create it on first use."""
        if account not in self.iam:
            self.iam[account] = AccountIam(account)
        return self.iam[account]

    def region(self, account: str, name: str) -> Region:
        """Return an account's region; create it on first use."""
        key = f"{account}/{name}"
        if key not in self.regions:
            self.regions[key] = Region(account, name)
        return self.regions[key]

    def everywhere(self, name: str) -> list[Region]:
        """Return the region of every account that has used it."""
        return [region for region in self.regions.values() if region.name == name]
