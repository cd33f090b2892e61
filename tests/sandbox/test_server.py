"""The server itself: starting, stopping, keeping state in a file, keeping connections alive."""

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from cardops.sandbox.core.server import Sandbox
from support.sandbox_client import CONSUMER, OWNER, SandboxClient, key_of


def test_a_stopped_sandbox_answers_no_more() -> None:
    with Sandbox() as sandbox:
        world = SandboxClient(sandbox.url)
        world.card()
    with pytest.raises(EndpointConnectionError):
        world.cards().list_model_cards()
    world.close()


def test_stopping_twice_or_before_starting_is_fine() -> None:
    sandbox = Sandbox()
    assert sandbox.url.startswith("http://127.0.0.1:")
    sandbox.stop()
    sandbox.stop()


def test_two_sandboxes_know_nothing_of_each_other(make_world: object, world: SandboxClient) -> None:
    world.card()
    with Sandbox() as sandbox:
        other = SandboxClient(sandbox.url)
        assert other.cards().list_model_cards()["ModelCardSummaries"] == []
        other.close()


def test_a_connection_is_kept_alive(world: SandboxClient) -> None:
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc)
    connection.connect()
    socket = connection.sock
    for _ in range(3):
        connection.request("GET", "/_sandbox/options")
        reply = connection.getresponse()
        assert json.loads(reply.read())["organization"] is True
        assert connection.sock is socket
    connection.close()


def test_a_refused_call_keeps_its_connection_alive(world: SandboxClient) -> None:
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc)
    head = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key_of(OWNER)}/20260101/us-east-1/sagemaker/aws4_request",
        "X-Amz-Target": "SageMaker.DescribeModelCard",
    }
    for _ in range(2):
        connection.request("POST", "/", body='{"ModelCardName":"none"}', headers=head)
        reply = connection.getresponse()
        assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (400, "ResourceNotFound")
        reply.read()
        assert connection.sock is not None
    connection.close()


def test_the_data_file_keeps_everything(tmp_path: Path) -> None:
    data = tmp_path / "state.json"
    with Sandbox(data=data) as sandbox:
        world = SandboxClient(sandbox.url)
        arn = world.card(Tags=[{"Key": "a", "Value": "b"}], SecurityConfig={"KmsKeyId": "alias/k"})
        world.cards().update_model_card(ModelCardName="churn", Content='{"n":2}')
        share = world.share([arn], [CONSUMER], clientToken="one")
        world.advance(3600)
        world.close()
    with Sandbox(data=data) as sandbox:
        world = SandboxClient(sandbox.url)
        described = world.cards(CONSUMER).describe_model_card(ModelCardName=arn)
        assert (described["Content"], described["ModelCardVersion"]) == ('{"n":2}', 2)
        assert world.states("PRINCIPAL") == {CONSUMER: "ASSOCIATED"}
        assert world.share([arn], [CONSUMER], clientToken="one") == share
        assert world.cards().list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
        assert len(world.cards().search(Resource="ModelCard")["Results"]) == 1
        world.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_the_clock_is_in_the_data_file(tmp_path: Path) -> None:
    data = tmp_path / "state.json"
    now = []
    for _ in range(2):
        with Sandbox(data=data) as sandbox:
            now.append(SandboxClient(sandbox.url).post("clock", {"advance_seconds": 1e6})["now"])
    assert now[1] - now[0] >= 1e6


def test_the_data_file_is_json_and_reset_empties_it(tmp_path: Path) -> None:
    data = tmp_path / "state.json"
    with Sandbox(data=data) as sandbox:
        world = SandboxClient(sandbox.url)
        world.card()
        world.close()
        sandbox.stop()
        assert "churn" in json.dumps(json.loads(data.read_text(encoding="utf-8")))
    with Sandbox(data=data) as sandbox:
        SandboxClient(sandbox.url).post("reset")
    assert json.loads(data.read_text(encoding="utf-8"))["regions"] == {}


def test_a_broken_data_file_is_not_overwritten(tmp_path: Path) -> None:
    data = tmp_path / "state.json"
    data.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError):
        Sandbox(data=data)
    assert data.read_text(encoding="utf-8") == "{"


def test_a_large_request_and_many_connections(world: SandboxClient) -> None:
    hosts = [http.client.HTTPConnection(urlsplit(world.url).netloc) for _ in range(50)]
    for connection in hosts:
        connection.request("GET", "/_sandbox/options")
    for connection in hosts:
        assert connection.getresponse().read()
        connection.close()
    content = json.dumps({"x": "ü" * 90_000}, ensure_ascii=False)
    world.card(Content=content)
    assert world.cards().describe_model_card(ModelCardName="churn")["Content"] == content


def test_versions_that_are_missing_are_not_found(world: SandboxClient) -> None:
    world.card()
    with pytest.raises(ClientError) as error:
        world.cards().describe_model_card(ModelCardName="churn", ModelCardVersion=2)
    assert error.value.response["Error"]["Code"] == "ResourceNotFound"
