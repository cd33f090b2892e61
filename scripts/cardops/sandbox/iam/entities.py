"""State of IAM, KMS and Organizations, as dataclasses that serialize to JSON."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Entity:
    """A role or a user: ``kind`` is role or user, ``trust`` a role's trust policy (JSON text).

    ``inline`` has policies by name, ``attached`` the ARNs of managed policies, ``keys`` a user's access keys with
    their status.
    """

    kind: str
    arn: str
    name: str
    path: str
    id: str
    created: float
    trust: str = ""
    description: str = ""
    max_session: int = 3600
    tags: dict[str, str] = field(default_factory=dict)
    inline: dict[str, str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)
    boundary: str | None = None
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ManagedPolicy:
    """A managed policy with its versions: JSON text by number."""

    arn: str
    name: str
    path: str
    id: str
    created: float
    updated: float
    versions: dict[str, str]
    default: str = "v1"
    last: int = 1
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class OidcProvider:
    """An OpenID Connect identity provider."""

    arn: str
    url: str
    clients: list[str]
    created: float


@dataclass(slots=True)
class AccountIam:
    """IAM of one account: roles and users by name, policies and providers by ARN."""

    account: str
    roles: dict[str, Entity] = field(default_factory=dict)
    users: dict[str, Entity] = field(default_factory=dict)
    policies: dict[str, ManagedPolicy] = field(default_factory=dict)
    providers: dict[str, OidcProvider] = field(default_factory=dict)


@dataclass(slots=True)
class OrganizationPolicy:
    """A policy of the organization."""

    id: str
    name: str
    description: str
    type: str
    content: str


@dataclass(slots=True)
class Unit:
    """An organizational unit below ``parent``, the root or another unit."""

    id: str
    name: str
    parent: str


@dataclass(slots=True)
class Organization:
    """The one organization. ``parents`` has the accounts that were moved below a unit.

    ``attached`` has the policy ids of each target; targets without an entry have FullAWSAccess alone.
    """

    policies: dict[str, OrganizationPolicy] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    attached: dict[str, list[str]] = field(default_factory=dict)
    delegated: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Grant:
    """A grant of a KMS key; ``constraints`` may have EncryptionContextEquals or EncryptionContextSubset."""

    id: str
    grantee: str
    operations: list[str]
    created: float
    constraints: dict[str, dict[str, str]]
    issuer: str
    name: str = ""
    retiring: str = ""


@dataclass(slots=True)
class Key:
    """A KMS key with its policy (JSON text), its aliases (``alias/…``) and its grants by id."""

    arn: str
    id: str
    created: float
    policy: str
    description: str = ""
    aliases: list[str] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)
