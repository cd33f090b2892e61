"""Every policy that cardops prints, evaluated on requests that must pass and requests that must not."""

import json
from typing import Any

import pytest

from cardops.desired.key_consumers import key_policy
from cardops.iam.consumer_roles import boundary, contributor_policy, reader_policy
from cardops.iam.guardrails import OWN_TAG_KEYS, guardrails, role_names
from cardops.iam.requirements import scope_of
from cardops.model.desired import Desired, Means
from cardops.sandbox.iam.evaluator import Decision, Policies, decide
from cardops.sandbox.iam.grammar import Kind
from cardops.sandbox.iam.grammar import check as check_grammar
from cardops.sandbox.iam.request import Request
from support.builders import APPROVED, DEV, DRAFT, OWNER, PROD, TEST, card, config, desired, grant, share
from support.replacing import replace

CHURN = card().key.arn
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EVERYTHING = {"Version": "2012-10-17", "Statement": [ALL]}
APPLY = f"arn:aws:iam::{OWNER}:role/cardops-apply"
DEPLOYER = f"arn:aws:iam::{PROD}:role/stacksets-exec-0123"
KEY = f"arn:aws:kms:eu-west-1:{OWNER}:key/k"
SHARE = f"arn:aws:ram:eu-west-1:{OWNER}:resource-share/s"
PACKAGE = f"arn:aws:sagemaker:eu-west-1:{OWNER}:model-package/churn/1"
ADMIN, READER, CONTRIBUTOR = "Admin", "cardops-card-reader", "cardops-card-contributor"


def role(account: str, name: str = ADMIN) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.fixture(scope="module")
def declared() -> Desired:
    """ml-dev contributes through a role of its own, ml-test as an account, ml-prod reads through a role."""
    accounts = dict(config().accounts)
    accounts["ml-dev"] = replace(accounts["ml-dev"], read_only=(Means.SCP,), contributors=(CONTRIBUTOR,))
    accounts["ml-prod"] = replace(accounts["ml-prod"], read_only=(Means.ROLE, Means.SCP))
    grants = (grant("ml-dev"), grant("ml-test"), grant("ml-prod", "read", DRAFT, APPROVED))
    encrypted = card(kms_key_id=KEY)
    return desired(encrypted, shares=[share(*grants)], settings=config(accounts=accounts))


def by_scp(declared: Desired, who: str, action: str, resource: str, **context: Any) -> Decision:
    """What an administrator may do under all printed policies of the organization."""
    printed = tuple(json.dumps(one) for one in guardrails(declared).values())
    full = json.dumps(EVERYTHING)
    request = Request(who, action, resource, {key.replace("__", "/"): value for key, value in context.items()})
    shared = {"Version": "2012-10-17", "Statement": [{**ALL, "Principal": "*"}]}
    return decide(request, Policies((full,), json.dumps(shared), scps=((full, *printed),))).decision


LOCKED = {"aws:ResourceTag/cardops:locked": "true"}
OURS = {"aws:ResourceTag/cardops:repository": "gov-test-1a2b"}
CARD_TYPE = {"ram:RequestedResourceType": "sagemaker:ModelCard"}
MUST_PASS = [
    (role(PROD), "sagemaker:DescribeModelCard", CHURN, {}),
    (role(DEV, CONTRIBUTOR), "sagemaker:UpdateModelCard", CHURN, {}),
    (role(TEST), "sagemaker:UpdateModelCard", CHURN, {}),
    (role(OWNER), "sagemaker:UpdateModelCard", CHURN, {}),
    (APPLY, "sagemaker:UpdateModelCard", CHURN, LOCKED),
    (APPLY, "sagemaker:AddTags", CHURN, {"aws:TagKeys": ["cardops:locked"]}),
    (role(OWNER), "sagemaker:AddTags", CHURN, {"aws:TagKeys": ["team"]}),
    (role(PROD), "sagemaker:UpdateModelCard", f"arn:aws:sagemaker:eu-west-1:{PROD}:model-card/own", {}),
    (APPLY, "ram:CreateResourceShare", "*", CARD_TYPE),
    (role(OWNER), "ram:CreateResourceShare", "*", {"ram:RequestedResourceType": "ec2:Subnet"}),
    (role(OWNER), "ram:AssociateResourceShare", SHARE, {}),
    (APPLY, "ram:AssociateResourceShare", SHARE, OURS),
    (role(OWNER), "sagemaker:UpdateModelPackage", PACKAGE, {"sagemaker:ModelApprovalStatus": "Rejected"}),
    (APPLY, "sagemaker:UpdateModelPackage", PACKAGE, {"sagemaker:ModelApprovalStatus": "Approved"}),
    (role(OWNER), "sagemaker:UpdateModelPackage", PACKAGE, {"sagemaker:ModelLifeCycle:Stage": "QA"}),
    (role(OWNER), "sagemaker:UpdateModelPackage", PACKAGE, {"sagemaker:CustomerMetadataProperties/team": "a"}),
    (DEPLOYER, "iam:PutRolePolicy", role(PROD, READER), {}),
    (role(PROD), "iam:PutRolePolicy", role(PROD, "another"), {}),
]
MUST_NOT = [
    (role(PROD), "sagemaker:UpdateModelCard", CHURN, {}),
    (role(PROD, READER), "sagemaker:UpdateModelCard", CHURN, {}),
    (role(DEV), "sagemaker:UpdateModelCard", CHURN, {}),
    (f"arn:aws:iam::{PROD}:root", "sagemaker:UpdateModelCard", CHURN, {}),
    (role(PROD, CONTRIBUTOR), "sagemaker:UpdateModelCard", CHURN, {}),
    (role(DEV, CONTRIBUTOR), "sagemaker:UpdateModelCard", CHURN, LOCKED),
    (role(TEST), "sagemaker:UpdateModelCard", CHURN, LOCKED),
    (role(OWNER), "sagemaker:UpdateModelCard", CHURN, LOCKED),
    (role(OWNER), "sagemaker:DeleteModelCard", CHURN, LOCKED),
    (role(OWNER), "sagemaker:DeleteTags", CHURN, LOCKED),
    (role(OWNER), "sagemaker:UpdateModelCard", CHURN, {"aws:ResourceTag/Cardops:Locked": "true"}),
    (role(OWNER), "sagemaker:AddTags", CHURN, {"aws:TagKeys": ["team", "CardOps:Locked"]}),
    (role(OWNER), "sagemaker:CreateModelCard", CHURN, {"aws:TagKeys": ["cardops:repository"]}),
    (role(OWNER), "ram:CreateResourceShare", "*", CARD_TYPE),
    (role(OWNER), "ram:CreateResourceShare", "*", {"ram:RequestedResourceType": "sagemaker:model-package-group"}),
    (role(OWNER), "ram:AssociateResourceShare", SHARE, {"ram:ResourceArn": CHURN}),
    (role(OWNER), "ram:AssociateResourceShare", SHARE, OURS),
    (role(OWNER), "ram:AssociateResourceSharePermission", SHARE, OURS),
    (role(OWNER), "ram:UntagResource", SHARE, OURS),
    (APPLY, "ram:UpdateResourceShare", SHARE, {**OURS, "ram:RequestedAllowsExternalPrincipals": "true"}),
    (
        APPLY,
        "ram:CreateResourceShare",
        "*",
        {"aws:RequestTag/cardops:repository": "gov-test-1a2b", "ram:RequestedAllowsExternalPrincipals": "true"},
    ),
    (role(OWNER), "sagemaker:PutModelPackageGroupPolicy", PACKAGE, {}),
    (role(OWNER), "sagemaker:UpdateModelPackage", PACKAGE, {"sagemaker:ModelApprovalStatus": "Approved"}),
    (role(OWNER), "sagemaker:CreateModelPackage", PACKAGE, {"sagemaker:ModelApprovalStatus": "Approved"}),
    (role(OWNER), "sagemaker:UpdateModelPackage", PACKAGE, {"sagemaker:ModelLifeCycle:Stage": "Production"}),
    (role(OWNER), "sagemaker:DeleteModelPackage", PACKAGE, {"sagemaker:CurrentModelLifeCycleStage": "Production"}),
    (
        role(OWNER),
        "sagemaker:UpdateModelPackage",
        PACKAGE,
        {"sagemaker:CustomerMetadataProperties/cardops:commit": "x"},
    ),
    (
        role(OWNER),
        "sagemaker:UpdateModelPackage",
        PACKAGE,
        {"sagemaker:CustomerMetadataPropertiesToRemove": ["team", "cardops:commit"]},
    ),
    (role(PROD), "iam:PutRolePolicy", role(PROD, READER), {}),
    (role(PROD), "iam:CreateRole", role(PROD, READER), {}),
    (role(PROD), "iam:UpdateAssumeRolePolicy", role(PROD, READER), {}),
    (role(PROD), "iam:DeleteRolePermissionsBoundary", role(DEV, CONTRIBUTOR), {}),
    (role(PROD), "iam:CreatePolicyVersion", f"arn:aws:iam::{PROD}:policy/cardops-card-reader-boundary", {}),
]


@pytest.mark.parametrize(("who", "action", "resource", "context"), MUST_PASS)
def test_the_organizations_policies_let_pass(
    declared: Desired, who: str, action: str, resource: str, context: dict[str, Any]
) -> None:
    assert by_scp(declared, who, action, resource, **context) is Decision.ALLOWED


@pytest.mark.parametrize(("who", "action", "resource", "context"), MUST_NOT)
def test_the_organizations_policies_deny(
    declared: Desired, who: str, action: str, resource: str, context: dict[str, Any]
) -> None:
    assert by_scp(declared, who, action, resource, **context) is Decision.EXPLICIT_DENY


def test_an_account_outside_the_organization_may_be_invited(declared: Desired) -> None:
    accounts = {**declared.config.accounts, "partner": replace(config().accounts["ml-dev"], id="5" * 12, external=True)}
    more = replace(declared, config=replace(declared.config, accounts=accounts))
    outside = {**OURS, "ram:RequestedAllowsExternalPrincipals": "true"}
    assert by_scp(more, APPLY, "ram:UpdateResourceShare", SHARE, **outside) is Decision.ALLOWED
    assert by_scp(more, role(OWNER), "ram:UpdateResourceShare", SHARE, **outside) is Decision.EXPLICIT_DENY


def test_policies_of_the_organization_are_well_formed_and_within_their_limit(declared: Desired) -> None:
    printed = guardrails(declared)
    assert list(printed) == ["cards", "sharing", "packages", "roles"]
    for document in printed.values():
        check_grammar(json.dumps(document), Kind.SCP)
        assert len(json.dumps(document, separators=(",", ":"))) <= 10_240
    assert role_names(declared.config) == [CONTRIBUTOR, READER]
    assert {"cardops:locked", "cardops:repository", "cardops:grant", "cardops:principal-id"} <= set(OWN_TAG_KEYS)


def as_role(declared: Desired, alias: str, name: str, action: str, resource: str = CHURN, **context: Any) -> Decision:
    """What a role that the template makes may do with a card that RAM's permission lets it write."""
    scope = scope_of(declared, alias)
    contributes = name == CONTRIBUTOR
    own = contributor_policy(scope) if contributes else reader_policy(scope)
    limit = boundary(scope, "Contributor" if contributes else "Reader")
    who = role(scope.account.id, name)
    ram = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": ["sagemaker:*", "kms:*"], "Resource": "*"}
    resource_policy = {"Version": "2012-10-17", "Statement": [ram]}
    policies = Policies((json.dumps(own),), json.dumps(resource_policy), json.dumps(limit))
    return decide(Request(who, action, resource, context), policies).decision


VIA = {"kms:ViaService": "sagemaker.eu-west-1.amazonaws.com"}


def test_a_reader_role_reads_and_nothing_else(declared: Desired) -> None:
    def may(action: str, resource: str = CHURN, **context: Any) -> bool:
        return as_role(declared, "ml-prod", READER, action, resource, **context) is Decision.ALLOWED

    assert may("sagemaker:DescribeModelCard")
    assert may("sagemaker:ListModelCardVersions")
    assert may("kms:Decrypt", KEY, **VIA)
    assert not may("kms:Decrypt", KEY), "only through SageMaker"
    for action in ("UpdateModelCard", "DeleteModelCard", "AddTags", "CreateModelCardExportJob"):
        assert not may(f"sagemaker:{action}")
    assert not may("kms:GenerateDataKey", KEY, **VIA)
    assert not may("iam:PutRolePolicy", role(PROD, READER))
    assert not may("sagemaker:DescribeModelCard", f"arn:aws:sagemaker:eu-west-1:{TEST}:model-card/other")


def test_a_reader_role_stays_one_whatever_is_attached_to_it(declared: Desired) -> None:
    scope, who = scope_of(declared, "ml-prod"), role(PROD, READER)
    ram = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sagemaker:*", "Resource": "*"}
    shared = json.dumps({"Version": "2012-10-17", "Statement": [ram]})
    both = (json.dumps(reader_policy(scope)), json.dumps(EVERYTHING))
    for limit in (None, json.dumps(boundary(scope, "Reader"))):
        found = decide(Request(who, "sagemaker:UpdateModelCard", CHURN), Policies(both, shared, limit))
        assert found.decision is Decision.EXPLICIT_DENY
    only_boundary = Policies((json.dumps(EVERYTHING),), shared, json.dumps(boundary(scope, "Reader")))
    assert decide(Request(who, "sagemaker:UpdateModelCard", CHURN), only_boundary).decision is Decision.IMPLICIT_DENY


def test_a_contributor_role_writes_until_the_card_is_locked(declared: Desired) -> None:
    def may(action: str, resource: str = CHURN, **context: Any) -> bool:
        return as_role(declared, "ml-dev", CONTRIBUTOR, action, resource, **context) is Decision.ALLOWED

    assert may("sagemaker:DescribeModelCard")
    assert may("sagemaker:UpdateModelCard")
    assert may("kms:GenerateDataKey", KEY, **VIA)
    assert not may("sagemaker:UpdateModelCard", **LOCKED)
    assert not may("sagemaker:DeleteModelCard")
    assert not may("sagemaker:AddTags")


def with_key(declared: Desired, who: str, action: str, **context: Any) -> Decision:
    """What an administrator may do with the declared key, by its policy as printed and that of its owner."""
    (printed,) = key_policy(declared).values()
    owners = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}, "Action": "kms:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [owners, *printed["Statement"]]})
    policies = Policies((json.dumps(EVERYTHING),), document)
    return decide(Request(who, action, KEY, {**VIA, **context}), policies).decision


ABOUT = {"kms:EncryptionContext:aws:sagemaker:model-card-arn": CHURN}


def test_a_key_lets_readers_decrypt_and_writers_encrypt_too(declared: Desired) -> None:
    for who in (role(PROD, READER), role(DEV, CONTRIBUTOR), role(TEST)):
        assert with_key(declared, who, "kms:Decrypt", **ABOUT) is Decision.ALLOWED
    assert with_key(declared, role(DEV, CONTRIBUTOR), "kms:GenerateDataKey", **ABOUT) is Decision.ALLOWED
    assert with_key(declared, role(TEST), "kms:GenerateDataKey", **ABOUT) is Decision.ALLOWED
    assert with_key(declared, role(OWNER), "kms:GenerateDataKey") is Decision.ALLOWED
    for who in (role(PROD, READER), role(PROD), role(DEV)):
        assert with_key(declared, who, "kms:GenerateDataKey", **ABOUT) is Decision.EXPLICIT_DENY
        assert with_key(declared, who, "kms:CreateGrant", **ABOUT) is Decision.EXPLICIT_DENY
    assert with_key(declared, role(PROD), "kms:Decrypt", **ABOUT) is not Decision.ALLOWED
    another = {"kms:EncryptionContext:aws:sagemaker:model-card-arn": f"{CHURN}-other"}
    assert with_key(declared, role(PROD, READER), "kms:Decrypt", **another) is Decision.IMPLICIT_DENY
    past_sagemaker = {**ABOUT, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    assert with_key(declared, role(PROD, READER), "kms:Decrypt", **past_sagemaker) is Decision.IMPLICIT_DENY
