"""Sessions, roles and clients, against a server that answers STS and SageMaker."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs

import pytest
from botocore.loaders import JSONFileLoader

from cardops.aws.cloud import Boto3Cloud
from cardops.model.desired import Account, AccountRegion, Config
from cardops.model.errors import AccessDeniedError, CloudError

CALLER, OTHER = "111111111111", "222222222222"
REGION = "eu-central-1"
IDENTITY = f"<R><GetCallerIdentityResult><Account>{CALLER}</Account></GetCallerIdentityResult></R>"
ASSUMED = (
    "<R><AssumeRoleResult><Credentials><AccessKeyId>ASIA-{role}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
    "<SessionToken>t</SessionToken><Expiration>{expires}</Expiration></Credentials></AssumeRoleResult></R>"
)
REFUSED = "<R><Error><Code>AccessDenied</Code><Message>no</Message></Error></R>"


class Aws(ThreadingHTTPServer):
    """Remembers (access key, what was asked)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[tuple[str, str]] = []
        self.expires = "2999-01-01T00:00:00Z"


class Handler(BaseHTTPRequestHandler):
    server: Aws

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        signed = re.search(r"Credential=([^/]+)/", self.headers["Authorization"])
        assert signed
        assert self.headers["User-Agent"].startswith("cardops/")
        query = {key: values[0] for key, values in parse_qs(body).items()}
        asked = query.get("RoleArn") or query.get("Action") or self.headers["X-Amz-Target"]
        self.server.calls.append((signed[1], asked))
        status, answer = self.answer(query)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def answer(self, query: dict[str, str]) -> tuple[int, str]:
        if query.get("Action") == "GetCallerIdentity":
            return 200, IDENTITY
        if query.get("Action") == "AssumeRole":
            assert query["RoleSessionName"] == "cardops"
            role = query["RoleArn"].rpartition("/")[2]
            if role == "forbidden":
                return 403, REFUSED
            return 200, ASSUMED.format(role=role, expires=self.server.expires)
        return 200, '{"ModelCardSummaries": []}'

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with Aws() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        yield server
        server.shutdown()
        thread.join()


def cloud(role_of: Literal["role", "plan_role"] = "role", **roles: str) -> Boto3Cloud:
    accounts = {
        "home": Account("home", CALLER, **roles),
        "away": Account("away", OTHER, **roles),
    }
    return Boto3Cloud(Config("r", REGION, "home", accounts, {}), role_of)


def names(some: Boto3Cloud, account: str, region: str = REGION) -> list[str]:
    return list(some.cards(AccountRegion(account, region)).names())


def test_role_is_assumed_once_for_all_regions(aws: Aws) -> None:
    some = cloud(role="writer")
    names(some, OTHER)
    names(some, OTHER, "eu-west-1")
    list_cards = ("ASIA-writer", "SageMaker.ListModelCards")
    assert aws.calls == [("AKIA", f"arn:aws:iam::{OTHER}:role/writer"), list_cards, list_cards]


def test_role_of_the_callers_own_account_is_assumed_too(aws: Aws) -> None:
    names(cloud(role="writer"), CALLER)
    assert aws.calls[0] == ("AKIA", f"arn:aws:iam::{CALLER}:role/writer")


def test_no_call_is_made_before_it_is_needed(aws: Aws) -> None:
    cloud(role="writer").cards(AccountRegion(OTHER, REGION))
    assert aws.calls == []


def test_service_models_are_read_once_for_all_of_them(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    some = cloud(role="writer")
    names(some, OTHER)
    read: list[str] = []
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda _, path: read.append(path))
    names(some, CALLER)
    assert [path for path in read if "sagemaker" in path] == []


def test_credentials_are_fetched_again_before_they_expire(aws: Aws) -> None:
    some = cloud(role="writer")
    aws.expires = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    names(some, OTHER)
    names(some, OTHER)
    assert [asked for _, asked in aws.calls].count(f"arn:aws:iam::{OTHER}:role/writer") > 1


def test_credentials_that_come_expired_are_an_error(aws: Aws) -> None:
    aws.expires = "2001-01-01T00:00:00Z"
    with pytest.raises(CloudError) as raised:
        names(cloud(role="writer"), OTHER)
    assert raised.value.hint == "check this machine's clock"


def test_plan_role_is_the_one_to_read_with(aws: Aws) -> None:
    names(cloud("plan_role", role="writer", plan_role="reader"), OTHER)
    assert aws.calls[0] == ("AKIA", f"arn:aws:iam::{OTHER}:role/reader")


def test_account_without_a_plan_role_is_denied_without_a_call(aws: Aws) -> None:
    with pytest.raises(AccessDeniedError, match=r"account away \(2+\) has no plan_role") as raised:
        names(cloud("plan_role", role="writer"), OTHER)
    assert "accounts.away.plan_role" in raised.value.hint
    assert aws.calls == []


def test_without_a_role_the_callers_own_account_takes_its_credentials(aws: Aws) -> None:
    some = cloud()
    names(some, CALLER)
    names(some, CALLER)
    list_cards = ("AKIA", "SageMaker.ListModelCards")
    assert aws.calls == [("AKIA", "GetCallerIdentity"), list_cards, list_cards]


def test_without_a_role_another_account_is_denied(aws: Aws) -> None:
    with pytest.raises(AccessDeniedError, match=f"has no role, and the credentials are of {CALLER}"):
        names(cloud(), OTHER)


def test_role_that_cannot_be_assumed_is_named(aws: Aws) -> None:
    with pytest.raises(
        AccessDeniedError, match=f"sts:AssumeRole on arn:aws:iam::{OTHER}:role/forbidden in .*AccessDenied"
    ):
        names(cloud(role="forbidden"), OTHER)


@pytest.mark.usefixtures("aws")
def test_undeclared_account_is_an_error() -> None:
    with pytest.raises(CloudError, match=r"333333333333 is no account of cardops.yaml"):
        names(cloud(role="writer"), "333333333333")


def test_missing_credentials_say_what_to_do(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CloudError, match="NoCredentialsError") as raised:
        names(cloud(role="writer"), OTHER)
    assert "AWS_PROFILE" in raised.value.hint
    assert aws.calls == []


@pytest.mark.usefixtures("aws")
def test_endpoint_that_is_no_url_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(CloudError) as raised:
        names(cloud(role="writer"), OTHER)
    assert raised.value.hint == "check AWS_ENDPOINT_URL"


def test_many_threads_share_one_client_and_one_role_session(aws: Aws) -> None:
    some = cloud(role="writer")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: names(some, OTHER), range(16)))
    assert [asked for _, asked in aws.calls].count(f"arn:aws:iam::{OTHER}:role/writer") == 1
    assert len(aws.calls) == 17


@pytest.mark.usefixtures("aws")
def test_sharing_of_a_place_is_one_object() -> None:
    some = cloud(role="writer")
    place = AccountRegion(OTHER, REGION)
    assert some.sharing(place) is some.sharing(place)
    assert some.sharing(place) is not some.sharing(AccountRegion(OTHER, "eu-west-1"))
