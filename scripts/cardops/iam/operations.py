"""The one table of AWS operations: who calls each, and what IAM asks for it. The adapters call nothing else.

Resource types and condition keys: Service Authorization Reference, "Amazon SageMaker", "AWS Resource Access
Manager", "AWS Key Management Service" and "AWS Security Token Service".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Capability(StrEnum):
    """A duty of an account's role. One role may have several."""

    READ = "read what the account owns"
    TELL = "tell the history of what the account owns"
    KEY_GRANTS = "see whom grants on the keys of cards let encrypt"
    WRITE = "write what the account owns"
    DELETE = "delete cards whose file was removed"
    REGISTRY = "read the model packages that cards name"
    APPROVE = "keep the approval of model packages in step with cards"
    ORIGIN = "read the origins of hub copies"
    CONSUME = "find out what is shared with the account"
    ACCEPT = "accept invitations"
    PROBE = "find out whether the account could write"
    VERIFY = "verify that the account's readers can only read"
    ENTER = "take the roles of the declared accounts"


class Target(StrEnum):
    """The resource of an IAM authorization; ANY if IAM knows none, or documents none."""

    ANY = "any"
    CARD = "cards"
    SHARED_CARD = "cards of the owners"
    PACKAGE = "model packages"
    SHARE = "RAM shares"
    PERMISSION = "RAM permissions"
    OWN_PERMISSION = "the permissions that cardops keeps"
    INVITATION = "invitations"
    KEY = "keys of encrypted cards"
    ROLE = "roles of the declared accounts"
    READER = "the account's reader roles"


class Condition(StrEnum):
    """What else must hold. OURS: the resource carries the repository's tag; MARKING: the request gives it that tag;
    CLAIMING: the same, and the resource carries no repository's; SHARING: MARKING, and it is about model cards;
    OWNERS: the invitation comes from an owner; SERVICE: SageMaker asks on the role's behalf.
    """

    NONE = ""
    OURS = "ours"
    MARKING = "marking"
    CLAIMING = "claiming"
    SHARING = "sharing"
    OWNERS = "owners"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class RequiredAction:
    """One IAM action on one kind of resource, under a condition."""

    action: str
    target: Target = Target.ANY
    guard: Condition = Condition.NONE


RequiredActions = tuple[RequiredAction, ...]
DECRYPT = RequiredAction("kms:Decrypt", Target.KEY, Condition.SERVICE)
DATA_KEY = RequiredAction("kms:GenerateDataKey", Target.KEY, Condition.SERVICE)


def _on(action: str, target: Target = Target.ANY, guard: Condition = Condition.NONE) -> RequiredActions:
    return (RequiredAction(action, target, guard),)


_SEARCH = _on("sagemaker:Search")
_DESCRIBE = (RequiredAction("sagemaker:DescribeModelCard", Target.CARD), DECRYPT)
_SHARES = _on("ram:GetResourceShares")
_MADE = RequiredAction("ram:TagResource", Target.ANY, Condition.MARKING)
_RESOURCE_POLICY = tuple(RequiredAction(f"sagemaker:{name}ResourcePolicy") for name in ("Put", "Get", "Delete"))
"""RAM writes the policy of a shared card with the leave of whoever shares it (RAM User Guide, "Terms and concepts":
the sharing account needs the service's own Put and Delete actions). IAM knows no resource for these actions.
"""

OPERATIONS: Mapping[Capability, Mapping[str, RequiredActions]] = {
    Capability.READ: {
        "sagemaker:Search": _SEARCH,
        "sagemaker:ListModelCards": _on("sagemaker:ListModelCards"),
        "sagemaker:DescribeModelCard": _DESCRIBE,
        "sagemaker:ListTags": _on("sagemaker:ListTags", Target.CARD),
        "ram:GetResourceShares": _SHARES,
        "ram:GetResourceShareAssociations": _on("ram:GetResourceShareAssociations"),
        "ram:ListPermissionAssociations": _on("ram:ListPermissionAssociations"),
        "ram:ListPermissions": _on("ram:ListPermissions"),
        "ram:ListPermissionVersions": _on("ram:ListPermissionVersions"),
        "ram:GetPermission": _on("ram:GetPermission", Target.PERMISSION),
        "kms:DescribeKey": _on("kms:DescribeKey", Target.KEY),
        "kms:GetKeyPolicy": _on("kms:GetKeyPolicy", Target.KEY),
        "servicequotas:GetServiceQuota": _on("servicequotas:GetServiceQuota"),
    },
    Capability.KEY_GRANTS: {"kms:ListGrants": _on("kms:ListGrants", Target.KEY)},
    Capability.TELL: {"sagemaker:ListModelCardVersions": _on("sagemaker:ListModelCardVersions", Target.CARD)},
    Capability.WRITE: {
        "sagemaker:CreateModelCard": (
            RequiredAction("sagemaker:CreateModelCard", Target.CARD, Condition.MARKING),
            RequiredAction("sagemaker:AddTags", Target.CARD, Condition.CLAIMING),
            DECRYPT,
            DATA_KEY,
        ),
        "sagemaker:UpdateModelCard": (
            RequiredAction("sagemaker:UpdateModelCard", Target.CARD, Condition.OURS),
            DECRYPT,
            DATA_KEY,
        ),
        "sagemaker:AddTags": (
            RequiredAction("sagemaker:AddTags", Target.CARD, Condition.OURS),
            RequiredAction("sagemaker:AddTags", Target.CARD, Condition.CLAIMING),
        ),
        "sagemaker:DeleteTags": _on("sagemaker:DeleteTags", Target.CARD, Condition.OURS),
        "ram:CreateResourceShare": (
            RequiredAction("ram:CreateResourceShare", Target.ANY, Condition.SHARING),
            *_RESOURCE_POLICY,
        ),
        "ram:AssociateResourceShare": (
            RequiredAction("ram:AssociateResourceShare", Target.SHARE, Condition.OURS),
            *_RESOURCE_POLICY,
        ),
        "ram:DisassociateResourceShare": (
            RequiredAction("ram:DisassociateResourceShare", Target.SHARE, Condition.OURS),
            *_RESOURCE_POLICY,
        ),
        "ram:UpdateResourceShare": _on("ram:UpdateResourceShare", Target.SHARE, Condition.OURS),
        "ram:DeleteResourceShare": (
            RequiredAction("ram:DeleteResourceShare", Target.SHARE, Condition.OURS),
            *_RESOURCE_POLICY,
        ),
        "ram:AssociateResourceSharePermission": (
            RequiredAction("ram:AssociateResourceSharePermission", Target.SHARE, Condition.OURS),
            RequiredAction("ram:AssociateResourceSharePermission", Target.PERMISSION),
            *_RESOURCE_POLICY,
        ),
        "ram:CreatePermission": (RequiredAction("ram:CreatePermission", Target.ANY, Condition.MARKING), _MADE),
        "ram:CreatePermissionVersion": _on("ram:CreatePermissionVersion", Target.OWN_PERMISSION),
        "ram:DeletePermissionVersion": _on("ram:DeletePermissionVersion", Target.OWN_PERMISSION),
        "ram:TagResource": (_MADE, RequiredAction("ram:TagResource", Target.SHARE, Condition.OURS)),
    },
    Capability.DELETE: {"sagemaker:DeleteModelCard": _on("sagemaker:DeleteModelCard", Target.CARD, Condition.OURS)},
    Capability.REGISTRY: {
        "sagemaker:ListModelPackages": _on("sagemaker:ListModelPackages"),
        "sagemaker:DescribeModelPackage": _on("sagemaker:DescribeModelPackage", Target.PACKAGE),
    },
    Capability.APPROVE: {
        "sagemaker:DescribeModelPackage": _on("sagemaker:DescribeModelPackage", Target.PACKAGE),
        "sagemaker:UpdateModelPackage": _on("sagemaker:UpdateModelPackage", Target.PACKAGE),
    },
    Capability.ORIGIN: {"sagemaker:Search": _SEARCH, "sagemaker:DescribeModelCard": _DESCRIBE},
    Capability.CONSUME: {
        "sagemaker:DescribeModelCard": (RequiredAction("sagemaker:DescribeModelCard", Target.SHARED_CARD), DECRYPT),
        "sagemaker:ListModelCardVersions": _on("sagemaker:ListModelCardVersions", Target.SHARED_CARD),
    },
    Capability.ACCEPT: {
        "ram:GetResourceShares": _SHARES,
        "ram:GetResourceShareInvitations": _on("ram:GetResourceShareInvitations"),
        "ram:AcceptResourceShareInvitation": _on(
            "ram:AcceptResourceShareInvitation", Target.INVITATION, Condition.OWNERS
        ),
    },
    Capability.PROBE: {
        "sagemaker:UpdateModelCard": (
            RequiredAction("sagemaker:UpdateModelCard", Target.SHARED_CARD),
            DECRYPT,
            DATA_KEY,
        ),
    },
    Capability.VERIFY: {
        "iam:GetRole": _on("iam:GetRole", Target.READER),
        "iam:SimulatePrincipalPolicy": _on("iam:SimulatePrincipalPolicy", Target.READER),
    },
    Capability.ENTER: {"sts:AssumeRole": _on("sts:AssumeRole", Target.ROLE), "sts:GetCallerIdentity": ()},
}
KNOWN = frozenset(operation for operations in OPERATIONS.values() for operation in operations)


def require_listed(operation: str) -> None:
    """Raises LookupError for an operation (`service:Name`) that no role is given: adapter and table drifted apart."""
    if operation not in KNOWN:
        raise LookupError(f"{operation} is not in the table of operations, so no role may call it")


def required_actions(duties: Collection[Capability]) -> list[RequiredAction]:
    """Return the IAM actions that these duties need, each once, in the order of the table."""
    operations = (OPERATIONS[duty] for duty in Capability if duty in duties)
    return list(dict.fromkeys(need for found in operations for each in found.values() for need in each))
