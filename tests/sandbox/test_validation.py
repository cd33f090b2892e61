"""What the service checks and botocore's client does not, in the service's own words."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import OWNER, SandboxClient, code, key_of, message


def raw(world: SandboxClient, body: Any, operation: str = "CreateModelCard") -> tuple[int, Any]:
    """A request that botocore would not send."""
    head = f"AWS4-HMAC-SHA256 Credential={key_of(OWNER)}/20260101/us-east-1/sagemaker/aws4_request"
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": head, "x-amz-target": f"SageMaker.{operation}"}
    request = urllib.request.Request(f"{world.url}/", data=text, headers=headers)
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_an_enum_is_named_with_its_values(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.card(status="draft")
    assert code(error) == "ValidationException"
    assert message(error) == (
        "1 validation error detected: Value 'draft' at 'modelCardStatus' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Draft, PendingReview, Approved, Archived]"
    )


def test_a_pattern_is_named(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.card("a_b")
    assert message(error) == (
        "1 validation error detected: Value 'a_b' at 'modelCardName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


def test_all_mistakes_are_counted(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.card("a" * 64, status="draft", Tags=[{"Key": "a" * 129, "Value": ""}])
    assert message(error).startswith("3 validation errors detected: ")
    assert "at 'tags.1.member.key'" in message(error)


def test_a_list_that_is_too_long_is_refused(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.card(Tags=[{"Key": f"k{number}", "Value": ""} for number in range(51)])
    assert "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50" in message(error)


def test_a_number_out_of_range_is_refused(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.cards().list_model_cards(MaxResults=101)
    assert "Member must have value less than or equal to 100" in message(error)


def test_ram_has_its_own_error_code(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.ram().get_resource_shares(resourceOwner="ME")
    assert code(error) == "InvalidParameterException"


def test_sts_has_its_own_error_code(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OWNER}:role/a", RoleSessionName="not allowed")
    assert code(error) == "ValidationError"


def test_a_missing_member_is_refused(world: SandboxClient) -> None:
    status, reply = raw(world, {"ModelCardName": "a", "Content": "{}"})
    assert (status, reply["__type"]) == (400, "ValidationException")
    assert "Value null at 'modelCardStatus'" in next(text for name, text in reply.items() if name != "__type")


def test_an_unknown_member_is_refused(world: SandboxClient) -> None:
    status, reply = raw(world, {"ModelCardName": "a", "Content": "{}", "ModelCardStatus": "Draft", "Nope": 1})
    assert status == 400
    assert "Unknown member 'nope'" in str(reply)


@pytest.mark.parametrize("body", [b"{", b"[]", {"ModelCardName": 1}, {"ModelCardName": True}, {"Tags": {}}])
def test_the_wrong_type_is_a_serialization_exception(world: SandboxClient, body: Any) -> None:
    status, reply = raw(world, body)
    assert (status, reply["__type"]) == (400, "SerializationException")


def test_an_unknown_operation_is_refused(world: SandboxClient) -> None:
    status, reply = raw(world, {}, "Nope")
    assert (status, reply["__type"]) == (400, "UnknownOperationException")


def test_a_refused_call_has_no_effect(world: SandboxClient) -> None:
    with pytest.raises(ClientError):
        world.card(status="draft")
    assert world.cards().list_model_cards()["ModelCardSummaries"] == []
