"""Who may call: access keys, roles, expiry; and what unknown operations and services answer."""

import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, OWNER, REGION, SESSION, SandboxClient, code, message

ROLE = f"arn:aws:iam::{CONSUMER}:role/team/reader"


def test_an_access_key_is_its_accounts_administrator(world: SandboxClient) -> None:
    for account in (OWNER, CONSUMER):
        identity = world.client("sts", account).get_caller_identity()
        assert (identity["Account"], identity["Arn"]) == (account, f"arn:aws:iam::{account}:user/administrator")


def test_any_four_characters_end_an_access_key(world: SandboxClient) -> None:
    assert world.client("sts", key=f"AKIA{OWNER}ZZ99").get_caller_identity()["Account"] == OWNER


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", f"AKIA{OWNER}", f"ASIA{OWNER}AAAA", "x"])
@pytest.mark.parametrize(
    ("service", "method", "expected"),
    [
        ("sagemaker", "list_model_cards", "UnrecognizedClientException"),
        ("ram", "list_resource_types", "UnrecognizedClientException"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
    ],
)
def test_unknown_keys_are_refused(world: SandboxClient, key: str, service: str, method: str, expected: str) -> None:
    with pytest.raises(ClientError) as error:
        getattr(world.client(service, key=key), method)()
    assert code(error) == expected
    assert message(error) == "The security token included in the request is invalid."


def test_assuming_a_role_gives_its_account_and_name(world: SandboxClient) -> None:
    identity = world.as_role(ROLE, "sts").get_caller_identity()
    assert identity["Account"] == CONSUMER
    assert identity["Arn"] == f"arn:aws:sts::{CONSUMER}:assumed-role/reader/test"


def test_an_assumed_role_acts_in_its_account(world: SandboxClient) -> None:
    world.card(account=CONSUMER)
    assert world.as_role(ROLE, "sagemaker").describe_model_card(ModelCardName="churn")


def test_credentials_expire_by_the_sandboxs_clock(world: SandboxClient) -> None:
    client = world.as_role(ROLE, "sagemaker")
    world.advance(3590)
    client.list_model_cards()
    world.advance(20)
    with pytest.raises(ClientError) as error:
        client.list_model_cards()
    assert code(error) == "ExpiredTokenException"


def test_a_role_chain_can_go_on(world: SandboxClient) -> None:
    first = world.as_role(ROLE, "sts")
    second = first.assume_role(RoleArn=f"arn:aws:iam::{OWNER}:role/plan", RoleSessionName="next")
    assert second["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{OWNER}:assumed-role/plan/next"


def test_changed_credentials_are_refused(world: SandboxClient) -> None:
    given = world.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test")["Credentials"]
    client = SESSION.client(
        "sagemaker",
        region_name=REGION,
        endpoint_url=world.url,
        aws_access_key_id=given["AccessKeyId"].replace(CONSUMER, OWNER),
        aws_secret_access_key="any",
        aws_session_token=given["SessionToken"],
    )
    with pytest.raises(ClientError) as error:
        client.list_model_cards()
    client.close()
    assert code(error) == "UnrecognizedClientException"


def test_an_operation_that_the_sandbox_lacks_is_a_clean_error(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.cards().list_endpoints()
    assert code(error) == "NotImplementedException"
    assert message(error) == "The sandbox does not have sagemaker:ListEndpoints"


def test_a_service_that_the_sandbox_lacks_is_a_clean_error(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.client("sqs").list_queues()
    assert (code(error), message(error)) == (
        "UnknownService",
        "The sandbox has no service 'sqs'; it has sagemaker, ram, kms, sts, iam, organizations, servicequotas",
    )


def test_a_request_without_a_signature_is_refused(world: SandboxClient) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{world.url}/", data=b"{}")
    assert error.value.code == 403
    assert b"MissingAuthenticationToken" in error.value.read()
    error.value.close()
