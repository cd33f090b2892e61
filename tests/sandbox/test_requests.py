"""Requests as clients really send them, and requests that no client should."""

import http.client
import json
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from support.sandbox_client import OWNER, REGION, SandboxClient, key_of

CREDENTIAL = f"AWS4-HMAC-SHA256 Credential={key_of(OWNER)}/20260101/{REGION}"


def headers(service: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"{CREDENTIAL}/{service}/aws4_request, Signature=x", **more}


def send(world: SandboxClient, body: bytes | list[bytes], chunked: bool, given: dict[str, str]) -> tuple[int, bytes]:
    url = urlsplit(world.url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=20)
    try:
        connection.request("POST", "/", body, given, encode_chunked=chunked)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def test_a_chunked_body_is_read_whole(world: SandboxClient) -> None:
    text = json.dumps({"ModelCardName": "churn", "Content": '{"n":1}', "ModelCardStatus": "Draft"}).encode()
    given = headers("sagemaker", **{"X-Amz-Target": "SageMaker.CreateModelCard", "Transfer-Encoding": "chunked"})
    status, _ = send(world, [text[:10], text[10:11], text[11:]], True, given)
    assert status == 200
    assert world.cards().describe_model_card(ModelCardName="churn")["Content"] == '{"n":1}'


@pytest.mark.parametrize("body", [b"zz\r\nx\r\n0\r\n\r\n", b"-5\r\nx\r\n0\r\n\r\n"])
def test_a_malformed_chunk_ends_the_connection(world: SandboxClient, body: bytes) -> None:
    given = headers("sagemaker", **{"X-Amz-Target": "SageMaker.ListModelCards", "Transfer-Encoding": "chunked"})
    with pytest.raises(http.client.RemoteDisconnected):
        send(world, body, False, given)
    assert world.cards().list_model_cards()["ModelCardSummaries"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"Action=AssumeRole&RoleArn=arn:aws:iam::111111111111:role/a%00b&RoleSessionName=a%00b",
        b"Action=AssumeRole&Tags.member.x.Key=a",
        b"Action=AssumeRole&RoleArn=%FF%FE&RoleSessionName=%ED%A0%80",
        b"Action=GetCallerIdentity%00",
        b"\xff\xfe",
    ],
)
def test_sts_answers_strange_requests_in_valid_xml(world: SandboxClient, body: bytes) -> None:
    given = headers("sts", **{"Content-Type": "application/x-www-form-urlencoded"})
    status, reply = send(world, body, False, given)
    assert status in (400, 403)
    assert ElementTree.fromstring(reply).tag.endswith("ErrorResponse")  # noqa: S314 - the sandbox wrote it


@pytest.mark.parametrize(
    "operator", ["GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo", "Contains"]
)
def test_comparisons_on_tags_answer(world: SandboxClient, operator: str) -> None:
    world.card(Tags=[{"Key": "level", "Value": "5"}])
    for name in ("Tags.level", "Tags.none", "Tags", "CreatedBy", "SecurityConfig"):
        expression = {"Filters": [{"Name": name, "Operator": operator, "Value": "5"}]}
        found = world.cards().search(Resource="ModelCard", SearchExpression=expression)["Results"]
        if name == "Tags.level":
            assert len(found) == (operator in ("GreaterThanOrEqualTo", "LessThanOrEqualTo", "Contains"))
