"""Print the service control policies that keep everybody but cardops from governed cards, shares, roles and packages.

Sources: Organizations User Guide, "Service control policies" and "SCP syntax" (10,240 characters, 10 on one target;
they bind the principals of the accounts they hang on, wherever the resource is, and not the management account);
Service Authorization Reference for condition keys; RAM User Guide, "Service control policies": RAM authorizes each
principal and each resource of a call separately, so a check of a principal has no `ram:RequestedResourceType`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from cardops.iam.policies import role_arn
from cardops.model import desired as words
from cardops.model.desired import LOCKED, OWN_TAGS, REPOSITORY, Config, Desired, Means
from cardops.model.permissions import RESOURCE_TYPE, may_write
from cardops.model.registry import MARK_APPROVAL, MARK_COMMIT, MARK_REPOSITORY

Document = dict[str, Any]
PACKAGE_GROUPS = "sagemaker:model-package-group"
CARDS = "arn:aws:sagemaker:*:*:model-card/*"
PRODUCTION = "Production"
DEPLOYER = "arn:aws:iam::*:role/stacksets-exec-*"
"""CloudFormation StackSets with service-managed permissions deploy through roles of this name."""
OWN_TAG_KEYS = tuple(
    sorted(
        value
        for value in vars(words).values()
        if isinstance(value, str) and value.startswith(OWN_TAGS) and value != OWN_TAGS
    )
)
ROLE_CHANGES = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
BOUNDARY_CHANGES = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)
SHARE_CHANGES = (
    "ram:AssociateResourceShare",
    "ram:AssociateResourceSharePermission",
    "ram:DeleteResourceShare",
    "ram:DisassociateResourceShare",
    "ram:DisassociateResourceSharePermission",
    "ram:TagResource",
    "ram:UntagResource",
    "ram:UpdateResourceShare",
)


def guardrails(desired: Desired, deployer: str = DEPLOYER) -> dict[str, Document]:
    """Return the policies to attach to the organization's root, by name."""
    found = {
        "cards": cards(desired),
        "sharing": sharing(desired),
        "packages": packages(desired),
    }
    if roles := role_names(desired.config):
        found["roles"] = roles_stay(roles, deployer)
    return found


def cards(desired: Desired) -> Document:
    """Cards of other accounts are read-only, locked cards are the apply roles' alone, and so are cardops' tags."""
    owners = sorted({place.account for place in desired.owners})
    contributors = contributor_arns(desired.config)
    shared = _deny(
        "SharedModelCardsAreReadOnly",
        ["sagemaker:DeleteModelCard", "sagemaker:UpdateModelCard"],
        [f"arn:aws:sagemaker:*:{owner}:model-card/*" for owner in owners],
        {"StringNotEquals": {"aws:PrincipalAccount": sorted({*owners, *_free_writers(desired)})}}
        | ({"ArnNotLike": {"aws:PrincipalArn": contributors}} if contributors else {}),
    )
    changes = ["sagemaker:AddTags", "sagemaker:DeleteModelCard", "sagemaker:DeleteTags", "sagemaker:UpdateModelCard"]
    locked = _deny(
        "LockedModelCardsStayAsTheyAre",
        changes,
        CARDS,
        {"StringEquals": {f"aws:ResourceTag/{LOCKED}": "true"}} | _but_apply(desired),
    )
    tags = _deny(
        "CardopsTagsAreReserved",
        ["sagemaker:AddTags", "sagemaker:CreateModelCard", "sagemaker:DeleteTags"],
        CARDS,
        {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": list(OWN_TAG_KEYS)}} | _but_apply(desired),
    )
    return _document(shared, locked, tags)


def sharing(desired: Desired) -> Document:
    """Model cards and package groups are shared by the apply roles alone, and never outside the organization."""
    types = [RESOURCE_TYPE, PACKAGE_GROUPS]
    share = ["ram:AssociateResourceShare", "ram:CreateResourceShare"]
    statements = [
        _deny(
            "ModelCardsAreSharedByCardops",
            share,
            "*",
            {"StringEquals": {"ram:RequestedResourceType": types}} | _but_apply(desired),
        ),
        _deny(
            "ModelCardArnsAreSharedByCardops",
            share,
            "*",
            {"ArnLike": {"ram:ResourceArn": CARDS}} | _but_apply(desired),
        ),
        _deny(
            "CardopsSharesAreReserved",
            SHARE_CHANGES,
            "arn:aws:ram:*:*:resource-share/*",
            {"Null": {f"aws:ResourceTag/{REPOSITORY}": "false"}} | _but_apply(desired),
        ),
        _deny(
            "NoPackageGroupPolicies",
            ["sagemaker:DeleteModelPackageGroupPolicy", "sagemaker:PutModelPackageGroupPolicy"],
            "*",
            _but_apply(desired),
        ),
    ]
    if not any(account.external for account in desired.config.accounts.values()):
        outside: Document = {"Bool": {"ram:RequestedAllowsExternalPrincipals": "true"}}
        for name, tag in (("Made", f"aws:RequestTag/{REPOSITORY}"), ("Opened", f"aws:ResourceTag/{REPOSITORY}")):
            actions = ["ram:CreateResourceShare"] if name == "Made" else ["ram:UpdateResourceShare"]
            sid = f"CardopsSharesAreNever{name}ForOutsiders"
            statements.append(_deny(sid, actions, "*", outside | {"Null": {tag: "false"}}))
    return _document(*statements)


def packages(desired: Desired) -> Document:
    """Model packages are approved, and put into production, by the apply roles alone. Everybody may reject."""
    writes = ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]
    but = _but_apply(desired)
    statements = [
        _deny(
            "PackagesAreApprovedByCardops",
            writes,
            "*",
            {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}} | but,
        ),
        _deny(
            "PackagesEnterProductionByCardops",
            writes,
            "*",
            {"StringEquals": {"sagemaker:ModelLifeCycle:Stage": PRODUCTION}} | but,
        ),
        _deny(
            "PackagesInProductionStay",
            ["sagemaker:DeleteModelPackage"],
            "arn:aws:sagemaker:*:*:model-package/*",
            {"StringEquals": {"sagemaker:CurrentModelLifeCycleStage": PRODUCTION}} | but,
        ),
    ]
    for number, key in enumerate((MARK_REPOSITORY, MARK_COMMIT, MARK_APPROVAL)):
        condition = {"Null": {f"sagemaker:CustomerMetadataProperties/{key}": "false"}}
        statements.append(_deny(f"CardopsMetadataIsReserved{number}", writes, "*", condition | but))
    removed = {"ForAnyValue:StringLike": {"sagemaker:CustomerMetadataPropertiesToRemove": f"{OWN_TAGS}*"}}
    statements.append(_deny("CardopsMetadataStays", ["sagemaker:UpdateModelPackage"], "*", removed | but))
    return _document(*statements)


def roles_stay(names: Collection[str], deployer: str) -> Document:
    """The roles that read or contribute are made and changed by the deployer alone."""
    but = {"ArnNotLike": {"aws:PrincipalArn": deployer}}
    return _document(
        _deny("TheReaderRoleStaysAReader", ROLE_CHANGES, [f"arn:aws:iam::*:role/{name}" for name in names], but),
        _deny(
            "ItsBoundaryStaysAsItIs",
            BOUNDARY_CHANGES,
            [f"arn:aws:iam::*:policy/{boundary_name(name)}" for name in names],
            but,
        ),
    )


def role_names(config: Config) -> list[str]:
    """Return the names, with paths, of all reader and contributor roles that a means or a grant relies on."""
    found: set[str] = set()
    for account in config.accounts.values():
        found |= set(account.readers) if Means.ROLE in account.read_only else set()
        found |= set(account.contributors)
    return sorted(found)


def boundary_name(role: str) -> str:
    """Return the name of the managed policy that is a role's permissions boundary."""
    return f"{role.rpartition('/')[2]}-boundary"


def contributor_arns(config: Config) -> list[str]:
    """Return the ARNs of all contributor roles."""
    return sorted(one.role_arn(name) for one in config.accounts.values() for name in one.contributors)


def _free_writers(desired: Desired) -> set[str]:
    """Accounts that may write as a whole: a grant says so, and they name neither contributors nor the means `scp`."""
    config = desired.config
    granted = {grant.to for share in desired.shares for grant in share.grants if _writes(config, grant.access)}
    accounts = (config.accounts[alias] for alias in granted if alias in config.accounts)
    return {one.id for one in accounts if not one.contributors and Means.SCP not in one.read_only}


def _writes(config: Config, access: str) -> bool:
    return access in config.access and may_write(config.access[access].actions)


def _but_apply(desired: Desired) -> Document:
    owners = {place.account for place in desired.owners}
    accounts = [one for one in desired.config.accounts.values() if one.role and one.id in owners]
    roles = sorted(role_arn(one.id, one.role) for one in accounts)
    return {"ArnNotLike": {"aws:PrincipalArn": roles}} if roles else {}


def _deny(sid: str, actions: Collection[str], resources: str | list[str], condition: Mapping[str, Any]) -> Document:
    on = resources if isinstance(resources, str) or len(resources) > 1 else resources[0]
    made: Document = {"Sid": sid, "Effect": "Deny", "Action": sorted(actions), "Resource": on}
    return made | ({"Condition": dict(condition)} if condition else {})


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
