"""The model registry across accounts: shares of package groups, their policies, and condition keys of packages."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, OTHER, OWNER, REGION, SandboxClient, code

MANAGEMENT = "999999999999"
GROUP = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package-group/churn"
PACKAGE = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package/churn/1"
DEPLOY = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelPackageGroupAllowDeploy"
REGISTER = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelPackageGroupAllowRegister"
ROLE = f"arn:aws:iam::{CONSUMER}:role/deployer"
READS = ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"]


@pytest.fixture
def registry(world: SandboxClient) -> SandboxClient:
    """A group with one package."""
    world.cards().create_model_package_group(ModelPackageGroupName="churn")
    world.cards().create_model_package(ModelPackageGroupName="churn")
    return world


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return code(error)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def to(principal: Any, *actions: str) -> dict[str, Any]:
    resources = [GROUP, PACKAGE.removesuffix("1") + "*"]
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": resources}


def test_a_shared_group_is_read_with_its_packages_and_not_written(registry: SandboxClient) -> None:
    consumer = registry.cards(CONSUMER)
    assert refused(consumer.describe_model_package, ModelPackageName=PACKAGE) == "AccessDeniedException"
    registry.share([GROUP], [CONSUMER])
    assert consumer.describe_model_package(ModelPackageName=PACKAGE)["ModelPackageVersion"] == 1
    assert consumer.describe_model_package_group(ModelPackageGroupName=GROUP)["ModelPackageGroupName"] == "churn"
    listed = consumer.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]
    assert [row["ModelPackageArn"] for row in listed] == [PACKAGE]
    change = {"ModelPackageArn": PACKAGE, "ModelApprovalStatus": "Approved"}
    assert refused(consumer.update_model_package, **change) == "AccessDeniedException"
    rows = registry.ram(CONSUMER).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
    assert [(row["arn"], row["type"]) for row in rows] == [(GROUP, "sagemaker:model-package-group")]


def test_the_register_permission_lets_the_consumer_register(registry: SandboxClient) -> None:
    registry.share([GROUP], [CONSUMER], permissionArns=[REGISTER])
    made = registry.cards(CONSUMER).create_model_package(ModelPackageGroupName=GROUP)["ModelPackageArn"]
    assert made == PACKAGE.removesuffix("1") + "2"


def test_customer_managed_permissions_for_groups_are_taken_and_can_be_deprecated(make_world: Any) -> None:
    world = make_world()
    world.cards().create_model_package_group(ModelPackageGroupName="churn")
    given = {"name": "read", "resourceType": "sagemaker:model-package-group"}
    template = json.dumps({"Effect": "Allow", "Action": READS})
    ram = world.ram()
    arn = ram.create_permission(policyTemplate=template, **given)["permission"]["arn"]
    world.share([GROUP], [CONSUMER], permissionArns=[arn])
    assert world.cards(CONSUMER).describe_model_package_group(ModelPackageGroupName=GROUP)
    assert ram.update_permission(permissionArn=arn, status="DEPRECATED")["permissionStatus"] == "DEPRECATED"
    again = {"name": "more", "permissionArns": [arn]}
    assert refused(ram.create_resource_share, **again) == "OperationNotPermittedException"
    assert world.cards(CONSUMER).describe_model_package_group(ModelPackageGroupName=GROUP)
    ram.update_permission(permissionArn=arn, status="ATTACHABLE")
    ram.create_resource_share(**again)


def test_packages_are_described_in_a_batch_with_what_went_wrong(registry: SandboxClient) -> None:
    missing = PACKAGE.removesuffix("1") + "9"
    answer = registry.cards().batch_describe_model_package(ModelPackageArnList=[PACKAGE, missing])
    assert answer["ModelPackageSummaries"][PACKAGE]["ModelApprovalStatus"] == "PendingManualApproval"
    assert answer["BatchDescribeModelPackageErrorMap"][missing]["ErrorCode"] == "ValidationException"
    answer = registry.cards(CONSUMER).batch_describe_model_package(ModelPackageArnList=[PACKAGE])
    assert answer["ModelPackageSummaries"] == {}
    assert answer["BatchDescribeModelPackageErrorMap"][PACKAGE]["ErrorCode"] == "AccessDeniedException"


def test_a_groups_policy_gives_access_until_it_is_deleted(registry: SandboxClient) -> None:
    cards, consumer = registry.cards(), registry.cards(CONSUMER)
    policy = document(to({"AWS": f"arn:aws:iam::{CONSUMER}:root"}, *READS))
    cards.put_model_package_group_policy(ModelPackageGroupName="churn", ResourcePolicy=policy)
    assert cards.get_model_package_group_policy(ModelPackageGroupName="churn")["ResourcePolicy"] == policy
    assert consumer.describe_model_package(ModelPackageName=PACKAGE)["ModelPackageVersion"] == 1
    cards.delete_model_package_group_policy(ModelPackageGroupName="churn")
    assert refused(consumer.describe_model_package, ModelPackageName=PACKAGE) == "AccessDeniedException"
    assert refused(cards.get_model_package_group_policy, ModelPackageGroupName="churn") == "ValidationException"
    bad = {"ModelPackageGroupName": "churn", "ResourcePolicy": '{"Statement":{"Effect":"Allow","Action":"*"}}'}
    assert refused(cards.put_model_package_group_policy, **bad) == "ValidationException"


def test_a_policy_denies_the_owner_too(registry: SandboxClient) -> None:
    deny = {**to("*", "sagemaker:DeleteModelPackage"), "Effect": "Deny"}
    registry.cards().put_model_package_group_policy(ModelPackageGroupName="churn", ResourcePolicy=document(deny))
    assert refused(registry.cards().delete_model_package, ModelPackageName=PACKAGE) == "AccessDeniedException"


def shares(registry: SandboxClient, account: str = OWNER) -> list[dict[str, Any]]:
    owner = "SELF" if account == OWNER else "OTHER-ACCOUNTS"
    found = registry.ram(account).get_resource_shares(resourceOwner=owner)["resourceShares"]
    return [row for row in found if row["status"] == "ACTIVE"]


def test_a_share_made_from_a_policy_is_promoted_with_its_permission(registry: SandboxClient) -> None:
    ram = registry.ram()
    policy = document(to({"AWS": CONSUMER}, *READS))
    registry.cards().put_model_package_group_policy(ModelPackageGroupName="churn", ResourcePolicy=policy)
    (share,) = shares(registry)
    arn = share["resourceShareArn"]
    assert (share["featureSet"], shares(registry, CONSUMER)) == ("CREATED_FROM_POLICY", [])
    change = {"resourceShareArn": arn, "principals": [OTHER]}
    assert refused(ram.associate_resource_share, **change) == "OperationNotPermittedException"
    promote = ram.promote_resource_share_created_from_policy
    assert refused(promote, resourceShareArn=arn) == "UnmatchedPolicyPermissionException"
    (permission,) = ram.list_resource_share_permissions(resourceShareArn=arn)["permissions"]
    assert permission["featureSet"] == "CREATED_FROM_POLICY"
    made = ram.promote_permission_created_from_policy(permissionArn=permission["arn"], name="read")["permission"]
    assert (made["name"], made["featureSet"]) == ("read", "STANDARD")
    promote(resourceShareArn=arn)
    assert [row["featureSet"] for row in shares(registry, CONSUMER)] == ["STANDARD"]


@pytest.mark.parametrize("principal", [ROLE, CONSUMER])
def test_policies_of_roles_or_with_wildcards_are_not_promoted(registry: SandboxClient, principal: str) -> None:
    ram = registry.ram()
    actions = READS if principal == ROLE else ["sagemaker:*"]
    policy = document(to({"AWS": principal}, *actions))
    registry.cards().put_model_package_group_policy(ModelPackageGroupName="churn", ResourcePolicy=policy)
    (share,) = shares(registry)
    (permission,) = ram.list_resource_share_permissions(resourceShareArn=share["resourceShareArn"])["permissions"]
    if principal == ROLE:
        ram.promote_permission_created_from_policy(permissionArn=permission["arn"], name="read")
        call, given = ram.promote_resource_share_created_from_policy, {"resourceShareArn": share["resourceShareArn"]}
    else:
        call, given = ram.promote_permission_created_from_policy, {"permissionArn": permission["arn"], "name": "read"}
    assert refused(call, **given) == "OperationNotPermittedException"


def test_ram_shows_the_policies_that_it_wrote(registry: SandboxClient) -> None:
    card, ram = registry.card(), registry.ram()
    registry.share([card], [CONSUMER])
    registry.share([card], [f"arn:aws:organizations::{MANAGEMENT}:organization/o-sandbox0000"])
    (policy,) = ram.get_resource_policies(resourceArns=[card, GROUP])["policies"]
    first, second = json.loads(policy)["Statement"]
    assert first["Principal"] == {"AWS": [f"arn:aws:iam::{CONSUMER}:root"]}
    assert (second["Principal"], second["Condition"]) == (
        "*",
        {"StringEquals": {"aws:PrincipalOrgID": "o-sandbox0000"}},
    )
    assert "sagemaker:UpdateModelCard" in first["Action"]
    assert ram.get_resource_policies(resourceArns=[card], principal=OTHER)["policies"] == []
    assert ram.list_source_associations()["sourceAssociations"] == []
    wrong = {"resourceArns": [card.replace(OWNER, OTHER)]}
    assert refused(ram.get_resource_policies, **wrong) == "ResourceArnNotFoundException"


def test_packages_and_groups_are_searched(registry: SandboxClient) -> None:
    cards = registry.cards()
    cards.create_model_package(
        ModelPackageGroupName="churn", ModelApprovalStatus="Approved", Tags=[{"Key": "a", "Value": "b"}]
    )

    def found(kind: str, *filters: tuple[str, str]) -> list[str]:
        rows = [{"Name": name, "Operator": "Equals", "Value": value} for name, value in filters]
        results = cards.search(Resource=kind, SearchExpression={"Filters": rows})["Results"]
        return [row[kind][f"{kind}Arn"] for row in results]

    second = PACKAGE.removesuffix("1") + "2"
    assert sorted(found("ModelPackage", ("ModelPackageGroupName", "churn"))) == [PACKAGE, second]
    assert found("ModelPackage", ("ModelApprovalStatus", "Approved"), ("Tags.a", "b")) == [second]
    assert found("ModelPackageGroup", ("ModelPackageGroupName", "churn")) == [GROUP]
    assert refused(cards.search, Resource="TrainingJob") == "ValidationException"


def test_a_package_keeps_its_card_its_life_cycle_and_its_metadata(registry: SandboxClient) -> None:
    cards, cycle = registry.cards(), {"Stage": "QA", "StageStatus": "Approved"}
    cards.update_model_package(
        ModelPackageArn=PACKAGE, ModelLifeCycle=cycle, CustomerMetadataProperties={"a": "1", "b": "2"}
    )
    cards.update_model_package(
        ModelPackageArn=PACKAGE, ModelCard={"ModelCardContent": "{}", "ModelCardStatus": "Draft"}
    )
    cards.update_model_package(ModelPackageArn=PACKAGE, CustomerMetadataPropertiesToRemove=["a"])
    found = cards.describe_model_package(ModelPackageName=PACKAGE)
    assert (found["ModelLifeCycle"], found["CustomerMetadataProperties"]) == (cycle, {"b": "2"})
    assert found["ModelCard"] == {"ModelCardContent": "{}", "ModelCardStatus": "Draft"}


def deny(condition: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "sagemaker:UpdateModelPackage", "Resource": "*", "Condition": condition}


LOCKS = [
    ({"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}, {"ModelApprovalStatus": "Approved"}),
    (
        {"StringEquals": {"sagemaker:ModelLifeCycle:Stage": "Production"}},
        {"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}},
    ),
    (
        {"Null": {"sagemaker:CustomerMetadataProperties/cardops:card": "false"}},
        {"CustomerMetadataProperties": {"cardops:card": "churn"}},
    ),
    (
        {"ForAnyValue:StringLike": {"sagemaker:CustomerMetadataPropertiesToRemove": "cardops:*"}},
        {"CustomerMetadataPropertiesToRemove": ["cardops:card"]},
    ),
    (
        {"StringEquals": {"sagemaker:CurrentModelLifeCycleStage": "QA"}},
        {"ApprovalDescription": "changed"},
    ),
]


@pytest.mark.parametrize(("condition", "change"), LOCKS, ids=lambda value: next(iter(value)))
def test_condition_keys_of_packages(registry: SandboxClient, condition: dict[str, Any], change: dict[str, Any]) -> None:
    cards, organizations = registry.cards(), registry.client("organizations", MANAGEMENT)
    cycle = {"Stage": "QA", "StageStatus": "Approved"}
    cards.update_model_package(ModelPackageArn=PACKAGE, ModelLifeCycle=cycle)
    given = {"Name": "lock", "Description": "-", "Type": "SERVICE_CONTROL_POLICY", "Content": document(deny(condition))}
    number = organizations.create_policy(**given)["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=number, TargetId=OWNER)
    assert refused(cards.update_model_package, ModelPackageArn=PACKAGE, **change) == "AccessDeniedException"
    organizations.detach_policy(PolicyId=number, TargetId=OWNER)
    cards.update_model_package(ModelPackageArn=PACKAGE, **change)


def test_the_quota_of_versions_is_answered(registry: SandboxClient) -> None:
    quotas = registry.client("service-quotas")
    quota = quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode="L-EF24FBDB")["Quota"]
    assert (quota["Value"], quota["Adjustable"]) == (100.0, True)
    assert refused(quotas.get_service_quota, ServiceCode="sagemaker", QuotaCode="L-0") == "NoSuchResourceException"
