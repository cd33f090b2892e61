"""Desired state as plain frozen data: configuration, cards, shares and grants. No I/O, no rules."""

import hashlib
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

from cardops.model.findings import Location

REPOSITORY = "cardops:repository"
COMMIT = "cardops:commit"
DIGEST = "cardops:digest"
VERSION = "cardops:version"
APPLYING = "cardops:applying"
LOCKED = "cardops:locked"
GRANT = "cardops:grant"
PRINCIPAL_ID = "cardops:principal-id"
APPROVED_BY = "cardops:approved-by"
PULL_REQUEST = "cardops:pull-request"
SIGNED = "cardops:signed"
OWN_TAGS = "cardops:"


class Status(StrEnum):
    """SageMaker's ModelCardStatus, in the order of a card's life."""

    DRAFT = "Draft"
    PENDING_REVIEW = "PendingReview"
    APPROVED = "Approved"
    ARCHIVED = "Archived"

    @property
    def rank(self) -> int:
        """0 for Draft to 3 for Archived."""
        return list(Status).index(self)


LOCKED_STATUSES = frozenset({Status.APPROVED, Status.ARCHIVED})
OPEN_STATUSES = frozenset({Status.DRAFT, Status.PENDING_REVIEW})


class AccountRegion(NamedTuple):
    """An account id and a region, where calls go."""

    account: str
    region: str

    def __str__(self) -> str:
        return "/".join(self)

    @classmethod
    def parse(cls, text: str) -> "AccountRegion | None":
        """Parse `ACCOUNT/REGION`. None for any other text."""
        account, _, region = text.partition("/")
        return cls(account, region) if len(account) == 12 and account.isdecimal() and region else None


class CardKey(NamedTuple):
    """The identity of a card: 12-digit account id, region, the model card's name."""

    account: str
    region: str
    name: str

    def __str__(self) -> str:
        return "/".join(self)

    @classmethod
    def from_arn(cls, arn: str) -> "CardKey":
        """The key of a model card's ARN."""
        parts = arn.split(":", 5)
        return cls(parts[4], parts[3], parts[5].split("/", 1)[-1])

    @property
    def place(self) -> AccountRegion:
        """The account and region of the card."""
        return AccountRegion(self.account, self.region)

    @property
    def arn(self) -> str:
        """The model card's ARN."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:model-card/{self.name}"


class Means(StrEnum):
    """A means by which AWS keeps a consumer from writing cards that it may read.

    RAM has no read-only permission for model cards: each managed one carries UpdateModelCard, and customer managed
    permissions are not offered for them (RAM User Guide, "Shareable AWS resources").
    """

    ROLE = "role"
    """RAM's principal is an IAM role whose own policy only reads."""
    SCP = "scp"
    """A service control policy on the consumer's account denies the writes."""
    KEY = "key"
    """The policy of the card's KMS key lets the consumer decrypt and not encrypt."""
    COPY = "copy"
    """The card is not shared; cardops keeps a copy in the consumer's account."""
    PERMISSION = "permission"
    """A customer managed permission that only reads, where RAM turns out to take one."""


READER_ROLE = "cardops-card-reader"
CONTRIBUTOR_ROLE = "cardops-card-contributor"


class Account(NamedTuple):
    """A named entry of cardops.yaml.

    `read_only`: the means that keep read access read-only; `readers`, `contributors`: names of the account's roles
    that may read, or write (none: the account as a whole); `trust`: means to rely on without verification;
    `management`: the organization's management account, which no service control policy binds.
    """

    alias: str
    id: str
    role: str = ""
    plan_role: str = ""
    external: bool = False
    leaving: bool = False
    read_only: tuple[Means, ...] = ()
    readers: tuple[str, ...] = (READER_ROLE,)
    contributors: tuple[str, ...] = ()
    trust: tuple[Means, ...] = ()
    management: bool = False
    stage: str = ""

    def role_arn(self, name: str) -> str:
        """The ARN of one of the account's roles by its name, with or without a path."""
        return f"arn:aws:iam::{self.id}:role/{name}"


class AwsFacts(NamedTuple):
    """Facts about AWS that its documentation leaves open, as a probe found them; each default is the safe one."""

    customer_permissions: bool = False
    """RAM takes customer managed permissions for model cards."""
    status_write_needs_key: bool = False
    """Setting a card's status needs kms:GenerateDataKey."""


class AccessLevel(NamedTuple):
    """`managed` names an AWS managed permission; otherwise `actions` go into one that cardops keeps."""

    name: str
    actions: frozenset[str]
    managed: str = ""


class Safety(NamedTuple):
    """How much one apply may change per (account, region): whole numbers, or shares of what is managed."""

    max_updates: int | float = 0.3
    max_retires: int | float = 0.1
    max_revokes: int | float = 0.3
    max_new_principals: int | float = 10
    floor: int = 10
    once: str = ""


class Config(NamedTuple):
    """cardops.yaml."""

    repository: str
    region: str
    home: str
    accounts: Mapping[str, Account]
    access: Mapping[str, AccessLevel]
    retire: Literal["archive", "delete", "forbid"] = "archive"
    safety: Safety = Safety()
    signoff: Literal["reviews", "signed-trailers", "none"] = "reviews"
    approvers: Mapping[str, tuple[str, ...]] = {}
    signing_keys: Mapping[str, str] = {}
    lock: Literal["", "scp"] = ""
    """The organization has the policy that lets only the apply roles change locked cards (`scp`)."""
    facts: AwsFacts = AwsFacts()


class ModelPackage(NamedTuple):
    """The registry entry whose approval follows a card's status."""

    group: str
    version: int


class HubOrigin(NamedTuple):
    """The spoke's card that a hub copy is made from: an account's name in cardops.yaml, and a card's."""

    account: str
    card: str

    def key(self, config: Config, region: str) -> CardKey:
        """The spoke's card; it lives in the region of its copy."""
        return CardKey(config.accounts[self.account].id, region, self.card)


class IgnoreRule(NamedTuple):
    """A field of content (`evaluation_details[holdout].datasets`) that stays the live side's; `expires`: last day."""

    path: str
    reason: str
    expires: str


class Card(NamedTuple):
    """A declared card; `digest` is that of its content, `location` the card's file.

    `text` is the content, or what reads it: of ten thousand cards few are looked at. `risk_rating` is the one in the
    content. A hub copy (`origin`) declares no content of its own: it is `{}` until the spoke's is read. `adopt` takes
    over a live card that nobody manages. `delivered`: a copy for a consumer whose means of read-only is `copy`, kept in
    step with its original or, while the grant does not hold it, as it is (`paused`); no file declares it, and
    `location` is that of its original.
    """

    key: CardKey
    status: Status
    owner: str
    text: bytes | Callable[[], bytes]
    digest: str
    location: Location
    kms_key_id: str = ""
    tags: Mapping[str, str] = {}
    live_sections: tuple[str, ...] = ()
    ignore: tuple[IgnoreRule, ...] = ()
    model_package: ModelPackage | None = None
    origin: HubOrigin | None = None
    adopt: bool = False
    risk_rating: str = ""
    delivered: Literal["", "current", "paused"] = ""

    @property
    def content(self) -> bytes:
        """Canonical JSON. Raises CardopsError where it has to be read and is not what it was any more."""
        return self.text if isinstance(self.text, bytes) else self.text()

    @property
    def declared(self) -> str:
        """A digest of everything that the card's file declares, which is what a sign-off covers.

        `adopt` is left out: it only says how a card comes under management.
        """
        parts = [*self.key, self.status, self.digest, self.owner, self.tags, self.kms_key_id, self.live_sections]
        text = json.dumps([*parts, self.ignore, self.model_package, self.origin], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class Grant(NamedTuple):
    """One access level for one principal while a card has one of these statuses; `expires`: last day, or empty;
    `adopt`: the ARN of a RAM share that nobody manages and that is taken over, or empty.
    """

    to: str
    access: str
    during: frozenset[Status]
    expires: str = ""
    adopt: str = ""


class Share(NamedTuple):
    """A declared share; `cards`: names, `account/name` or globs; `expires`: YYYY-MM-DD or empty."""

    name: str
    cards: tuple[str, ...]
    grants: tuple[Grant, ...]
    location: Location
    expires: str = ""
    invitations: Literal["accept", "leave"] = "accept"


class Desired(NamedTuple):
    """Everything that one revision declares. `commit` is its full hash, or empty for an uncommitted work tree.

    `former` are places that owned cards in earlier revisions.
    """

    config: Config
    cards: Mapping[CardKey, Card]
    shares: tuple[Share, ...]
    commit: str = ""
    former: frozenset[AccountRegion] = frozenset()

    @property
    def owners(self) -> frozenset[AccountRegion]:
        """Every place that may have cards: home, owners of cards now or once, accounts that get copies or leave."""
        config = self.config
        leaving = {account.id for account in config.accounts.values() if account.leaving}
        there = {AccountRegion(account, config.region) for account in {config.accounts[config.home].id, *leaving}}
        regions = {key.region for key in self.cards} | {config.region}
        copied = [account.id for account in config.accounts.values() if Means.COPY in account.read_only]
        there |= {AccountRegion(account, region) for account in copied for region in regions}
        return self.former | there | {key.place for key in self.cards}
