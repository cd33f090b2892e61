"""RAM requests and answers."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from cardops.aws.ram_permissions import parse_actions
from cardops.aws.ram_shares import Boto3Sharing
from cardops.model.errors import CloudError, NotFoundError, NotSupportedByAwsError
from cardops.model.observed import Association
from support.stubbed_client import WHERE, Stubbed

SHARE = "arn:aws:ram:eu-central-1:111111111111:resource-share/1"
CARD = "arn:aws:sagemaker:eu-central-1:111111111111:model-card/fraud"
READ = "arn:aws:ram:eu-central-1:111111111111:permission/read"
PAGE = {"maxResults": 500}
DESCRIBE = "sagemaker:DescribeModelCard"


@pytest.fixture
def ram(stubbed: Stubbed) -> tuple[Boto3Sharing, Stubber]:
    client, stubber = stubbed("ram")
    return Boto3Sharing(client, WHERE), stubber


def share(arn: str = SHARE, **more: Any) -> dict[str, Any]:
    return {"resourceShareArn": arn, "name": "one", "status": "ACTIVE", **more}


def association(entity: str, status: str = "ASSOCIATED") -> dict[str, Any]:
    return {"resourceShareArn": SHARE, "associatedEntity": entity, "status": status}


def attached(arn: str, kind: str) -> dict[str, Any]:
    return {"resourceShareArn": SHARE, "arn": arn, "permissionVersion": "2", "resourceType": kind}


def test_shares_join_four_lists_and_leave_out_deleted_ones(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    own = share(
        allowExternalPrincipals=False,
        featureSet="STANDARD",
        tags=[{"key": "cardops:grant", "value": "g"}],
        lastUpdatedTime=datetime(2026, 1, 2, tzinfo=UTC),
    )
    gone = [share("x", status="DELETED"), share("y", status="DELETING")]
    stubber.add_response(
        "get_resource_shares", {"resourceShares": gone, "nextToken": "1"}, {**PAGE, "resourceOwner": "SELF"}
    )
    stubber.add_response(
        "get_resource_shares", {"resourceShares": [own]}, {**PAGE, "resourceOwner": "SELF", "nextToken": "1"}
    )
    principals = [association("222222222222", "ASSOCIATED"), association("222222222222", "DISASSOCIATED")]
    resources = [
        association(CARD, "FAILED"),
        association(CARD, "ASSOCIATING"),
        association("other", "FAILED"),
    ]
    key = "resourceShareAssociations"
    stubber.add_response(
        "get_resource_share_associations", {key: [], "nextToken": "1"}, {**PAGE, "associationType": "PRINCIPAL"}
    )
    stubber.add_response(
        "get_resource_share_associations",
        {key: principals},
        {**PAGE, "associationType": "PRINCIPAL", "nextToken": "1"},
    )
    stubber.add_response("get_resource_share_associations", {key: resources}, {**PAGE, "associationType": "RESOURCE"})
    permissions = [attached(READ, "sagemaker:ModelCard"), attached("arn:subnet", "ec2:Subnet")]
    stubber.add_response(
        "list_permission_associations", {"permissions": permissions}, {**PAGE, "resourceOwner": "SELF"}
    )
    allowed = {"permission": json.dumps({"Effect": "Allow", "Action": [DESCRIBE]})}
    stubber.add_response("get_permission", {"permission": allowed}, {"permissionArn": READ, "permissionVersion": 2})
    [found] = sharing.shares()
    assert found.actions == {DESCRIBE}
    assert (found.arn, found.place, found.name, found.external) == (SHARE, WHERE.place, "one", False)
    assert found.principals == {"222222222222": "ASSOCIATED"}
    assert found.resources == {CARD: "ASSOCIATING", "other": "FAILED"}
    assert (found.permission, found.permission_version) == (READ, 2)
    assert (found.tags, found.updated) == ({"cardops:grant": "g"}, "2026-01-02T00:00:00+00:00")


WRITE = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"
UPDATE = "sagemaker:UpdateModelCard"


@pytest.mark.parametrize("turned", [False, True], ids=["the old one first", "the new one first"])
@pytest.mark.parametrize(
    ("old", "new", "actions", "current"),
    [
        ("DISASSOCIATING", "ASSOCIATING", {DESCRIBE, UPDATE}, READ),
        ("DISASSOCIATED", "ASSOCIATED", {DESCRIBE}, READ),
        ("FAILED", "ASSOCIATED", {DESCRIBE}, READ),
        ("DISASSOCIATING", "DISASSOCIATED", {UPDATE}, ""),
    ],
)
def test_a_permission_that_is_being_replaced_counts_until_it_is_gone(
    ram: tuple[Boto3Sharing, Stubber], turned: bool, old: str, new: str, actions: set[str], current: str
) -> None:
    sharing, stubber = ram
    stubber.add_response("get_resource_shares", {"resourceShares": [share()]})
    for _ in range(2):
        stubber.add_response("get_resource_share_associations", {"resourceShareAssociations": []})
    both = [
        attached(WRITE, "sagemaker:ModelCard") | {"status": old},
        attached(READ, "sagemaker:ModelCard") | {"status": new},
    ]
    stubber.add_response("list_permission_associations", {"permissions": both[::-1] if turned else both})
    for arn, action in sorted(((WRITE, UPDATE), (READ, DESCRIBE))):
        if action in actions:
            allowed = {"permission": json.dumps({"Effect": "Allow", "Action": [action]})}
            request = {"permissionArn": arn, "permissionVersion": 2}
            stubber.add_response("get_permission", {"permission": allowed}, request)
    [found] = sharing.shares()
    assert (found.actions, found.permission) == (actions, current)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("one", "other"),
    [("DISASSOCIATING", "DISASSOCIATED"), ("DISASSOCIATING", "FAILED"), ("ASSOCIATED", "DISASSOCIATING")],
)
def test_access_that_is_ending_does_not_hide_behind_access_that_has_ended(
    ram: tuple[Boto3Sharing, Stubber], turned: bool, one: str, other: str
) -> None:
    sharing, stubber = ram
    both = [association("222222222222", one), association("222222222222", other)]
    for rows in (both[::-1] if turned else both, []):
        stubber.add_response("get_resource_share_associations", {"resourceShareAssociations": rows})
    assert sharing.associations([SHARE])[SHARE]["222222222222"].state == one


def test_no_shares_need_no_more_calls(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    stubber.add_response("get_resource_shares", {"resourceShares": []})
    assert sharing.shares() == []


def test_share_without_anything_attached_has_no_permission(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    stubber.add_response("get_resource_shares", {"resourceShares": [share()]})
    for _ in range(2):
        stubber.add_response("get_resource_share_associations", {"resourceShareAssociations": []})
    stubber.add_response("list_permission_associations", {"permissions": []})
    [found] = sharing.shares()
    assert (found.permission, found.permission_version, found.external) == ("", 0, True)


def test_permissions_with_actions_and_versions(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    summaries = [{"arn": "gone", "status": "DELETED"}, {"arn": READ, "status": "ATTACHABLE"}]
    stubber.add_response(
        "list_permissions",
        {"permissions": summaries},
        {**PAGE, "resourceType": "sagemaker:ModelCard", "permissionType": "CUSTOMER_MANAGED"},
    )
    detail = {
        "arn": READ,
        "name": "read",
        "version": "3",
        "permission": json.dumps({"Effect": "Allow", "Action": DESCRIBE}),
        "tags": [{"key": "k", "value": "v"}],
    }
    stubber.add_response("get_permission", {"permission": detail}, {"permissionArn": READ})
    versions = [{"version": "3"}, {"version": "1", "status": "DELETED"}, {"version": "2"}]
    stubber.add_response("list_permission_versions", {"permissions": versions}, {**PAGE, "permissionArn": READ})
    found = sharing.permissions()["read"]
    assert (found.version, found.versions, found.tags) == (3, (2, 3), {"k": "v"})
    assert found.actions == {DESCRIBE}
    assert sharing.actions(READ, 3) == {DESCRIBE}  # no further call: the stubber has no answer left


def test_actions_are_asked_for_once_a_version(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    for version, action in ((1, "sagemaker:UpdateModelCard"), (2, DESCRIBE)):
        text = json.dumps({"Effect": "Allow", "Action": [action]})
        request = {"permissionArn": READ, "permissionVersion": version}
        stubber.add_response("get_permission", {"permission": {"permission": text}}, request)
    for _ in range(2):
        assert sharing.actions(READ, 1) == {"sagemaker:UpdateModelCard"}
        assert sharing.actions(READ, 2) == {DESCRIBE}


@pytest.mark.parametrize(
    ("document", "actions"),
    [
        ('{"Effect": "Allow", "Action": ["a", "b"]}', {"a", "b"}),
        ('{"effect": "Allow", "actions": ["a"]}', {"a"}),
        ('{"Action": "a"}', {"a"}),
        ('{"NotAction": "a", "Action": "b"}', set()),
        ('{"Action": [1]}', set()),
        ("[]", set()),
        ("", set()),
    ],
)
def test_actions_of_a_document(document: str, actions: set[str]) -> None:
    assert parse_actions(document) == actions


def test_unreadable_permission_is_an_error_and_not_an_empty_one(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    stubber.add_response("get_permission", {"permission": {"permission": "{}"}})
    with pytest.raises(CloudError, match="its actions cannot be read"):
        sharing.actions(READ, 1)


def test_create_share_names_everything_and_splits_a_long_list(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    cards = [f"{CARD}{number}" for number in range(100)]
    request = {
        "name": "one",
        "principals": ["222222222222"],
        "resourceArns": cards[:99],
        "permissionArns": [READ],
        "allowExternalPrincipals": False,
        "clientToken": "token",
        "tags": [{"key": "k", "value": "v"}],
    }
    stubber.add_response("create_resource_share", {"resourceShare": share()}, request)
    rest = {
        "resourceShareArn": SHARE,
        "resourceArns": cards[99:],
        "clientToken": "b0b206db-9656-b219-a6d7-b4e29f1718a5",
    }
    stubber.add_response("associate_resource_share", {}, rest)
    assert sharing.create_share("one", "222222222222", cards, READ, False, {"k": "v"}, "token") == SHARE


def test_changes_hold_at_most_a_hundred_with_a_token_each(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    cards = [f"{CARD}{number}" for number in range(99)]
    first = {
        "resourceShareArn": SHARE,
        "resourceArns": cards,
        "principals": ["222222222222"],
        "clientToken": "token",
    }
    second = {
        "resourceShareArn": SHARE,
        "principals": ["333333333333"],
        "clientToken": "b0b206db-9656-b219-a6d7-b4e29f1718a5",
    }
    for method in ("associate_resource_share", "disassociate_resource_share"):
        stubber.add_response(method, {}, first)
        stubber.add_response(method, {}, second)
    sharing.associate(SHARE, cards, ["222222222222", "333333333333"], "token")
    sharing.disassociate(SHARE, cards, ["222222222222", "333333333333"], "token")
    sharing.associate(SHARE, [], [], "token")


def test_replace_permission_names_a_version_only_if_given(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    request = {"resourceShareArn": SHARE, "permissionArn": READ, "replace": True, "clientToken": "token"}
    stubber.add_response("associate_resource_share_permission", {"returnValue": True}, request)
    stubber.add_response(
        "associate_resource_share_permission", {"returnValue": True}, request | {"permissionVersion": 2}
    )
    sharing.replace_permission(SHARE, READ, None, "token")
    sharing.replace_permission(SHARE, READ, 2, "token")


def test_states_come_with_rams_words_and_with_who_is_invited(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    when = datetime(2026, 1, 2, tzinfo=UTC)
    failed = association(CARD, "FAILED") | {"statusMessage": "No"}
    invited = association("222222222222", "ASSOCIATING") | {"external": True, "lastUpdatedTime": when}
    inside = association("333333333333", "ASSOCIATING") | {"external": False, "lastUpdatedTime": when}
    broken = share(status="FAILED", statusMessage="Internal", featureSet="CREATED_FROM_POLICY")
    stubber.add_response("get_resource_shares", {"resourceShares": [broken]})
    operation, key = "get_resource_share_associations", "resourceShareAssociations"
    stubber.add_response(operation, {key: [invited, inside]})
    stubber.add_response(operation, {key: [failed]})
    stubber.add_response("list_permission_associations", {"permissions": []})
    [found] = sharing.shares()
    assert (found.status, found.feature_set) == ("FAILED", "CREATED_FROM_POLICY")
    assert found.messages == {CARD: "No", SHARE: "Internal"}
    assert found.invited == {"222222222222": "2026-01-02T00:00:00+00:00"}
    for kind, rows in (("PRINCIPAL", [invited]), ("RESOURCE", [failed])):
        request = {**PAGE, "associationType": kind, "resourceShareArns": [SHARE]}
        stubber.add_response(operation, {key: rows}, request)
    assert sharing.associations([SHARE]) == {
        SHARE: {
            "222222222222": Association("ASSOCIATING", "", "2026-01-02T00:00:00+00:00"),
            CARD: Association("FAILED", "No"),
        }
    }


def test_a_share_that_is_being_deleted_is_seen_only_when_asked_for(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    rows = [share("x", status="DELETED"), share(status="DELETING")]
    for _ in range(2):
        stubber.add_response("get_resource_shares", {"resourceShares": rows})
    for _ in range(2):
        stubber.add_response("get_resource_share_associations", {"resourceShareAssociations": []})
    stubber.add_response("list_permission_associations", {"permissions": []})
    assert sharing.shares() == []
    assert [(one.arn, one.status) for one in sharing.shares(leaving=True)] == [(SHARE, "DELETING")]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidParameterException", NotSupportedByAwsError),
        ("OperationNotPermittedException", NotSupportedByAwsError),
        ("InvalidPolicyException", CloudError),
        ("PermissionLimitExceededException", CloudError),
    ],
)
def test_a_refused_resource_type_is_told_from_other_errors(
    ram: tuple[Boto3Sharing, Stubber], code: str, error: type[CloudError]
) -> None:
    sharing, stubber = ram
    stubber.add_client_error("create_permission", code, "Why")
    with pytest.raises(CloudError, match=f"{code}: Why") as caught:
        sharing.create_permission("read", ["a"], {}, "token")
    assert type(caught.value) is error


def test_external_principals_are_allowed_or_refused_in_place(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    request = {"resourceShareArn": SHARE, "allowExternalPrincipals": False, "clientToken": "token"}
    stubber.add_response("update_resource_share", {}, request)
    sharing.allow_external(SHARE, False, "token")


def test_answer_that_it_was_not_done_is_an_error(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    stubber.add_response(
        "delete_resource_share", {"returnValue": False}, {"resourceShareArn": SHARE, "clientToken": "token"}
    )
    with pytest.raises(CloudError, match=r"ram:DeleteResourceShare on .*/1 in .*: AWS answered"):
        sharing.delete_share(SHARE, "token")


def test_permission_is_created_versioned_and_a_version_removed(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    template = '{"Effect": "Allow", "Action": ["a", "b"]}'
    create = {
        "name": "read",
        "resourceType": "sagemaker:ModelCard",
        "policyTemplate": template,
        "clientToken": "1",
        "tags": [{"key": "k", "value": "v"}],
    }
    stubber.add_response("create_permission", {"permission": {"arn": READ}}, create)
    version = {"permissionArn": READ, "policyTemplate": template, "clientToken": "2"}
    stubber.add_response("create_permission_version", {"permission": {}}, version)
    removal = {"permissionArn": READ, "permissionVersion": 1, "clientToken": "3"}
    stubber.add_response("delete_permission_version", {"returnValue": True}, removal)
    assert sharing.create_permission("read", ["b", "a"], {"k": "v"}, "1") == READ
    sharing.add_permission_version(READ, {"b", "a"}, "2")
    sharing.delete_permission_version(READ, 1, "3")


def test_one_shares_tags_are_read_freshly_and_added(ram: tuple[Boto3Sharing, Stubber]) -> None:
    sharing, stubber = ram
    asked = {**PAGE, "resourceOwner": "SELF", "resourceShareArns": [SHARE]}
    tagged = share(tags=[{"key": "team", "value": "a"}])
    stubber.add_response("get_resource_shares", {"resourceShares": [tagged]}, asked)
    stubber.add_response("get_resource_shares", {"resourceShares": [share(status="DELETED")]}, asked)
    stubber.add_response("tag_resource", {}, {"resourceShareArn": SHARE, "tags": [{"key": "k", "value": "v"}]})
    assert sharing.share_tags(SHARE) == {"team": "a"}
    with pytest.raises(NotFoundError, match="does not exist any more"):
        sharing.share_tags(SHARE)
    sharing.tag_share(SHARE, {"k": "v"})
