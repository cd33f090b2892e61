"""Print the roles through which a consumer reads cards, or contributes to them, with their boundaries.

A share with a role gives nobody else in the account anything, and across accounts a call needs the leave of the
role's own policy too (IAM User Guide, "Cross-account policy evaluation logic"): a role that only reads cannot write,
whatever RAM's permission allows. Its denials hold even if a wider policy is attached to it later.
"""

from typing import Any

from cardops.iam.guardrails import boundary_name
from cardops.iam.requirements import AccountScope
from cardops.model.desired import LOCKED, Means
from cardops.model.permissions import READ_ACTIONS, WRITE_ACTIONS

Part = dict[str, Any]
FIND = ("ram:GetResourceShares", "ram:ListResources")
ENCRYPT = ("kms:CreateGrant", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
WHO_PARAMETER: Part = {
    "Type": "String",
    "Default": "",
    "Description": (
        "ARN pattern of who may assume the role, for example that of an Identity Center permission set "
        "(arn:aws:iam::ACCOUNT:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_NAME_*); empty: whoever the "
        "account's own policies allow"
    ),
}


def consumer_roles(scope: AccountScope) -> tuple[Part, Part, Part]:
    """Return parameters, conditions and resources for the reader and contributor roles that the account declares."""
    account = scope.account
    readers = account.readers if Means.ROLE in account.read_only else ()
    resources: Part = {}
    parameters: Part = {}
    conditions: Part = {}
    for kind, names, document in (
        ("Reader", readers, reader_policy(scope)),
        ("Contributor", account.contributors, contributor_policy(scope)),
    ):
        for number, name in enumerate(names if scope.shared else ()):
            logical = f"{kind}{number or ''}"
            parameters[f"{logical}Principals"] = WHO_PARAMETER
            conditions[f"{logical}IsNamed"] = {"Fn::Not": [{"Fn::Equals": [{"Ref": f"{logical}Principals"}, ""]}]}
            resources[f"{logical}Boundary"] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"ManagedPolicyName": boundary_name(name), "PolicyDocument": boundary(scope, kind)},
            }
            resources[f"{logical}Role"] = _role(logical, name, document)
    return parameters, conditions, resources


def reader_policy(scope: AccountScope) -> Part:
    """Read shared cards and find them in RAM; nothing else on the owners' cards, and no data keys of theirs."""
    return _document(
        _allow("ReadSharedCards", READ_ACTIONS, _cards(scope)),
        _allow("FindWhatIsShared", FIND, ["*"]),
        *_keys(scope, "DecryptSharedCards", ("kms:Decrypt",)),
        {
            "Sid": "NothingButReading",
            "Effect": "Deny",
            "NotAction": sorted(READ_ACTIONS),
            "Resource": _cards(scope),
        },
        {"Sid": "NoDataKeys", "Effect": "Deny", "Action": list(ENCRYPT), "Resource": _key_arns(scope)},
    )


def contributor_policy(scope: AccountScope) -> Part:
    """Read and write shared cards that are not locked, and find them in RAM."""
    unlocked = {"StringNotEquals": {f"aws:ResourceTag/{LOCKED}": "true"}}
    return _document(
        _allow("ReadSharedCards", READ_ACTIONS, _cards(scope)),
        _allow("WriteSharedCards", WRITE_ACTIONS, _cards(scope)) | {"Condition": unlocked},
        _allow("FindWhatIsShared", FIND, ["*"]),
        *_keys(scope, "UseTheirKeys", ("kms:Decrypt", "kms:GenerateDataKey")),
    )


def boundary(scope: AccountScope, kind: str) -> Part:
    """Return the most that the role may ever do, whatever is attached to it."""
    writes = [*WRITE_ACTIONS, "kms:GenerateDataKey"] if kind == "Contributor" else []
    actions = [*READ_ACTIONS, *FIND, "kms:Decrypt", *writes]
    return _document(_allow(f"AtMost{'Contributing' if writes else 'Reading'}", actions, ["*"]))


def _role(logical: str, name: str, document: Part) -> Part:
    path, _, plain = name.rpartition("/")
    trust: Part = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
        "Action": "sts:AssumeRole",
        "Condition": {
            "Fn::If": [
                f"{logical}IsNamed",
                {"ArnLike": {"aws:PrincipalArn": {"Ref": f"{logical}Principals"}}},
                {"Ref": "AWS::NoValue"},
            ]
        },
    }
    properties: Part = {
        "RoleName": plain,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "PermissionsBoundary": {"Ref": f"{logical}Boundary"},
        "Policies": [{"PolicyName": "cardops-cards", "PolicyDocument": document}],
    }
    return {"Type": "AWS::IAM::Role", "Properties": ({"Path": f"/{path}/"} if path else {}) | properties}


def _cards(scope: AccountScope) -> list[str]:
    return [f"arn:aws:sagemaker:*:{owner}:model-card/*" for owner in _owners(scope)]


def _key_arns(scope: AccountScope) -> list[str]:
    return [f"arn:aws:kms:*:{owner}:key/*" for owner in _owners(scope)]


def _owners(scope: AccountScope) -> list[str]:
    return sorted({place.account for place in scope.shared})


def _keys(scope: AccountScope, sid: str, actions: tuple[str, ...]) -> list[Part]:
    via = {"StringLike": {"kms:ViaService": "sagemaker.*.amazonaws.com"}}
    encrypted = any(card.key.account != scope.account.id for card in scope.encrypted)
    return [_allow(sid, actions, _key_arns(scope)) | {"Condition": via}] if encrypted else []


def _allow(sid: str, actions: Any, resources: list[str]) -> Part:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}


def _document(*statements: Part) -> Part:
    return {"Version": "2012-10-17", "Statement": list(statements)}
