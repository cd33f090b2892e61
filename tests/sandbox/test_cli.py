"""The AWS CLI, unchanged, against the sandbox."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from support.sandbox_client import CONSUMER, OWNER, REGION, SandboxClient, key_of

AWS = Path(sys.executable).with_name("aws")


def aws(world: SandboxClient, account: str, *words: str) -> Any:
    """Run the CLI as an account's administrator; return what it prints as JSON."""
    command = [str(AWS), *words, "--endpoint-url", world.url, "--region", REGION, "--output", "json"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    secret = {"AWS_ACCESS_KEY_ID": key_of(account), "AWS_SECRET_ACCESS_KEY": "any", "AWS_PAGER": ""}
    done = subprocess.run(command, env=kept | secret, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_a_card_is_shared_and_updated_from_the_other_account(world: SandboxClient) -> None:
    card = ["--model-card-name", "churn", "--content", '{"n":1}', "--model-card-status", "Draft"]
    arn = aws(world, OWNER, "sagemaker", "create-model-card", *card)["ModelCardArn"]
    share = ["--name", "cards", "--resource-arns", arn, "--principals", CONSUMER]
    made = aws(world, OWNER, "ram", "create-resource-share", *share)
    assert made["resourceShare"]["status"] == "ACTIVE"
    seen = aws(world, CONSUMER, "sagemaker", "describe-model-card", "--model-card-name", arn)
    assert (seen["Content"], seen["ModelCardVersion"]) == ('{"n":1}', 1)
    change = ["--model-card-name", arn, "--content", '{"n":2}']
    aws(world, CONSUMER, "sagemaker", "update-model-card", *change)
    seen = aws(world, OWNER, "sagemaker", "describe-model-card", "--model-card-name", "churn")
    assert (seen["Content"], seen["ModelCardVersion"]) == ('{"n":2}', 2)


def test_the_cli_follows_empty_pages_and_deletes_by_query_string(world: SandboxClient) -> None:
    arn = world.card()
    share = world.share([arn], [CONSUMER])
    found = aws(world, OWNER, "ram", "get-resource-share-associations", "--association-type", "RESOURCE")
    assert [row["associatedEntity"] for row in found["resourceShareAssociations"]] == [arn]
    reply = aws(world, OWNER, "ram", "delete-resource-share", "--resource-share-arn", share)
    assert reply["returnValue"] is True
    role = ["--role-arn", f"arn:aws:iam::{CONSUMER}:role/a", "--role-session-name", "cli"]
    assert aws(world, OWNER, "sts", "assume-role", *role)["AssumedRoleUser"]["Arn"].endswith("assumed-role/a/cli")
