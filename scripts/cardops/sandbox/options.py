"""Named switches for what AWS does not document, and for the shape of the organization."""

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """Switches for behaviour that AWS does not document. Every default is the likely behaviour.

    Durations are seconds of the sandbox's clock.
    """

    organization: bool = True
    """All accounts are in one AWS organization."""
    organization_sharing: bool = True
    """RAM sharing with the organization is on (EnableSharingWithAwsOrganization turns it on too)."""
    outside_accounts: frozenset[str] = frozenset()
    """12-digit ids of accounts that are not in the organization."""

    management_account: str = "999999999999"
    """The organization's management account, which SCPs do not restrict."""
    undeclared_roles: str = "permissive"
    """A role that was never created in IAM: ``permissive`` (anyone may assume it, it may do everything) or
    ``refused`` (it does not exist, as in AWS)."""

    put_resource_policy_needed: bool = True
    """Sharing needs sagemaker:PutResourcePolicy and GetResourcePolicy of the caller, ending it DeleteResourcePolicy."""
    resource_tags_across_accounts: bool = True
    """aws:ResourceTag is filled in for callers of other accounts."""
    role_recreated: str = "id"
    """A role that was deleted and made anew: with ``id`` it loses what RAM gave to its predecessor, with ``arn`` it
    keeps that."""
    status_write_needs_key: bool = False
    """A status-only update of an encrypted card needs kms:GenerateDataKey too."""
    simulate_across_accounts: str = "identity"
    """SimulatePrincipalPolicy about a resource of another account without its resource policy: ``identity`` (the
    principal's side alone decides) or ``refuses`` (implicitDeny)."""

    customer_permissions: bool = True
    """RAM accepts customer managed permissions for sagemaker:ModelCard."""
    role_principals: bool = True
    """RAM accepts IAM roles and users as principals of model cards."""
    associate_seconds: float = 0.0
    """Time that an association stays ASSOCIATING."""
    disassociate_seconds: float = 0.0
    """Time that an association stays DISASSOCIATING."""
    invitation_seconds: float = 12 * 3600.0
    """Time after which a pending invitation expires."""
    client_token_seconds: float = 24 * 3600.0
    """Time that a client token is remembered."""
    empty_pages: frozenset[str] = frozenset({"GetResourceShareAssociations", "GetResourceShareInvitations"})
    """RAM list operations whose first page is empty and has a token, when there is anything to list."""

    edited_status: str = "keep"
    """The status of the version that a content update makes: ``keep`` the card's, or a status by name."""
    one_field_updates: bool = True
    """Content and status in one UpdateModelCard call are refused (documented; Terraform sends both)."""
    archived_frozen: bool = True
    """Updates of an Archived card are refused."""
    archived_error: str = "ValidationException"
    """The error code of that refusal; ConflictException is the other candidate."""
    unarchive: bool = False
    """A status-only update of a frozen Archived card is still accepted."""
    encrypted_search_content: bool = False
    """Search returns the content of cards that have a KMS key."""
    delete_seconds: float = 1.0
    """Duration of a card's deletion, divided into four equal states."""
    delete_refused_while_shared: bool = False
    """DeleteModelCard answers ConflictException while a RAM share holds the card."""
    export_seconds: float = 0.0
    """Time that an export job stays InProgress."""
    card_versions: int = 100
    """The quota of model card versions (L-EF24FBDB) that Service Quotas answers."""
    cards_per_region: int = 100_000
    """Above this CreateModelCard answers ResourceLimitExceeded (the real quota is not documented)."""

    def describe(self) -> dict[str, Any]:
        """Return the switches as JSON-able values, sets sorted."""
        pairs = dataclasses.asdict(self).items()
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in pairs}
