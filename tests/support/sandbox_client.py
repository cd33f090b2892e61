"""What the tests of the sandbox talk to: boto3 clients and the control paths of one running sandbox."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

OWNER, CONSUMER, OTHER = "111111111111", "222222222222", "333333333333"
REGION = "us-east-1"
DEFAULT = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"
EXPORT = f"{DEFAULT}AllowExport"
READ_POLICY = json.dumps(
    {"Effect": "Allow", "Action": ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"]}
)
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=5, read_timeout=20)
SESSION = boto3.session.Session()


def key_of(account: str) -> str:
    """The access key of an account's administrator."""
    return f"AKIA{account}0000"


class SandboxClient:
    """One sandbox by its URL. Clients are kept and closed together."""

    def __init__(self, url: str, stop: Callable[[], None] = lambda: None) -> None:
        self.url = url
        self._stop = stop
        self._clients: dict[tuple[Any, ...], Any] = {}

    def client(
        self, service: str, account: str = OWNER, region: str = REGION, key: str = "", config: Config = ONCE
    ) -> Any:
        """A client of the account's administrator, or with another access key."""
        name = (service, account, region, key, id(config))
        if name not in self._clients:
            self._clients[name] = SESSION.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=key or key_of(account),
                aws_secret_access_key="any",
                config=config,
            )
        return self._clients[name]

    def cards(self, account: str = OWNER, **more: Any) -> Any:
        """SageMaker."""
        return self.client("sagemaker", account, **more)

    def ram(self, account: str = OWNER, **more: Any) -> Any:
        """RAM."""
        return self.client("ram", account, **more)

    def as_role(self, arn: str, service: str) -> Any:
        """A client with the credentials of a role; the caller closes it."""
        return self.session_client(
            service, self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        )

    def session_client(self, service: str, credentials: dict[str, Any]) -> Any:
        """A client with temporary credentials."""
        client = SESSION.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=ONCE,
        )
        self._clients[service, credentials["SessionToken"]] = client
        return client

    def unsigned(self, service: str) -> Any:
        """A client that does not sign its requests."""
        config = ONCE.merge(Config(signature_version=UNSIGNED))
        return self.client(service, config=config)

    def stop(self) -> None:
        """Stop the sandbox, where it was made for this test."""
        self._stop()

    def close(self) -> None:
        """Close all clients."""
        for client in self._clients.values():
            client.close()

    def get(self, path: str) -> Any:
        """``GET /_sandbox/<path>``."""
        with urllib.request.urlopen(f"{self.url}/_sandbox/{path}") as reply:
            return json.load(reply)

    def post(self, path: str, document: Any = None) -> Any:
        """``POST /_sandbox/<path>``."""
        body = json.dumps({} if document is None else document).encode()
        with urllib.request.urlopen(f"{self.url}/_sandbox/{path}", data=body) as reply:
            return json.load(reply)

    def advance(self, seconds: float) -> None:
        """Put the clock forward."""
        self.post("clock", {"advance_seconds": seconds})

    def card(self, name: str = "churn", account: str = OWNER, status: str = "Draft", **more: Any) -> str:
        """Create a card; return its ARN."""
        given = {"ModelCardName": name, "Content": '{"n":1}', "ModelCardStatus": status, **more}
        return str(self.cards(account).create_model_card(**given)["ModelCardArn"])

    def share(self, resources: list[str], principals: list[str], **more: Any) -> str:
        """Create a share of the owner; return its ARN."""
        given = {"name": "cards", "resourceArns": resources, "principals": principals, **more}
        return str(self.ram().create_resource_share(**given)["resourceShare"]["resourceShareArn"])

    def states(self, kind: str, account: str = OWNER, **more: Any) -> dict[str, str]:
        """The entities of an account's associations with their states, over all pages."""
        rows = drain(self.ram(account).get_resource_share_associations, associationType=kind, **more)
        return {row["associatedEntity"]: row["status"] for row in rows}


MakeSandbox = Callable[..., SandboxClient]


def drain(method: Any, **given: Any) -> list[Any]:
    """All rows of a RAM list operation, empty pages included."""
    rows: list[Any] = []
    token: dict[str, str] = {}
    while True:
        reply = method(**given, **token)
        rows += next(value for name, value in reply.items() if name not in ("nextToken", "ResponseMetadata"))
        if "nextToken" not in reply:
            return rows
        token = {"nextToken": reply["nextToken"]}


def code(error: Any) -> str:
    """The error code of what pytest.raises(ClientError) caught."""
    caught: ClientError = error.value
    return str(caught.response["Error"]["Code"])


def message(error: Any) -> str:
    """The message of what pytest.raises(ClientError) caught."""
    caught: ClientError = error.value
    return str(caught.response["Error"]["Message"])
