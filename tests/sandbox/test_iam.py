"""Access as IAM, Organizations, KMS and RAM decide it together, through boto3 over HTTP."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import (
    CONSUMER,
    DEFAULT,
    OTHER,
    OWNER,
    REGION,
    MakeSandbox,
    SandboxClient,
    code,
    drain,
    key_of,
    message,
)

MANAGEMENT = "999999999999"
MODEL_CARD = "sagemaker:ModelCard"
CARD = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/churn"
READER = f"arn:aws:iam::{CONSUMER}:role/card-reader"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ = ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {**allow(*actions, resource=resource, **more), "Effect": "Deny"}


def trust(account: str) -> str:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return document({"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession"]})


def make_role(world: SandboxClient, account: str, name: str, *statements: dict[str, Any], **more: Any) -> str:
    """Create a role with an inline policy; return its ARN."""
    iam = world.client("iam", account)
    given = {"AssumeRolePolicyDocument": trust(account), **more}
    arn = iam.create_role(RoleName=name, **given)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return str(arn)


def session(world: SandboxClient, arn: str, service: str, **more: Any) -> Any:
    """A client of a session of the role, assumed by its account's administrator."""
    given = {"RoleArn": arn, "RoleSessionName": "test", **more}
    keys = world.client("sts", arn.split(":")[4]).assume_role(**given)["Credentials"]
    return world.session_client(service, keys)


def attach_scp(world: SandboxClient, target: str, *statements: dict[str, Any], name: str = "limit") -> str:
    organizations = world.client("organizations", MANAGEMENT)
    given = {"Name": name, "Description": "-", "Type": "SERVICE_CONTROL_POLICY", "Content": document(*statements)}
    number = organizations.create_policy(**given)["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=number, TargetId=target)
    return str(number)


def refused(call: Any, **given: Any) -> str:
    """The message with which a call is denied."""
    with pytest.raises(ClientError) as error:
        call(**given)
    assert code(error) in ("AccessDeniedException", "AccessDenied")
    return message(error)


def update(client: Any) -> None:
    client.update_model_card(ModelCardName=CARD, Content='{"n":2}')


# The means of read-only


def test_a_reader_role_reads_and_the_policy_refuses_its_update(world: SandboxClient) -> None:
    world.card()
    reader = session(world, make_role(world, CONSUMER, "card-reader", allow(*READ)), "sagemaker")
    world.share([CARD], [READER])
    assert reader.describe_model_card(ModelCardName=CARD)["ModelCardVersion"] == 1
    text = refused(reader.update_model_card, ModelCardName=CARD, Content="{}")
    assert text.endswith("because no identity-based policy allows the sagemaker:UpdateModelCard action")


def test_the_other_roles_and_the_administrator_of_the_account_get_nothing(world: SandboxClient) -> None:
    world.card()
    make_role(world, CONSUMER, "card-reader", allow(*READ))
    world.share([CARD], [READER])
    other = session(world, make_role(world, CONSUMER, "other", allow("*")), "sagemaker")
    for client in (other, world.cards(CONSUMER)):
        assert "no resource-based policy" in refused(client.describe_model_card, ModelCardName=CARD)


def test_a_reader_role_that_is_widened_may_write(world: SandboxClient) -> None:
    world.card()
    reader = session(world, make_role(world, CONSUMER, "card-reader", allow(*READ)), "sagemaker")
    world.share([CARD], [READER])
    world.client("iam", CONSUMER).attach_role_policy(RoleName="card-reader", PolicyArn=ADMIN)
    update(reader)
    assert reader.describe_model_card(ModelCardName=CARD)["ModelCardVersion"] == 2


def test_an_scp_binds_the_consumer_and_ends_when_it_is_detached(world: SandboxClient) -> None:
    world.card()
    world.share([CARD], [CONSUMER])
    organizations = world.client("organizations", MANAGEMENT)
    number = attach_scp(world, CONSUMER, deny("sagemaker:UpdateModelCard"))
    text = refused(world.cards(CONSUMER).update_model_card, ModelCardName=CARD, Content="{}")
    assert text.endswith("with an explicit deny in a service control policy")
    assert world.cards(CONSUMER).describe_model_card(ModelCardName=CARD)["ModelCardVersion"] == 1
    update(world.cards(OWNER))
    organizations.detach_policy(PolicyId=number, TargetId=CONSUMER)
    update(world.cards(CONSUMER))


def test_an_scp_of_the_owner_does_not_bind_the_consumer(world: SandboxClient) -> None:
    world.card()
    world.share([CARD], [CONSUMER])
    attach_scp(world, OWNER, deny("sagemaker:UpdateModelCard"))
    update(world.cards(CONSUMER))
    refused(world.cards(OWNER).update_model_card, ModelCardName="churn", Content="{}")


def test_an_scp_does_not_bind_the_management_account(world: SandboxClient) -> None:
    world.card()
    world.share([CARD], [MANAGEMENT])
    attach_scp(world, "r-sbox", deny("sagemaker:UpdateModelCard"))
    update(world.cards(MANAGEMENT))
    refused(world.cards(OWNER).update_model_card, ModelCardName="churn", Content="{}")


def test_an_scp_of_a_unit_binds_the_accounts_moved_into_it(world: SandboxClient) -> None:
    organizations = world.client("organizations", MANAGEMENT)
    unit = organizations.create_organizational_unit(ParentId="r-sbox", Name="consumers")["OrganizationalUnit"]["Id"]
    attach_scp(world, unit, deny("sagemaker:*"))
    world.cards(CONSUMER).list_model_cards()
    organizations.move_account(AccountId=CONSUMER, SourceParentId="r-sbox", DestinationParentId=unit)
    refused(world.cards(CONSUMER).list_model_cards)
    world.cards(OTHER).list_model_cards()


def make_key(world: SandboxClient, *readers: str, writers: tuple[str, ...] = ()) -> str:
    root = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
    via = {"StringEquals": {"kms:ViaService": f"sagemaker.{REGION}.amazonaws.com"}}
    via["StringLike"] = {"kms:EncryptionContext:aws:sagemaker:model-card-arn": CARD.replace("churn", "*")}
    rows = [root, allow("kms:Decrypt", Principal={"AWS": [*readers, *writers]}, Condition=via)]
    if writers:
        rows.append(allow("kms:GenerateDataKey", Principal={"AWS": list(writers)}, Condition=via))
    return str(world.client("kms").create_key(Policy=document(*rows))["KeyMetadata"]["Arn"])


def test_a_key_that_only_decrypts_for_the_consumer_keeps_the_content(world: SandboxClient) -> None:
    key = make_key(world, f"arn:aws:iam::{CONSUMER}:root")
    world.card(SecurityConfig={"KmsKeyId": key})
    world.share([CARD], [CONSUMER])
    consumer = world.cards(CONSUMER)
    assert consumer.describe_model_card(ModelCardName=CARD)["Content"] == '{"n":1}'
    text = refused(consumer.update_model_card, ModelCardName=CARD, Content="{}")
    assert f"not authorized to perform: kms:GenerateDataKey on resource: {key}" in text
    consumer.update_model_card(ModelCardName=CARD, ModelCardStatus="Approved")


def test_where_a_status_needs_the_key_too_the_consumer_cannot_write_it(make_world: MakeSandbox) -> None:
    world = make_world(status_write_needs_key=True)
    world.card(SecurityConfig={"KmsKeyId": make_key(world, f"arn:aws:iam::{CONSUMER}:root")})
    world.share([CARD], [CONSUMER])
    refused(world.cards(CONSUMER).update_model_card, ModelCardName=CARD, ModelCardStatus="Approved")


def test_a_key_that_knows_nobody_else_hides_all_but_the_metadata(world: SandboxClient) -> None:
    world.card(SecurityConfig={"KmsKeyId": make_key(world, f"arn:aws:iam::{OTHER}:root")})
    world.share([CARD], [CONSUMER])
    consumer = world.cards(CONSUMER)
    refused(consumer.describe_model_card, ModelCardName=CARD)
    assert consumer.describe_model_card(ModelCardName=CARD, IncludedData="MetadataOnly")["Content"] == "{}"


def test_a_grant_gives_what_the_key_policy_does_not(world: SandboxClient) -> None:
    kms, key = world.client("kms"), make_key(world, f"arn:aws:iam::{OTHER}:root")
    reader = session(world, make_role(world, CONSUMER, "card-reader", allow(*READ)), "sagemaker")
    world.card(SecurityConfig={"KmsKeyId": key})
    world.share([CARD], [READER])
    refused(reader.describe_model_card, ModelCardName=CARD)
    subset = {"EncryptionContextSubset": {"aws:sagemaker:model-card-arn": CARD}}
    grant = kms.create_grant(KeyId=key, GranteePrincipal=READER, Operations=["Decrypt"], Constraints=subset)["GrantId"]
    assert [row["GrantId"] for row in kms.list_grants(KeyId=key)["Grants"]] == [grant]
    assert reader.describe_model_card(ModelCardName=CARD)["Content"] == '{"n":1}'
    kms.revoke_grant(KeyId=key, GrantId=grant)
    refused(reader.describe_model_card, ModelCardName=CARD)


def test_an_organization_share_lets_the_owners_readers_write(world: SandboxClient) -> None:
    world.card()
    world.share([CARD], [f"arn:aws:organizations::{MANAGEMENT}:organization/o-sandbox0000"])
    reader = session(world, make_role(world, OWNER, "reader", allow(*READ)), "sagemaker")
    update(reader)


# Roles and their policies


def test_a_boundary_limits_what_the_policies_allow(world: SandboxClient) -> None:
    iam = world.client("iam")
    given = {"PolicyName": "most", "PolicyDocument": document(allow(*READ))}
    boundary = iam.create_policy(**given)["Policy"]["Arn"]
    world.card()
    role = session(world, make_role(world, OWNER, "admin", allow("*"), PermissionsBoundary=boundary), "sagemaker")
    assert role.describe_model_card(ModelCardName="churn")["ModelCardVersion"] == 1
    text = refused(role.update_model_card, ModelCardName="churn", Content="{}")
    assert "because no permissions boundary allows" in text
    iam.delete_role_permissions_boundary(RoleName="admin")
    update(role)


def test_a_session_policy_limits_the_session_alone(world: SandboxClient) -> None:
    world.card()
    arn = make_role(world, OWNER, "admin", allow("*"))
    limited = session(world, arn, "sagemaker", Policy=document(allow(*READ)))
    assert "because no session policy allows" in refused(limited.update_model_card, ModelCardName="churn", Content="{}")
    update(session(world, arn, "sagemaker"))


def test_a_condition_on_the_tags_of_a_card(world: SandboxClient) -> None:
    world.card(Tags=[{"Key": "team", "Value": "a"}])
    world.card("fraud", Tags=[{"Key": "team", "Value": "b"}])
    rule = allow("sagemaker:UpdateModelCard", Condition={"StringEquals": {"aws:ResourceTag/Team": "a"}})
    role = session(world, make_role(world, OWNER, "writer", rule), "sagemaker")
    update(role)
    refused(role.update_model_card, ModelCardName="fraud", Content="{}")


@pytest.mark.parametrize("shown", [True, False])
def test_tags_of_a_card_in_another_account_are_a_switch(make_world: MakeSandbox, shown: bool) -> None:
    world = make_world(resource_tags_across_accounts=shown)
    world.card(Tags=[{"Key": "team", "Value": "a"}])
    world.share([CARD], [CONSUMER])
    rule = allow("sagemaker:UpdateModelCard", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})
    role = session(world, make_role(world, CONSUMER, "writer", rule), "sagemaker")
    if shown:
        update(role)
    else:
        refused(role.update_model_card, ModelCardName=CARD, Content="{}")


@pytest.mark.parametrize("by", ["id", "arn"])
def test_a_role_that_was_made_anew_is_a_switch(make_world: MakeSandbox, by: str) -> None:
    world = make_world(role_recreated=by)
    world.card()
    iam = world.client("iam", CONSUMER)
    first = session(world, make_role(world, CONSUMER, "card-reader", allow(*READ)), "sagemaker")
    world.share([CARD], [READER])
    iam.delete_role_policy(RoleName="card-reader", PolicyName="own")
    iam.delete_role(RoleName="card-reader")
    second = session(world, make_role(world, CONSUMER, "card-reader", allow(*READ)), "sagemaker")
    with pytest.raises(ClientError) as error:
        first.describe_model_card(ModelCardName=CARD)
    assert code(error) == "InvalidClientTokenId"
    if by == "arn":
        assert second.describe_model_card(ModelCardName=CARD)["ModelCardVersion"] == 1
    else:
        refused(second.describe_model_card, ModelCardName=CARD)


def test_a_role_that_iam_does_not_know_may_do_everything_unless_switched(make_world: MakeSandbox) -> None:
    arn = f"arn:aws:iam::{OWNER}:role/anything"
    session(make_world(), arn, "sagemaker").list_model_cards()
    world = make_world(undeclared_roles="refused")
    assert "sts:AssumeRole" in refused(world.client("sts").assume_role, RoleArn=arn, RoleSessionName="ci")


def test_a_trust_policy_decides_who_assumes_a_role(world: SandboxClient) -> None:
    arn = make_role(world, OWNER, "apply", allow("*"), AssumeRolePolicyDocument=trust(OTHER))
    given = {"RoleArn": arn, "RoleSessionName": "ci"}
    world.client("sts", OTHER).assume_role(**given)
    for account in (CONSUMER, OWNER):
        assert "no resource-based policy allows" in refused(world.client("sts", account).assume_role, **given)


def test_tags_of_a_session_are_principal_tags(world: SandboxClient) -> None:
    world.card()
    rule = allow("sagemaker:UpdateModelCard", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})
    arn = make_role(world, OWNER, "tagged", rule)
    update(session(world, arn, "sagemaker", Tags=[{"Key": "team", "Value": "a"}]))
    plain = session(world, arn, "sagemaker")
    refused(plain.update_model_card, ModelCardName=CARD, Content="{}")


def test_a_user_signs_with_an_access_key_and_is_a_principal_of_ram(world: SandboxClient) -> None:
    iam = world.client("iam", CONSUMER)
    arn = iam.create_user(UserName="rob", Path="/people/")["User"]["Arn"]
    iam.put_user_policy(UserName="rob", PolicyName="own", PolicyDocument=document(allow(*READ)))
    key = iam.create_access_key(UserName="rob")["AccessKey"]["AccessKeyId"]
    assert world.client("sts", key=key).get_caller_identity()["Arn"] == arn
    world.card()
    world.share([CARD], [arn])
    user = world.cards(key=key)
    assert user.describe_model_card(ModelCardName=CARD)["ModelCardVersion"] == 1
    refused(user.update_model_card, ModelCardName=CARD, Content="{}")
    refused(world.cards(CONSUMER).describe_model_card, ModelCardName=CARD)
    iam.update_access_key(UserName="rob", AccessKeyId=key, Status="Inactive")
    with pytest.raises(ClientError) as error:
        world.client("sts", key=key).get_caller_identity()
    assert code(error) == "InvalidClientTokenId"


def test_roles_and_policies_are_read_back_as_they_were_written(world: SandboxClient) -> None:
    iam = world.client("iam")
    arn = make_role(world, OWNER, "reader", allow(*READ), Path="/team/", Description="reads", MaxSessionDuration=7200)
    iam.attach_role_policy(RoleName="reader", PolicyArn=ADMIN)
    role = iam.get_role(RoleName="reader")["Role"]
    assert (role["Arn"], role["Description"], role["MaxSessionDuration"]) == (arn, "reads", 7200)
    assert role["RoleId"].startswith("AROA")
    assert role["AssumeRolePolicyDocument"] == json.loads(trust(OWNER))
    assert iam.get_role_policy(RoleName="reader", PolicyName="own")["PolicyDocument"]["Statement"] == [allow(*READ)]
    assert iam.list_role_policies(RoleName="reader")["PolicyNames"] == ["own"]
    rows = iam.list_attached_role_policies(RoleName="reader")["AttachedPolicies"]
    assert rows == [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}]
    assert [row["RoleName"] for row in iam.list_roles()["Roles"]] == ["reader"]
    with pytest.raises(ClientError) as error:
        iam.delete_role(RoleName="reader")
    assert code(error) == "DeleteConflict"
    iam.detach_role_policy(RoleName="reader", PolicyArn=ADMIN)
    iam.delete_role_policy(RoleName="reader", PolicyName="own")
    iam.delete_role(RoleName="reader")
    with pytest.raises(ClientError) as error:
        iam.get_role(RoleName="reader")
    assert (code(error), error.value.response["ResponseMetadata"]["HTTPStatusCode"]) == ("NoSuchEntity", 404)


def test_managed_policies_have_versions_and_the_default_one_counts(world: SandboxClient) -> None:
    iam = world.client("iam")
    world.card()
    arn = iam.create_policy(PolicyName="cards", PolicyDocument=document(allow(*READ)))["Policy"]["Arn"]
    role = session(world, make_role(world, OWNER, "reader"), "sagemaker")
    iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("sagemaker:*")))
    refused(role.update_model_card, ModelCardName="churn", Content="{}")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    update(role)
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert (version["IsDefaultVersion"], version["Document"]["Statement"]) == (True, [allow("sagemaker:*")])
    with pytest.raises(ClientError) as error:
        iam.delete_policy(PolicyArn=arn)
    assert code(error) == "DeleteConflict"


@pytest.mark.parametrize("text", ["{", document({"Effect": "Allow", "Action": "*"})])
def test_a_malformed_policy_is_refused(world: SandboxClient, text: str) -> None:
    make_role(world, OWNER, "reader")
    with pytest.raises(ClientError) as error:
        world.client("iam").put_role_policy(RoleName="reader", PolicyName="own", PolicyDocument=text)
    assert code(error) == "MalformedPolicyDocument"


def test_iam_itself_is_subject_to_policies(world: SandboxClient) -> None:
    make_role(world, CONSUMER, "card-reader", allow(*READ))
    attach_scp(world, CONSUMER, deny("iam:PutRolePolicy", resource="arn:aws:iam::*:role/card-reader"))
    iam = world.client("iam", CONSUMER)
    given = {"PolicyName": "own", "PolicyDocument": document(allow("*"))}
    refused(iam.put_role_policy, RoleName="card-reader", **given)
    make_role(world, CONSUMER, "another", allow("*"))


# RAM


def sharing(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    return [allow("ram:*"), *statements]


def test_sharing_needs_the_resource_policy_actions_of_the_caller(world: SandboxClient) -> None:
    world.card()
    arn = make_role(world, OWNER, "apply", *sharing())
    ram = session(world, arn, "ram")
    given = {"name": "cards", "resourceArns": [CARD], "principals": [CONSUMER], "permissionArns": [DEFAULT]}
    text = refused(ram.create_resource_share, **given)
    assert "not authorized to perform: sagemaker:PutResourcePolicy on resource: *" in text
    more = allow("sagemaker:PutResourcePolicy", "sagemaker:GetResourcePolicy")
    world.client("iam").put_role_policy(RoleName="apply", PolicyName="more", PolicyDocument=document(more))
    share = ram.create_resource_share(**given)["resourceShare"]["resourceShareArn"]
    assert "sagemaker:DeleteResourcePolicy" in refused(ram.delete_resource_share, resourceShareArn=share)


def test_where_ram_needs_no_resource_policy_actions(make_world: MakeSandbox) -> None:
    world = make_world(put_resource_policy_needed=False)
    world.card()
    ram = session(world, make_role(world, OWNER, "apply", *sharing()), "ram")
    ram.create_resource_share(name="cards", resourceArns=[CARD], principals=[CONSUMER])


def test_ram_is_asked_about_each_principal_and_each_resource(world: SandboxClient) -> None:
    world.card()
    share = world.share([CARD], [CONSUMER], tags=[{"key": "cardops:repository", "value": "r"}])
    plain = world.share([], [])
    attach_scp(
        world,
        OWNER,
        deny(
            "ram:CreateResourceShare", Condition={"StringEquals": {"ram:RequestedResourceType": "sagemaker:ModelCard"}}
        ),
        deny("ram:AssociateResourceShare", Condition={"Null": {"aws:ResourceTag/cardops:repository": "false"}}),
        deny("ram:AssociateResourceShare", Condition={"StringEquals": {"ram:Principal": "444444444444"}}),
    )
    ram = world.ram()
    refused(ram.create_resource_share, name="x", resourceArns=[CARD], principals=[CONSUMER])
    ram.create_resource_share(name="x", principals=[CONSUMER])
    refused(ram.associate_resource_share, resourceShareArn=share, principals=[OTHER])
    ram.associate_resource_share(resourceShareArn=plain, principals=[OTHER])
    refused(ram.associate_resource_share, resourceShareArn=plain, principals=[OTHER, "444444444444"])


def test_external_sharing_is_a_condition_key(world: SandboxClient) -> None:
    rule = deny("ram:CreateResourceShare", Condition={"Bool": {"ram:RequestedAllowsExternalPrincipals": "true"}})
    attach_scp(world, OWNER, rule)
    refused(world.ram().create_resource_share, name="x")
    world.ram().create_resource_share(name="x", allowExternalPrincipals=False)


# Organizations


def test_the_organization_is_described_to_members_and_read_by_management(world: SandboxClient) -> None:
    assert world.client("organizations").describe_organization()["Organization"]["MasterAccountId"] == MANAGEMENT
    refused(world.client("organizations").list_accounts)
    organizations = world.client("organizations", MANAGEMENT)
    organizations.register_delegated_administrator(AccountId=OWNER, ServicePrincipal="ram.amazonaws.com")
    assert OWNER in {row["Id"] for row in world.client("organizations").list_accounts()["Accounts"]}
    refused(world.client("organizations").attach_policy, PolicyId="p-FullAWSAccess", TargetId=CONSUMER)
    root = organizations.list_roots()["Roots"][0]["Id"]
    assert organizations.list_parents(ChildId=CONSUMER)["Parents"] == [{"Id": root, "Type": "ROOT"}]


def test_policies_of_a_target_are_listed_and_one_has_to_stay(world: SandboxClient) -> None:
    organizations = world.client("organizations", MANAGEMENT)
    number = attach_scp(world, CONSUMER, deny("sagemaker:UpdateModelCard"))
    listed = organizations.list_policies_for_target(TargetId=CONSUMER, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    assert [row["Id"] for row in listed] == ["p-FullAWSAccess", number]
    assert organizations.list_targets_for_policy(PolicyId=number)["Targets"][0]["TargetId"] == CONSUMER
    content = organizations.describe_policy(PolicyId=number)["Policy"]["Content"]
    assert json.loads(content)["Statement"] == [deny("sagemaker:UpdateModelCard")]
    organizations.detach_policy(PolicyId=number, TargetId=CONSUMER)
    with pytest.raises(ClientError) as error:
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=CONSUMER)
    assert code(error) == "ConstraintViolationException"


def test_an_account_outside_has_no_organization(make_world: MakeSandbox) -> None:
    world = make_world(outside_accounts=frozenset({OTHER}))
    with pytest.raises(ClientError) as error:
        world.client("organizations", OTHER).describe_organization()
    assert code(error) == "AWSOrganizationsNotInUseException"


def test_iam_and_organizations_are_kept_in_the_data_file(make_world: MakeSandbox, tmp_path: Any) -> None:
    world = make_world(data=tmp_path / "aws.json")
    world.card()
    arn = make_role(world, OWNER, "reader", allow(*READ))
    attach_scp(world, CONSUMER, deny("sagemaker:*"))
    world.stop()
    again = make_world(data=tmp_path / "aws.json")
    role = session(again, arn, "sagemaker")
    assert role.describe_model_card(ModelCardName="churn")["ModelCardVersion"] == 1
    refused(role.update_model_card, ModelCardName="churn", Content="{}")
    refused(again.cards(CONSUMER).list_model_cards)
    assert drain(again.ram().get_resource_shares, resourceOwner="SELF") == []


# Web identities


MAIN = "repo:o/r:ref:refs/heads/main"


def token(**claims: Any) -> str:
    given = {"iss": "https://token.actions.githubusercontent.com", "aud": "sts.amazonaws.com", **claims}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, given)
    ]
    return ".".join([*parts, "x"])


def test_an_oidc_token_is_held_against_the_trust_policy(world: SandboxClient) -> None:
    iam, issuer = world.client("iam"), "token.actions.githubusercontent.com"
    provider = iam.create_open_id_connect_provider(Url=f"https://{issuer}", ClientIDList=["sts.amazonaws.com"])
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{issuer}:sub": MAIN, f"{issuer}:aud": "sts.amazonaws.com"}},
    }
    arn = make_role(world, OWNER, "apply", allow("*"), AssumeRolePolicyDocument=document(statement))
    sts = world.unsigned("sts")
    given = {"RoleArn": arn, "RoleSessionName": "ci"}
    main = sts.assume_role_with_web_identity(**given, WebIdentityToken=token(sub=MAIN))
    assert main["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{OWNER}:assumed-role/apply/ci"
    world.session_client("sagemaker", main["Credentials"]).list_model_cards()
    for wrong in (token(sub="repo:o/r:pull_request"), token(sub=MAIN, aud="else")):
        refused(sts.assume_role_with_web_identity, **given, WebIdentityToken=wrong)
    with pytest.raises(ClientError) as error:
        sts.assume_role_with_web_identity(**given, WebIdentityToken="nonsense")
    assert code(error) == "InvalidIdentityToken"


def test_an_unsigned_call_of_another_operation_is_refused_in_xml(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.unsigned("sts").get_caller_identity()
    assert code(error) == "MissingAuthenticationToken"


def test_session_tokens_and_the_account_of_a_key(world: SandboxClient) -> None:
    sts = world.client("sts")
    keys = sts.get_session_token()["Credentials"]
    again = world.session_client("sts", keys)
    assert again.get_caller_identity()["Arn"] == f"arn:aws:iam::{OWNER}:user/administrator"
    for key in (keys["AccessKeyId"], key_of(OWNER)):
        assert sts.get_access_key_info(AccessKeyId=key)["Account"] == OWNER
