"""Facts about the model registry that the sandbox promises."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, OWNER, REGION, MakeSandbox, SandboxClient, code


def register(world: SandboxClient, **more: Any) -> str:
    return str(world.cards().create_model_package(ModelPackageGroupName="churn", **more)["ModelPackageArn"])


@pytest.fixture
def group(world: SandboxClient) -> SandboxClient:
    """A world with the model package group ``churn``."""
    world.cards().create_model_package_group(ModelPackageGroupName="churn")
    return world


def test_versions_of_a_group_count_up_and_wait_for_approval(group: SandboxClient) -> None:
    assert register(group) == f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package/churn/1"
    described = group.cards().describe_model_package(ModelPackageName=register(group))
    assert (described["ModelPackageGroupName"], described["ModelPackageVersion"]) == ("churn", 2)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"


def test_the_approval_status_is_updated_and_listed(group: SandboxClient) -> None:
    first, _ = register(group), register(group)
    group.cards().update_model_package(ModelPackageArn=first, ModelApprovalStatus="Approved", ApprovalDescription="ok")
    described = group.cards().describe_model_package(ModelPackageName=first)
    assert (described["ModelApprovalStatus"], described["ApprovalDescription"]) == ("Approved", "ok")
    rows = group.cards().list_model_packages(ModelPackageGroupName="churn", ModelApprovalStatus="Approved")
    assert [row["ModelPackageArn"] for row in rows["ModelPackageSummaryList"]] == [first]


def test_nothing_syncs_a_package_and_a_card(group: SandboxClient) -> None:
    group.card("churn", Content='{"model_package_details":{"model_package_group_name":"churn"}}', status="Approved")
    described = group.cards().describe_model_package(ModelPackageName=register(group))
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    group.cards().update_model_package(ModelPackageArn=described["ModelPackageArn"], ModelApprovalStatus="Rejected")
    assert group.cards().describe_model_card(ModelCardName="churn")["ModelCardStatus"] == "Approved"


def test_a_packages_archived_card_is_frozen(group: SandboxClient) -> None:
    arn = register(group, ModelCard={"ModelCardContent": "{}", "ModelCardStatus": "Archived"})
    with pytest.raises(ClientError) as error:
        group.cards().update_model_package(ModelPackageArn=arn, ModelCard={"ModelCardStatus": "Draft"})
    assert "Model Card is in Archived state" in str(error.value)


def test_a_packages_card_under_the_other_setting(make_world: MakeSandbox) -> None:
    world = make_world(archived_frozen=False)
    world.cards().create_model_package_group(ModelPackageGroupName="churn")
    arn = register(world, ModelCard={"ModelCardContent": "{}", "ModelCardStatus": "Archived"})
    world.cards().update_model_package(ModelPackageArn=arn, ModelCard={"ModelCardStatus": "Draft"})
    card = world.cards().describe_model_package(ModelPackageName=arn)["ModelCard"]
    assert card == {"ModelCardContent": "{}", "ModelCardStatus": "Draft"}


def test_metadata_of_a_package_is_merged(group: SandboxClient) -> None:
    arn = register(group, CustomerMetadataProperties={"a": "1", "b": "2"})
    group.cards().update_model_package(
        ModelPackageArn=arn, CustomerMetadataProperties={"c": "3"}, CustomerMetadataPropertiesToRemove=["a"]
    )
    described = group.cards().describe_model_package(ModelPackageName=arn)
    assert described["CustomerMetadataProperties"] == {"b": "2", "c": "3"}


def test_what_is_missing_is_a_validation_exception(world: SandboxClient) -> None:
    for call in (
        lambda: world.cards().describe_model_package(ModelPackageName="none"),
        lambda: world.cards().describe_model_package_group(ModelPackageGroupName="none"),
        lambda: register(world),
    ):
        with pytest.raises(ClientError) as error:
            call()
        assert code(error) == "ValidationException"


def test_a_group_is_deleted_only_without_versions(group: SandboxClient) -> None:
    arn = register(group)
    with pytest.raises(ClientError) as error:
        group.cards().delete_model_package_group(ModelPackageGroupName="churn")
    assert code(error) == "ConflictException"
    group.cards().delete_model_package(ModelPackageName=arn)
    group.cards().delete_model_package_group(ModelPackageGroupName="churn")
    assert group.cards().list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_a_client_token_registers_once(group: SandboxClient) -> None:
    assert register(group, ClientToken="one") == register(group, ClientToken="one")


def test_packages_without_a_group_are_listed_apart(group: SandboxClient) -> None:
    register(group)
    alone = group.cards().create_model_package(ModelPackageName="alone")["ModelPackageArn"]
    rows = group.cards().list_model_packages()["ModelPackageSummaryList"]
    assert [row["ModelPackageArn"] for row in rows] == [alone]
    assert len(group.cards().list_model_packages(ModelPackageType="Both")["ModelPackageSummaryList"]) == 2


def test_groups_and_packages_have_tags(group: SandboxClient) -> None:
    arn = group.cards().describe_model_package_group(ModelPackageGroupName="churn")["ModelPackageGroupArn"]
    group.cards().add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert group.cards().list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]


def test_another_account_has_no_access_to_a_package(group: SandboxClient) -> None:
    arn = register(group)
    with pytest.raises(ClientError) as error:
        group.cards(CONSUMER).describe_model_package(ModelPackageName=arn)
    assert code(error) == "AccessDeniedException"
