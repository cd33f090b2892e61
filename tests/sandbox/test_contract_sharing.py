"""Facts about RAM resource shares and cross-account access that the sandbox promises."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import (
    CONSUMER,
    DEFAULT,
    EXPORT,
    OTHER,
    OWNER,
    READ_POLICY,
    REGION,
    MakeSandbox,
    SandboxClient,
    code,
    drain,
    message,
)

ORGANIZATION = "arn:aws:organizations::999999999999:organization/o-abcdefghij"
UNIT = "arn:aws:organizations::999999999999:ou/o-abcdefghij/ou-abcd-12345678"
ROLE = f"arn:aws:iam::{CONSUMER}:role/team/reader"


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return code(error)


def export(world: SandboxClient, arn: str) -> Any:
    return world.cards(CONSUMER).create_model_card_export_job(
        ModelCardName=arn, ModelCardExportJobName="job", OutputConfig={"S3OutputPath": "s3://b/p"}
    )


def test_without_a_share_another_account_is_denied(world: SandboxClient) -> None:
    arn = world.card()
    with pytest.raises(ClientError) as error:
        world.cards(CONSUMER).describe_model_card(ModelCardName=arn)
    assert code(error) == "AccessDeniedException"
    assert "sagemaker:DescribeModelCard" in message(error)
    assert arn in message(error)


def test_a_default_share_lets_the_consumer_read_and_write(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [CONSUMER])
    consumer = world.cards(CONSUMER)
    assert consumer.describe_model_card(ModelCardName=arn)["Content"] == '{"n":1}'
    consumer.update_model_card(ModelCardName=arn, Content='{"n":2}')
    consumer.update_model_card(ModelCardName=arn, ModelCardStatus="Approved")
    seen = world.cards().describe_model_card(ModelCardName="churn")
    assert (seen["Content"], seen["ModelCardStatus"]) == ('{"n":2}', "Approved")
    assert len(consumer.list_model_card_versions(ModelCardName=arn)["ModelCardVersionSummaryList"]) == 2


def test_a_default_share_does_not_let_the_consumer_export(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [CONSUMER])
    assert refused(lambda: export(world, arn)) == "AccessDeniedException"


def test_the_export_permission_lets_the_consumer_export_and_write(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [CONSUMER], permissionArns=[EXPORT])
    job = export(world, arn)["ModelCardExportJobArn"]
    described = world.cards(CONSUMER).describe_model_card_export_job(ModelCardExportJobArn=job)
    assert described["Status"] == "Completed"
    world.cards(CONSUMER).update_model_card(ModelCardName=arn, Content="{}")


def test_a_customer_managed_permission_gives_reading_only(world: SandboxClient) -> None:
    arn = world.card()
    made = world.ram().create_permission(name="read", resourceType="sagemaker:ModelCard", policyTemplate=READ_POLICY)
    world.share([arn], [CONSUMER], permissionArns=[made["permission"]["arn"]])
    world.cards(CONSUMER).describe_model_card(ModelCardName=arn)
    write = lambda: world.cards(CONSUMER).update_model_card(ModelCardName=arn, Content="{}")  # noqa: E731
    assert refused(write) == "AccessDeniedException"


def test_a_third_account_gets_nothing_from_a_share(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [CONSUMER])
    assert refused(lambda: world.cards(OTHER).describe_model_card(ModelCardName=arn)) == "AccessDeniedException"


@pytest.mark.parametrize("principal", [ORGANIZATION, UNIT])
def test_an_organization_or_unit_covers_its_accounts(make_world: MakeSandbox, principal: str) -> None:
    world = make_world(outside_accounts=frozenset({OTHER}))
    arn = world.card()
    world.share([arn], [principal])
    world.cards(CONSUMER).describe_model_card(ModelCardName=arn)
    assert refused(lambda: world.cards(OTHER).describe_model_card(ModelCardName=arn)) == "AccessDeniedException"


def test_a_role_as_principal_covers_its_sessions_only(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [ROLE])
    world.as_role(ROLE, "sagemaker").describe_model_card(ModelCardName=arn)
    other = world.as_role(f"arn:aws:iam::{CONSUMER}:role/other", "sagemaker")
    assert refused(lambda: other.describe_model_card(ModelCardName=arn)) == "AccessDeniedException"
    assert refused(lambda: world.cards(CONSUMER).describe_model_card(ModelCardName=arn)) == "AccessDeniedException"


def test_roles_as_principals_are_a_switch(make_world: MakeSandbox) -> None:
    world = make_world(role_principals=False)
    arn = world.card()
    assert refused(lambda: world.share([arn], [ROLE])) == "InvalidParameterException"


def test_access_ends_with_the_principal_the_resource_or_the_share(world: SandboxClient) -> None:
    arn = world.card()
    read = lambda: world.cards(CONSUMER).describe_model_card(ModelCardName=arn)  # noqa: E731
    for end in (
        lambda share: world.ram().disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER]),
        lambda share: world.ram().disassociate_resource_share(resourceShareArn=share, resourceArns=[arn]),
        lambda share: world.ram().delete_resource_share(resourceShareArn=share),
    ):
        share = world.share([arn], [CONSUMER])
        read()
        end(share)
        assert refused(read) == "AccessDeniedException"


def test_two_shares_add_up(world: SandboxClient) -> None:
    arn = world.card()
    made = world.ram().create_permission(name="read", resourceType="sagemaker:ModelCard", policyTemplate=READ_POLICY)
    world.share([arn], [CONSUMER], permissionArns=[made["permission"]["arn"]])
    wide = world.share([arn], [CONSUMER])
    write = lambda: world.cards(CONSUMER).update_model_card(ModelCardName=arn, Content="{}")  # noqa: E731
    write()
    world.ram().delete_resource_share(resourceShareArn=wide)
    assert refused(write) == "AccessDeniedException"


def test_associations_say_associating_first_and_associated_later(make_world: MakeSandbox) -> None:
    world = make_world(associate_seconds=30, disassociate_seconds=20)
    arn = world.card()
    share = world.share([], [])
    reply = world.ram().associate_resource_share(resourceShareArn=share, resourceArns=[arn], principals=[CONSUMER])
    assert {row["status"] for row in reply["resourceShareAssociations"]} == {"ASSOCIATING"}
    assert world.states("RESOURCE") == {arn: "ASSOCIATING"}
    read = lambda: world.cards(CONSUMER).describe_model_card(ModelCardName=arn)  # noqa: E731
    assert refused(read) == "AccessDeniedException"
    world.advance(30)
    assert (world.states("RESOURCE"), world.states("PRINCIPAL")) == ({arn: "ASSOCIATED"}, {CONSUMER: "ASSOCIATED"})
    read()
    world.ram().disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
    assert world.states("PRINCIPAL") == {CONSUMER: "DISASSOCIATING"}
    assert refused(read) == "AccessDeniedException"
    world.advance(20)
    assert world.states("PRINCIPAL") == {CONSUMER: "DISASSOCIATED"}


def test_a_disassociated_principal_is_listed_for_a_while_and_can_come_back(world: SandboxClient) -> None:
    arn = world.card()
    share = world.share([arn], [CONSUMER])
    world.ram().disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
    assert world.states("PRINCIPAL", associationStatus="DISASSOCIATED") == {CONSUMER: "DISASSOCIATED"}
    world.ram().associate_resource_share(resourceShareArn=share, principals=[CONSUMER])
    assert world.states("PRINCIPAL") == {CONSUMER: "ASSOCIATED"}
    world.ram().disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
    world.advance(2 * 3600 + 1)
    assert world.states("PRINCIPAL") == {}


def test_associating_again_changes_nothing(world: SandboxClient) -> None:
    arn = world.card()
    share = world.share([arn], [CONSUMER])
    world.ram().associate_resource_share(resourceShareArn=share, principals=[CONSUMER])
    assert world.states("PRINCIPAL") == {CONSUMER: "ASSOCIATED"}


def test_disassociating_what_is_not_there_is_unknown_resource(world: SandboxClient) -> None:
    share = world.share([world.card()], [])
    call = lambda: world.ram().disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])  # noqa: E731
    assert refused(call) == "UnknownResourceException"


def test_a_deleted_share_stays_listed_for_two_hours(world: SandboxClient) -> None:
    share = world.share([world.card()], [CONSUMER])
    world.ram().delete_resource_share(resourceShareArn=share)
    own = lambda: [row["status"] for row in drain(world.ram().get_resource_shares, resourceOwner="SELF")]  # noqa: E731
    assert own() == ["DELETED"]
    assert drain(world.ram().get_resource_shares, resourceOwner="SELF", resourceShareStatus="ACTIVE") == []
    assert set(world.states("PRINCIPAL").values()) == {"DISASSOCIATED"}
    world.advance(7200)
    assert own() == []


def test_a_share_is_deleting_while_its_associations_end(make_world: MakeSandbox) -> None:
    world = make_world(disassociate_seconds=20)
    share = world.share([world.card()], [CONSUMER])
    world.ram().delete_resource_share(resourceShareArn=share)
    own = lambda: [row["status"] for row in drain(world.ram().get_resource_shares, resourceOwner="SELF")]  # noqa: E731
    assert own() == ["DELETING"]
    world.advance(20)
    assert own() == ["DELETED"]


def test_a_deleted_share_cannot_be_changed(world: SandboxClient) -> None:
    share = world.share([], [])
    world.ram().delete_resource_share(resourceShareArn=share)
    again = lambda: world.ram().delete_resource_share(resourceShareArn=share)  # noqa: E731
    assert refused(again) == "InvalidStateTransitionException"
    rename = lambda: world.ram().update_resource_share(resourceShareArn=share, name="x")  # noqa: E731
    assert refused(rename) == "UnknownResourceException"


def test_external_principals_are_allowed_by_default(world: SandboxClient) -> None:
    reply = world.ram().create_resource_share(name="cards")
    assert reply["resourceShare"]["allowExternalPrincipals"] is True
    assert reply["resourceShare"]["featureSet"] == "STANDARD"


def test_an_outside_account_is_refused_where_external_principals_are_not_allowed(make_world: MakeSandbox) -> None:
    world = make_world(outside_accounts=frozenset({OTHER}))
    share = world.share([], [CONSUMER], allowExternalPrincipals=False)
    call = lambda: world.ram().associate_resource_share(resourceShareArn=share, principals=[OTHER])  # noqa: E731
    assert refused(call) == "OperationNotPermittedException"


def test_share_names_are_not_unique_and_have_a_charset(world: SandboxClient) -> None:
    assert world.share([], [], name="a B.1-2") != world.share([], [], name="a B.1-2")
    assert refused(lambda: world.share([], [], name="a/b")) == "InvalidParameterException"


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("card", "MalformedArnException"),
        (f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/none", "UnknownResourceException"),
        (f"arn:aws:sagemaker:{REGION}:{CONSUMER}:model-card/churn", "OperationNotPermittedException"),
        (f"arn:aws:sagemaker:eu-west-1:{OWNER}:model-card/churn", "UnknownResourceException"),
        (f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package/churn", "InvalidParameterException"),
    ],
)
def test_a_resource_must_exist_and_be_the_callers(world: SandboxClient, arn: str, expected: str) -> None:
    world.card()
    assert refused(lambda: world.share([arn], [])) == expected


@pytest.mark.parametrize("principal", ["12345", "o-abcdefghij", "arn:aws:iam::1:role/x"])
def test_a_malformed_principal_is_refused(world: SandboxClient, principal: str) -> None:
    with pytest.raises(ClientError) as error:
        world.share([], [principal])
    assert code(error) == "InvalidParameterException"
    assert message(error) == f"Principal ID {principal} is malformed. Verify the ID and try again."


def test_a_refused_call_leaves_no_share_behind(world: SandboxClient) -> None:
    refused(lambda: world.share([world.card()], ["nobody"]))
    assert drain(world.ram().get_resource_shares, resourceOwner="SELF") == []


def test_a_call_takes_at_most_100_resources(world: SandboxClient) -> None:
    arns = [world.card(f"c{number}") for number in range(101)]
    assert refused(lambda: world.share(arns, [])) == "ResourceShareLimitExceededException"
    share = world.share(arns[:100], [])
    world.ram().associate_resource_share(resourceShareArn=share, resourceArns=arns[100:])
    assert len(world.states("RESOURCE")) == 101


def test_a_client_token_makes_creation_idempotent(world: SandboxClient) -> None:
    first = world.ram().create_resource_share(name="cards", clientToken="one")
    again = world.ram().create_resource_share(name="cards", clientToken="one")
    assert first["resourceShare"]["resourceShareArn"] == again["resourceShare"]["resourceShareArn"]
    assert again["clientToken"] == "one"
    assert len(drain(world.ram().get_resource_shares, resourceOwner="SELF")) == 1
    other = lambda: world.ram().create_resource_share(name="others", clientToken="one")  # noqa: E731
    assert refused(other) == "IdempotentParameterMismatchException"


def test_a_client_token_is_forgotten_after_a_day(world: SandboxClient) -> None:
    for _ in range(2):
        world.ram().create_resource_share(name="cards", clientToken="one")
        world.advance(24 * 3600)
    assert len(drain(world.ram().get_resource_shares, resourceOwner="SELF")) == 2


def test_updating_a_share(world: SandboxClient) -> None:
    share = world.share([], [])
    reply = world.ram().update_resource_share(resourceShareArn=share, name="new", allowExternalPrincipals=False)
    assert (reply["resourceShare"]["name"], reply["resourceShare"]["allowExternalPrincipals"]) == ("new", False)
    nothing = lambda: world.ram().update_resource_share(resourceShareArn=share)  # noqa: E731
    assert refused(nothing) == "MissingRequiredParameterException"


def test_shares_are_found_by_tag_name_permission_and_arn(world: SandboxClient) -> None:
    share = world.share([world.card()], [], name="a", tags=[{"key": "cardops:grant", "value": "x"}])
    world.share([], [], name="b")
    for question in (
        {"tagFilters": [{"tagKey": "cardops:grant", "tagValues": ["x", "y"]}]},
        {"tagFilters": [{"tagKey": "cardops:grant"}]},
        {"name": "a"},
        {"permissionArn": DEFAULT},
        {"resourceShareArns": [share]},
    ):
        rows = drain(world.ram().get_resource_shares, resourceOwner="SELF", **question)
        assert [row["resourceShareArn"] for row in rows] == [share], question
    assert rows[0]["tags"] == [{"key": "cardops:grant", "value": "x"}]


def test_shares_and_permissions_are_tagged(world: SandboxClient) -> None:
    share = world.share([], [])
    made = world.ram().create_permission(name="read", resourceType="sagemaker:ModelCard", policyTemplate=READ_POLICY)[
        "permission"
    ]["arn"]
    for target in ({"resourceShareArn": share}, {"resourceArn": made}):
        world.ram().tag_resource(tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}], **target)
        world.ram().untag_resource(tagKeys=["a", "absent"], **target)
    assert drain(world.ram().get_resource_shares, resourceOwner="SELF")[0]["tags"] == [{"key": "b", "value": "2"}]
    assert world.ram().get_permission(permissionArn=made)["permission"]["tags"] == [{"key": "b", "value": "2"}]
    both = lambda: world.ram().tag_resource(tags=[], resourceShareArn=share, resourceArn=made)  # noqa: E731
    assert refused(both) == "InvalidParameterException"


def test_the_consumer_sees_shares_and_resources_of_other_accounts(world: SandboxClient) -> None:
    arn = world.card()
    share = world.share([arn], [CONSUMER], tags=[{"key": "a", "value": "b"}])
    consumer = world.ram(CONSUMER)
    (row,) = drain(consumer.get_resource_shares, resourceOwner="OTHER-ACCOUNTS")
    assert (row["resourceShareArn"], row["owningAccountId"]) == (share, OWNER)
    assert "tags" not in row
    rows = drain(consumer.list_resources, resourceOwner="OTHER-ACCOUNTS", resourceType="sagemaker:ModelCard")
    assert [(row["arn"], row["type"], row["resourceShareArn"]) for row in rows] == [(arn, "sagemaker:ModelCard", share)]
    assert [row["id"] for row in drain(consumer.list_principals, resourceOwner="OTHER-ACCOUNTS")] == [OWNER]
    assert drain(world.ram(OTHER).list_resources, resourceOwner="OTHER-ACCOUNTS") == []


def test_the_owner_sees_resources_and_principals(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [CONSUMER, OTHER])
    assert [row["arn"] for row in drain(world.ram().list_resources, resourceOwner="SELF")] == [arn]
    ids = {row["id"] for row in drain(world.ram().list_principals, resourceOwner="SELF", resourceArn=arn)}
    assert ids == {CONSUMER, OTHER}
    wrong = lambda: world.ram().list_resources(resourceOwner="SELF", resourceType="ec2:Subnet")  # noqa: E731
    assert refused(wrong) == "InvalidResourceTypeException"


def test_model_cards_and_package_groups_are_the_resource_types(world: SandboxClient) -> None:
    rows = drain(world.ram().list_resource_types)
    more = {"serviceName": "sagemaker", "resourceRegionScope": "REGIONAL"}
    assert rows == [{"resourceType": kind, **more} for kind in ("sagemaker:ModelCard", "sagemaker:model-package-group")]


def test_a_pages_first_answer_may_be_empty_and_have_a_token(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [CONSUMER])
    first = world.ram().get_resource_share_associations(associationType="RESOURCE")
    assert first["resourceShareAssociations"] == []
    second = world.ram().get_resource_share_associations(associationType="RESOURCE", nextToken=first["nextToken"])
    assert [row["associatedEntity"] for row in second["resourceShareAssociations"]] == [arn]
    assert "nextToken" not in second


def test_empty_pages_are_a_switch(make_world: MakeSandbox) -> None:
    world = make_world(empty_pages=frozenset({"GetResourceShares"}))
    arn = world.card()
    world.share([arn], [])
    assert world.ram().get_resource_shares(resourceOwner="SELF")["resourceShares"] == []
    assert world.ram().get_resource_share_associations(associationType="RESOURCE")["resourceShareAssociations"]


def test_pages_have_the_asked_size(world: SandboxClient) -> None:
    share = world.share([world.card(f"c{number}") for number in range(5)], [])
    given = {"associationType": "RESOURCE", "resourceShareArns": [share], "maxResults": 2}
    sizes: list[int] = []
    token: dict[str, str] = {}
    while True:
        reply = world.ram().get_resource_share_associations(**given, **token)
        sizes.append(len(reply["resourceShareAssociations"]))
        if "nextToken" not in reply:
            break
        token = {"nextToken": reply["nextToken"]}
    assert sizes == [0, 2, 2, 1]


def test_a_token_that_was_not_given_out_is_refused(world: SandboxClient) -> None:
    call = lambda: world.ram().get_resource_shares(resourceOwner="SELF", nextToken="x")  # noqa: E731
    assert refused(call) == "InvalidNextTokenException"


def test_associations_cannot_be_asked_for_by_the_other_kind(world: SandboxClient) -> None:
    call = lambda: world.ram().get_resource_share_associations(  # noqa: E731
        associationType="PRINCIPAL", resourceArn=f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/a"
    )
    assert refused(call) == "InvalidParameterException"


def test_unknown_and_malformed_shares(world: SandboxClient) -> None:
    unknown = f"arn:aws:ram:{REGION}:{OWNER}:resource-share/00000000-0000-0000-0000-000000000000"
    for arn, expected in ((unknown, "UnknownResourceException"), ("x", "MalformedArnException")):
        call = lambda arn=arn: world.ram().get_resource_shares(  # noqa: E731
            resourceOwner="SELF", resourceShareArns=[arn]
        )
        assert refused(call) == expected


def test_deleting_a_shared_card_can_be_refused(make_world: MakeSandbox) -> None:
    world = make_world(delete_refused_while_shared=True)
    arn = world.card()
    share = world.share([arn], [])
    delete = lambda: world.cards().delete_model_card(ModelCardName="churn")  # noqa: E731
    assert refused(delete) == "ConflictException"
    world.ram().disassociate_resource_share(resourceShareArn=share, resourceArns=[arn])
    delete()
