"""Facts about RAM permissions that the sandbox promises."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import (
    CONSUMER,
    DEFAULT,
    EXPORT,
    OWNER,
    READ_POLICY,
    REGION,
    MakeSandbox,
    SandboxClient,
    code,
    drain,
)

CARD = "sagemaker:ModelCard"
WRITE_POLICY = json.dumps({"Effect": "Allow", "Action": ["sagemaker:UpdateModelCard"]})


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return code(error)


def make(world: SandboxClient, name: str = "read", policy: str = READ_POLICY, **more: Any) -> str:
    reply = world.ram().create_permission(name=name, resourceType=CARD, policyTemplate=policy, **more)
    return str(reply["permission"]["arn"])


def attached(world: SandboxClient, share: str) -> list[tuple[str, str]]:
    rows = drain(world.ram().list_resource_share_permissions, resourceShareArn=share)
    return [(row["arn"], row["version"]) for row in rows]


def test_the_managed_permissions_have_policies_with_their_actions(world: SandboxClient) -> None:
    policy = json.loads(world.ram().get_permission(permissionArn=DEFAULT)["permission"]["permission"])
    actions = {"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions", "sagemaker:UpdateModelCard"}
    assert (policy["Effect"], set(policy["Action"])) == ("Allow", actions)
    more = json.loads(world.ram().get_permission(permissionArn=EXPORT)["permission"]["permission"])
    jobs = {"sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob"}
    assert set(more["Action"]) == actions | jobs


def test_both_managed_permissions_are_listed_and_one_is_the_default(world: SandboxClient) -> None:
    rows = drain(world.ram().list_permissions, resourceType="sagemaker:modelcard")
    found = {row["arn"]: (row["isResourceTypeDefault"], row["permissionType"]) for row in rows}
    assert found == {DEFAULT: (True, "AWS_MANAGED"), EXPORT: (False, "AWS_MANAGED")}


def test_the_default_permission_is_attached_if_none_is_named(world: SandboxClient) -> None:
    share = world.share([world.card()], [CONSUMER])
    assert attached(world, share) == [(DEFAULT, "1")]
    later = world.share([], [])
    assert attached(world, later) == []
    world.ram().associate_resource_share(resourceShareArn=later, resourceArns=[world.card("b")])
    assert attached(world, later) == [(DEFAULT, "1")]


def test_a_share_has_one_permission_for_a_resource_type(world: SandboxClient) -> None:
    assert refused(lambda: world.share([], [], permissionArns=[DEFAULT, EXPORT])) == "InvalidParameterException"


def test_a_permission_is_replaced_only_when_that_is_asked_for(world: SandboxClient) -> None:
    share = world.share([world.card()], [])
    put = lambda **more: world.ram().associate_resource_share_permission(  # noqa: E731
        resourceShareArn=share, permissionArn=EXPORT, **more
    )
    assert refused(put) == "InvalidParameterException"
    put(replace=True)
    assert attached(world, share) == [(EXPORT, "1")]


def test_a_permission_is_detached_only_without_resources(world: SandboxClient) -> None:
    arn = world.card()
    share = world.share([arn], [])
    detach = lambda: world.ram().disassociate_resource_share_permission(  # noqa: E731
        resourceShareArn=share, permissionArn=DEFAULT
    )
    assert refused(detach) == "OperationNotPermittedException"
    world.ram().disassociate_resource_share(resourceShareArn=share, resourceArns=[arn])
    detach()
    assert attached(world, share) == []


def test_a_customer_managed_permission_is_described_with_its_policy(world: SandboxClient) -> None:
    arn = make(world, tags=[{"key": "a", "value": "b"}])
    assert arn == f"arn:aws:ram:{REGION}:{OWNER}:permission/read"
    shown = world.ram().get_permission(permissionArn=arn)["permission"]
    assert (shown["permission"], shown["version"], shown["defaultVersion"]) == (READ_POLICY, "1", True)
    assert (shown["permissionType"], shown["status"]) == ("CUSTOMER_MANAGED", "ATTACHABLE")
    assert shown["tags"] == [{"key": "a", "value": "b"}]
    rows = drain(world.ram().list_permissions, permissionType="CUSTOMER_MANAGED")
    assert [row["arn"] for row in rows] == [arn]


def test_customer_managed_permissions_are_a_switch(make_world: MakeSandbox) -> None:
    world = make_world()
    assert refused(lambda: make(world)) == "InvalidParameterException"


@pytest.mark.parametrize("name", ["a" * 37, "a b", "a/b"])
def test_permission_names_are_checked(world: SandboxClient, name: str) -> None:
    assert refused(lambda: make(world, name)) == "InvalidParameterException"


def test_permission_names_have_36_characters(world: SandboxClient) -> None:
    assert make(world, "a._-" * 9).endswith("a._-" * 9)


def test_permission_names_are_unique_in_a_region(world: SandboxClient) -> None:
    make(world)
    assert refused(lambda: make(world)) == "PermissionAlreadyExistsException"
    world.ram(region="eu-west-1").create_permission(name="read", resourceType=CARD, policyTemplate=READ_POLICY)


def test_there_are_at_most_10_permissions_for_a_type(world: SandboxClient) -> None:
    for number in range(10):
        make(world, f"p{number}")
    assert refused(lambda: make(world, "more")) == "PermissionLimitExceededException"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("{", "MalformedPolicyTemplateException"),
        ('{"Effect":"Allow","Action":[],"Resource":"*"}', "MalformedPolicyTemplateException"),
        ('{"Effect":"Deny","Action":["sagemaker:DescribeModelCard"]}', "InvalidPolicyException"),
        ('{"Effect":"Allow","Action":["sagemaker:DeleteModelCard"]}', "InvalidPolicyException"),
        ('{"Effect":"Allow","Action":[]}', "InvalidPolicyException"),
    ],
)
def test_policy_templates_are_checked(world: SandboxClient, policy: str, expected: str) -> None:
    assert refused(lambda: make(world, policy=policy)) == expected


def test_a_new_version_is_the_default_and_shares_stay_on_theirs(world: SandboxClient) -> None:
    card, permission = world.card(), make(world)
    share = world.share([card], [CONSUMER], permissionArns=[permission])
    world.ram().create_permission_version(permissionArn=permission, policyTemplate=WRITE_POLICY)
    assert world.ram().get_permission(permissionArn=permission)["permission"]["version"] == "2"
    assert attached(world, share) == [(permission, "1")]
    write = lambda: world.cards(CONSUMER).update_model_card(ModelCardName=card, Content="{}")  # noqa: E731
    assert refused(write) == "AccessDeniedException"
    world.ram().associate_resource_share_permission(resourceShareArn=share, permissionArn=permission, replace=True)
    assert attached(world, share) == [(permission, "2")]
    write()


def test_only_the_default_version_can_be_attached(world: SandboxClient) -> None:
    share, permission = world.share([], []), make(world)
    world.ram().create_permission_version(permissionArn=permission, policyTemplate=WRITE_POLICY)
    put = lambda version: world.ram().associate_resource_share_permission(  # noqa: E731
        resourceShareArn=share, permissionArn=permission, permissionVersion=version
    )
    assert refused(lambda: put(1)) == "InvalidParameterException"
    world.ram().set_default_permission_version(permissionArn=permission, permissionVersion=1)
    put(1)
    assert attached(world, share) == [(permission, "1")]


def test_replacing_associations_moves_all_shares_of_a_version(world: SandboxClient) -> None:
    permission = make(world)
    shares = [world.share([world.card(name)], [], permissionArns=[permission]) for name in ("a", "b")]
    world.ram().create_permission_version(permissionArn=permission, policyTemplate=WRITE_POLICY)
    work = world.ram().replace_permission_associations(
        fromPermissionArn=permission, fromPermissionVersion=1, toPermissionArn=permission
    )["replacePermissionAssociationsWork"]
    assert (work["status"], work["toPermissionVersion"]) == ("IN_PROGRESS", "2")
    done = drain(world.ram().list_replace_permission_associations_work, workIds=[work["id"]])
    assert [row["status"] for row in done] == ["COMPLETED"]
    rows = drain(world.ram().list_permission_associations, permissionArn=permission, permissionVersion=2)
    assert {row["resourceShareArn"] for row in rows} == set(shares)
    assert {row["defaultVersion"] for row in rows} == {True}
    assert drain(world.ram().list_permission_associations, permissionArn=permission, permissionVersion=1) == []


def test_a_permission_has_at_most_5_versions(world: SandboxClient) -> None:
    permission = make(world)
    add = lambda: world.ram().create_permission_version(  # noqa: E731
        permissionArn=permission, policyTemplate=READ_POLICY
    )
    for _ in range(4):
        add()
    assert refused(add) == "PermissionVersionsLimitExceededException"
    world.ram().delete_permission_version(permissionArn=permission, permissionVersion=1)
    add()
    rows = drain(world.ram().list_permission_versions, permissionArn=permission)
    assert [(row["version"], row["defaultVersion"]) for row in rows][-1] == ("6", True)
    assert len(rows) == 5


def test_an_attached_permission_or_version_cannot_be_deleted(world: SandboxClient) -> None:
    permission = make(world)
    share = world.share([world.card()], [], permissionArns=[permission])
    world.ram().create_permission_version(permissionArn=permission, policyTemplate=WRITE_POLICY)
    drop = lambda number: world.ram().delete_permission_version(  # noqa: E731
        permissionArn=permission, permissionVersion=number
    )
    assert refused(lambda: drop(1)) == "OperationNotPermittedException"
    assert refused(lambda: drop(2)) == "OperationNotPermittedException"
    delete = lambda: world.ram().delete_permission(permissionArn=permission)  # noqa: E731
    assert refused(delete) == "OperationNotPermittedException"
    world.ram().delete_resource_share(resourceShareArn=share)
    drop(1)
    delete()
    gone = lambda: world.ram().get_permission(permissionArn=permission)  # noqa: E731
    assert refused(gone) == "UnknownResourceException"


def test_managed_permissions_cannot_be_changed(world: SandboxClient) -> None:
    delete = lambda: world.ram().delete_permission(permissionArn=DEFAULT)  # noqa: E731
    assert refused(delete) == "OperationNotPermittedException"


def test_another_accounts_permission_cannot_be_attached(world: SandboxClient) -> None:
    permission = make(world)
    call = lambda: world.ram(CONSUMER).create_resource_share(name="x", permissionArns=[permission])  # noqa: E731
    assert refused(call) == "UnknownResourceException"


def test_a_client_token_makes_a_version_once(world: SandboxClient) -> None:
    permission = make(world)
    for _ in range(2):
        world.ram().create_permission_version(permissionArn=permission, policyTemplate=READ_POLICY, clientToken="one")
    assert len(drain(world.ram().list_permission_versions, permissionArn=permission)) == 2
