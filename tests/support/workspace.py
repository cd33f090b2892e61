"""A scratch repository, a sandbox over HTTP, and the real commands between them."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cardops.sandbox.options import Options
from support.in_process import Done, run_in_process

SCRIPTS = Path(__file__).parents[2] / "scripts"
REGION = "eu-west-1"
OWNER, DEV, TEST, PROD = "111111111111", "222222222222", "333333333333", "444444444444"
CONFIG = f"""\
version: 1
repository: gov-test-1a2b
region: {REGION}
home: shared-services
accounts:
  shared-services: {{id: "{OWNER}", role: cardops-apply, plan_role: cardops-plan}}
  ml-dev: {{read_only: [permission], id: "{DEV}", role: cardops-consumer}}
  ml-test: {{read_only: [permission], id: "{TEST}", role: cardops-consumer}}
  ml-prod: {{read_only: [permission], id: "{PROD}", role: cardops-consumer}}
access:
  read: {{actions: [sagemaker:DescribeModelCard, sagemaker:ListModelCardVersions]}}
  contribute: {{managed: AWSRAMPermissionSageMakerModelCards}}
signoff: none
"""
FACTS = '{"version": 1, "facts": {"customer_permissions": true}}\n'
PERMITTING = Options(customer_permissions=True)
"""The sandbox of these facts: it takes customer managed permissions, as most of these tests need."""
SHARE = """\
name: lifecycle
cards: ["*"]
grants:
  - {to: ml-dev, access: contribute, while: [Draft, PendingReview]}
  - {to: ml-test, access: read, while: [PendingReview, Approved]}
  - {to: ml-prod, access: read, while: [Approved]}
"""


class Workspace:
    """Everything a test drives. `url` is a running sandbox's."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.url = url
        self._clients: dict[tuple[str, str], Any] = {}
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.write("cardops.yaml", CONFIG)
        self.write("shares/lifecycle.yaml", SHARE)
        self.write("aws-facts.json", FACTS)

    def environment(self) -> dict[str, str]:
        """The shared-services administrator, as boto3's ordinary chain reads it."""
        kept = {
            key: os.environ[key] for key in ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG") if key in os.environ
        }
        return kept | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": f"AKIA{OWNER}0000",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": REGION,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        }

    def git(self, *arguments: str) -> str:
        """git in the scratch repository; fails loudly."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        """A file of the work tree."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def card(self, name: str, status: str = "Draft", purpose: str = "first", **more: Any) -> None:
        """A small card's file; `more` goes into the envelope, as JSON."""
        lines = [f"name: {name}", f"status: {status}", "owner: team-a"]
        lines += [f"{key}: {json.dumps(value)}" for key, value in more.items()]
        lines += ["content:", "  intended_uses:", f"    purpose_of_model: {json.dumps(purpose)}"]
        self.write(f"cards/{name}.yaml", "\n".join(lines) + "\n")

    def commit(self, message: str = "change") -> str:
        """Everything in the work tree becomes a commit; its hash."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def start(self, *arguments: str, python: Sequence[str] = ("-m", "cardops")) -> subprocess.Popen[str]:
        """A command as a process of its own; `python` is how it is started."""
        return subprocess.Popen(
            [sys.executable, *python, *arguments],
            cwd=self.root,
            env=self.environment() | {"PYTHONPATH": str(SCRIPTS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def cardops(self, *arguments: str) -> Done:
        """Run a command in this process; waiting puts the sandbox's clock forward instead."""
        return run_in_process(arguments, self.root, self.environment(), self.advance)

    def process(self, *arguments: str) -> Done:
        """Run a command as a process of its own."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=300)
        return Done(process.returncode, out, err)

    def advance(self, seconds: float) -> None:
        """Put the sandbox's clock forward."""
        self.control("clock", {"advance_seconds": seconds})

    def apply(self, *arguments: str) -> Done:
        """apply from a laptop."""
        return self.cardops("apply", "--outside-ci", *arguments)

    def client(self, account: str, service: str = "sagemaker") -> Any:
        """boto3 as an account's administrator."""
        if (account, service) not in self._clients:
            self._clients[account, service] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self.url,
                aws_access_key_id=f"AKIA{account}0000",
                aws_secret_access_key="any",
            )
        return self._clients[account, service]

    def close(self) -> None:
        """Closes connections."""
        for client in self._clients.values():
            client.close()

    def live(self, name: str, account: str = OWNER) -> dict[str, Any]:
        """The owner's view of a card: status, version, content, tags."""
        client = self.client(account)
        card = client.describe_model_card(ModelCardName=name)
        tags = client.list_tags(ResourceArn=card["ModelCardArn"])["Tags"]
        return {
            "status": card["ModelCardStatus"],
            "version": card["ModelCardVersion"],
            "content": json.loads(card["Content"]),
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
        }

    def contribute(self, name: str, content: Mapping[str, Any], account: str = OWNER) -> None:
        """Somebody writes the whole content of a live card through the API."""
        self.client(account).update_model_card(ModelCardName=arn(name), Content=json.dumps(content))

    def access(self, name: str) -> dict[str, str]:
        """What each consumer can do with a card, found out by calling: '', 'read' or 'write'."""
        return {alias: self._access(account, name) for alias, account in CONSUMERS.items()}

    def _access(self, account: str, name: str) -> str:
        client = self.client(account)
        seen = allowed(client.describe_model_card, ModelCardName=arn(name))
        if seen is None:
            return ""
        same = seen["ModelCardStatus"]
        wrote = allowed(client.update_model_card, ModelCardName=arn(name), ModelCardStatus=same)
        return "read" if wrote is None else "write"

    def journal(self, since: int = 0, mutating: bool = False) -> list[dict[str, Any]]:
        """The sandbox's journal."""
        found: list[dict[str, Any]] = self.control(f"journal?since={since}" + ("&mutating=1" if mutating else ""))
        return found

    def now(self) -> int:
        """The number of the journal's last call."""
        calls = self.journal()
        return int(calls[-1]["n"]) if calls else 0

    def control(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A control endpoint of the sandbox."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


CONSUMERS = {"ml-dev": DEV, "ml-test": TEST, "ml-prod": PROD}


def allowed(call: Callable[..., Any], **parameters: Any) -> Any:
    """The answer of a call, or None where AWS denies it; every other error is raised."""
    try:
        return call(**parameters)
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return None


def arn(name: str) -> str:
    """A card's ARN in the owner account."""
    return f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/{name}"


def operations(calls: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of journalled calls, in order."""
    return [call["operation"] for call in calls]


PLANNED = CONFIG.replace("role: cardops-consumer}", "role: cardops-consumer, plan_role: cardops-plan}")


def outside(config: str) -> str:
    """The consumers declared as accounts outside the organization."""
    return config.replace("plan_role: cardops-plan}", "plan_role: cardops-plan, external: true}").replace(
        f'"{OWNER}", role: cardops-apply, plan_role: cardops-plan, external: true',
        f'"{OWNER}", role: cardops-apply, plan_role: cardops-plan',
    )
