"""Protocols for AWS: Cloud, Cards, Sharing, Invitations, Keys, Registry.

Methods raise CloudError (or its subclasses NotFoundError and AccessDeniedError) and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from cardops.model.desired import AccountRegion, Status
from cardops.model.observed import Association, CardVersion, ObservedCard, ObservedPermission, ObservedShare
from cardops.model.registry import Approval, ObservedPackage


class Cards(Protocol):
    """SageMaker model cards of one account and region."""

    def search(self, contents: bool) -> Iterator[ObservedCard]:
        """Every card with tags, from the index: it may lag, and lack the content of encrypted cards.

        Without `contents` no card has any, and none is looked at.
        """
        ...

    def names(self) -> Iterator[str]:
        """Every card's name, from ListModelCards, which is not an index."""
        ...

    def describe(self, name: str, version: int | None = None) -> ObservedCard:
        """The live card without tags; `name` may be an ARN."""
        ...

    def versions(self, name: str) -> list[CardVersion]:
        """Every version, oldest first; `name` may be an ARN."""
        ...

    def tags(self, arn: str) -> dict[str, str]:
        """The card's tags."""
        ...

    def create(self, name: str, content: bytes, status: Status, tags: Mapping[str, str], kms: str) -> None:
        """A new card at version 1."""
        ...

    def write_content(self, name: str, content: bytes) -> None:
        """A new version of the card."""
        ...

    def set_status(self, name: str, status: Status) -> None:
        """Another status for the live version."""
        ...

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Adds or replaces these tags."""
        ...

    def remove_tags(self, arn: str, keys: Sequence[str]) -> None:
        """Removes these tags; absent ones are not an error."""
        ...

    def delete(self, name: str) -> None:
        """Starts the deletion of a card."""
        ...


class Sharing(Protocol):
    """RAM of one account and region, as the owner of shares. `token` makes a call idempotent."""

    def shares(self, leaving: bool = False) -> list[ObservedShare]:
        """All own shares with associations and permission, from bulk calls; none that is deleted.

        With `leaving` also those that RAM is still deleting, whose associations may still end.
        """
        ...

    def associations(self, shares: Sequence[str]) -> Mapping[str, Mapping[str, Association]]:
        """Resources and principals of these shares (by ARN) as they are now."""
        ...

    def permissions(self) -> dict[str, ObservedPermission]:
        """Customer managed permissions for model cards, by name."""
        ...

    def actions(self, permission: str, version: int) -> frozenset[str]:
        """The actions that one version of a permission allows."""
        ...

    def share_with(self, tag: str, value: str) -> str:
        """The ARN of a live own share with this tag, asked for freshly, or nothing."""
        ...

    def create_share(
        self,
        name: str,
        principal: str,
        resources: Sequence[str],
        permission: str,
        external: bool,
        tags: Mapping[str, str],
        token: str,
    ) -> str:
        """A new share with its first resources (at most 100); returns its ARN."""
        ...

    def associate(self, share: str, resources: Sequence[str], principals: Sequence[str], token: str) -> None:
        """Adds resources or principals (at most 100 together)."""
        ...

    def disassociate(self, share: str, resources: Sequence[str], principals: Sequence[str], token: str) -> None:
        """Removes resources or principals (at most 100 together)."""
        ...

    def allow_external(self, share: str, allowed: bool, token: str) -> None:
        """Set whether principals outside the organization may be associated."""
        ...

    def replace_permission(self, share: str, permission: str, version: int | None, token: str) -> None:
        """Puts another permission, or another version of it, in the place of the share's one."""
        ...

    def share_tags(self, share: str) -> dict[str, str]:
        """The tags of one own share, asked for freshly."""
        ...

    def tag_share(self, share: str, tags: Mapping[str, str]) -> None:
        """Adds or replaces these tags of a share."""
        ...

    def delete_share(self, share: str, token: str) -> None:
        """Deletes the share and with it all access it gave."""
        ...

    def create_permission(self, name: str, actions: Iterable[str], tags: Mapping[str, str], token: str) -> str:
        """A customer managed permission for model cards; returns its ARN. NotOffered where RAM has none for them."""
        ...

    def add_permission_version(self, arn: str, actions: Iterable[str], token: str) -> None:
        """A new version, which becomes the default one."""
        ...

    def delete_permission_version(self, arn: str, version: int, token: str) -> None:
        """Removes a version that no share uses."""
        ...


class Registry(Protocol):
    """SageMaker's model registry of one account and region."""

    def approvals(self, group: str) -> dict[int, Approval]:
        """The approval of every version of a group. Raises NotFoundError if the group does not exist."""
        ...

    def describe(self, group: str, version: int) -> ObservedPackage:
        """One version with the marks on it."""
        ...

    def set_approval(
        self, group: str, version: int, approval: Approval, description: str, marks: Mapping[str, str]
    ) -> None:
        """Another approval, with its description (at most 1,024 characters) and marks, in one call."""
        ...


class Invitations(Protocol):
    """RAM of one account and region, as the one that others share with."""

    def accepted(self, share: str) -> bool:
        """Tell whether the share (by ARN) reaches this account."""
        ...

    def pending(self, share: str) -> str:
        """The ARN of the unanswered invitation to a share, or nothing."""
        ...

    def accept(self, invitation: str, token: str) -> None:
        """Accept an invitation, also an accepted one. Raises StaleResourceError when it has expired."""
        ...


class Simulation(NamedTuple):
    """A question to IAM's policy simulator: may the principal `source` (an ARN) do `actions` on `resources`?

    `context` are condition keys that AWS does not fill in. `only_organization` sets identity policies and boundary
    aside, as if they allowed everything, so that service control policies alone decide.
    """

    source: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: Mapping[str, str]
    only_organization: bool = False


class Identities(Protocol):
    """IAM of one account; nothing is changed there."""

    def role_id(self, name: str) -> str:
        """Return a role's unique id (`AROA…`), which a role made anew does not share. Raises NotFoundError."""
        ...

    def simulate(self, question: Simulation) -> Mapping[tuple[str, str], str]:
        """Return `allowed`, `implicitDeny` or `explicitDeny` by action and resource."""
        ...


class KeyGrant(NamedTuple):
    """A grant on a KMS key: its grantee (a principal's ARN) and operations such as `GenerateDataKey`."""

    grantee: str
    operations: frozenset[str]


class Keys(Protocol):
    """KMS of one account and region."""

    def arn(self, key_id: str) -> str:
        """The ARN of the key that an id, an alias or an ARN means now."""
        ...

    def policy(self, arn: str) -> str:
        """The key's policy, as JSON text."""
        ...

    def grants(self, arn: str) -> list[KeyGrant]:
        """List the key's grants."""
        ...


class Quotas(Protocol):
    """Service Quotas of one account and region."""

    def value(self, service: str, code: str) -> int:
        """Return the quota that applies to the account now."""
        ...


class Cloud(Protocol):
    """All declared accounts, reached through their roles."""

    def cards(self, place: AccountRegion) -> Cards:
        """Model cards there."""
        ...

    def sharing(self, place: AccountRegion) -> Sharing:
        """RAM there, as the owner of shares."""
        ...

    def invitations(self, place: AccountRegion) -> Invitations:
        """RAM there, as the one that others share with."""
        ...

    def registry(self, place: AccountRegion) -> Registry:
        """The model registry there."""
        ...

    def keys(self, place: AccountRegion) -> Keys:
        """KMS there."""
        ...

    def identities(self, place: AccountRegion) -> Identities:
        """IAM of the account; the region does not matter."""
        ...

    def quotas(self, place: AccountRegion) -> Quotas:
        """Service Quotas there."""
        ...
