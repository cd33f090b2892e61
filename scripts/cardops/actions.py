"""The one table of AWS operations: who calls each, and what IAM asks for it. The adapters call nothing else.

Resource types and condition keys: Service Authorization Reference, "Amazon SageMaker", "AWS Resource Access
Manager", "AWS Key Management Service" and "AWS Security Token Service".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Duty(StrEnum):
    """What an account's role has to do. One role may have several."""

    READ = "read what the account owns"
    TELL = "tell the history of what the account owns"
    WRITE = "write what the account owns"
    DELETE = "delete cards whose file was removed"
    REGISTRY = "read the model packages that cards name"
    APPROVE = "keep the approval of model packages in step with cards"
    ORIGIN = "read the origins of hub copies"
    CONSUME = "find out what is shared with the account"
    ACCEPT = "accept invitations"
    PROBE = "find out whether the account could write"
    ENTER = "take the roles of the declared accounts"


class Target(StrEnum):
    """What IAM authorizes a call on. ANY where it knows no resource, or none that is documented."""

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


class Guard(StrEnum):
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
class Need:
    """One IAM action on one kind of resource, under a condition."""

    action: str
    target: Target = Target.ANY
    guard: Guard = Guard.NONE


Needs = tuple[Need, ...]
DECRYPT = Need("kms:Decrypt", Target.KEY, Guard.SERVICE)
DATA_KEY = Need("kms:GenerateDataKey", Target.KEY, Guard.SERVICE)


def _on(action: str, target: Target = Target.ANY, guard: Guard = Guard.NONE) -> Needs:
    return (Need(action, target, guard),)


_SEARCH = _on("sagemaker:Search")
_DESCRIBE = (Need("sagemaker:DescribeModelCard", Target.CARD), DECRYPT)
_SHARES = _on("ram:GetResourceShares")
_MADE = Need("ram:TagResource", Target.ANY, Guard.MARKING)

OPERATIONS: Mapping[Duty, Mapping[str, Needs]] = {
    Duty.READ: {
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
    },
    Duty.TELL: {"sagemaker:ListModelCardVersions": _on("sagemaker:ListModelCardVersions", Target.CARD)},
    Duty.WRITE: {
        "sagemaker:CreateModelCard": (
            Need("sagemaker:CreateModelCard", Target.CARD, Guard.MARKING),
            Need("sagemaker:AddTags", Target.CARD, Guard.CLAIMING),
            DECRYPT,
            DATA_KEY,
        ),
        "sagemaker:UpdateModelCard": (Need("sagemaker:UpdateModelCard", Target.CARD, Guard.OURS), DECRYPT, DATA_KEY),
        "sagemaker:AddTags": (
            Need("sagemaker:AddTags", Target.CARD, Guard.OURS),
            Need("sagemaker:AddTags", Target.CARD, Guard.CLAIMING),
        ),
        "sagemaker:DeleteTags": _on("sagemaker:DeleteTags", Target.CARD, Guard.OURS),
        "ram:CreateResourceShare": _on("ram:CreateResourceShare", Target.ANY, Guard.SHARING),
        "ram:AssociateResourceShare": _on("ram:AssociateResourceShare", Target.SHARE, Guard.OURS),
        "ram:DisassociateResourceShare": _on("ram:DisassociateResourceShare", Target.SHARE, Guard.OURS),
        "ram:UpdateResourceShare": _on("ram:UpdateResourceShare", Target.SHARE, Guard.OURS),
        "ram:DeleteResourceShare": _on("ram:DeleteResourceShare", Target.SHARE, Guard.OURS),
        "ram:AssociateResourceSharePermission": (
            Need("ram:AssociateResourceSharePermission", Target.SHARE, Guard.OURS),
            Need("ram:AssociateResourceSharePermission", Target.PERMISSION),
        ),
        "ram:CreatePermission": (Need("ram:CreatePermission", Target.ANY, Guard.MARKING), _MADE),
        "ram:CreatePermissionVersion": _on("ram:CreatePermissionVersion", Target.OWN_PERMISSION),
        "ram:DeletePermissionVersion": _on("ram:DeletePermissionVersion", Target.OWN_PERMISSION),
        "ram:TagResource": (_MADE,),
    },
    Duty.DELETE: {"sagemaker:DeleteModelCard": _on("sagemaker:DeleteModelCard", Target.CARD, Guard.OURS)},
    Duty.REGISTRY: {
        "sagemaker:ListModelPackages": _on("sagemaker:ListModelPackages"),
        "sagemaker:DescribeModelPackage": _on("sagemaker:DescribeModelPackage", Target.PACKAGE),
    },
    Duty.APPROVE: {
        "sagemaker:DescribeModelPackage": _on("sagemaker:DescribeModelPackage", Target.PACKAGE),
        "sagemaker:UpdateModelPackage": _on("sagemaker:UpdateModelPackage", Target.PACKAGE),
    },
    Duty.ORIGIN: {"sagemaker:Search": _SEARCH, "sagemaker:DescribeModelCard": _DESCRIBE},
    Duty.CONSUME: {
        "sagemaker:DescribeModelCard": (Need("sagemaker:DescribeModelCard", Target.SHARED_CARD), DECRYPT),
        "sagemaker:ListModelCardVersions": _on("sagemaker:ListModelCardVersions", Target.SHARED_CARD),
    },
    Duty.ACCEPT: {
        "ram:GetResourceShares": _SHARES,
        "ram:GetResourceShareInvitations": _on("ram:GetResourceShareInvitations"),
        "ram:AcceptResourceShareInvitation": _on("ram:AcceptResourceShareInvitation", Target.INVITATION, Guard.OWNERS),
    },
    Duty.PROBE: {
        "sagemaker:UpdateModelCard": (Need("sagemaker:UpdateModelCard", Target.SHARED_CARD), DECRYPT, DATA_KEY),
    },
    Duty.ENTER: {"sts:AssumeRole": _on("sts:AssumeRole", Target.ROLE), "sts:GetCallerIdentity": ()},
}
KNOWN = frozenset(operation for operations in OPERATIONS.values() for operation in operations)


def demand_known(operation: str) -> None:
    """Raises LookupError for an operation (`service:Name`) that no role is given: adapter and table drifted apart."""
    if operation not in KNOWN:
        raise LookupError(f"{operation} is not in the table of operations, so no role may call it")


def needs(duties: Collection[Duty]) -> list[Need]:
    """What IAM asks for these duties, each once, in the order of the table."""
    operations = (OPERATIONS[duty] for duty in Duty if duty in duties)
    return list(dict.fromkeys(need for found in operations for each in found.values() for need in each))
