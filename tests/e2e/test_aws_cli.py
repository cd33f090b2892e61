"""The consumers' own tool, the AWS CLI: a contribution on its way to git, and production that only reads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.workspace import DEV, PROD, REGION, Workspace, arn

pytestmark = pytest.mark.usefixtures("unmeasured")

AWS = Path(sys.executable).with_name("aws")
EVALUATION = {"evaluation_details": [{"name": "nightly", "evaluation_observation": "AUC 0.91"}]}


def aws(world: Workspace, account: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The CLI as an account's administrator, answering in JSON."""
    environment = world.environment() | {"AWS_ACCESS_KEY_ID": f"AKIA{account}0000", "AWS_PAGER": ""}
    command = [str(AWS), "--region", REGION, "--output", "json", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_what_dev_adds_by_the_cli_is_drift_then_a_branch_then_git_and_nothing_is_overwritten(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    start = world.now()
    seen = json.loads(aws(world, DEV, "sagemaker", "describe-model-card", "--model-card-name", arn("churn")).stdout)
    content = json.dumps(json.loads(seen["Content"]) | EVALUATION)
    wrote = aws(world, DEV, "sagemaker", "update-model-card", "--model-card-name", arn("churn"), "--content", content)
    assert wrote.returncode == 0, wrote.stderr

    drift = world.cardops("drift")
    assert (drift.code, "contributed:" in drift.out) == (2, True)
    assert world.apply().code == 0
    assert world.cardops("pull", "--branch", "pull/churn").code == 0
    world.git("merge", "-q", "--ff-only", "pull/churn")
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    assert world.apply().code == 0
    assert world.cardops("drift").code == 0
    written = [call for call in world.journal(start, mutating=True) if call["operation"] == "UpdateModelCard"]
    assert [call["account"] for call in written] == [DEV]
    assert world.live("churn")["content"] == json.loads(content)


def test_production_finds_and_reads_an_approved_card_by_the_cli_and_is_refused_to_write_it(world: Workspace) -> None:
    world.card("churn", "Approved")
    world.commit()
    assert world.apply().code == 0
    listing = ("--resource-owner", "OTHER-ACCOUNTS", "--resource-type", "sagemaker:ModelCard")
    listed = aws(world, PROD, "ram", "list-resources", *listing)
    assert [resource["arn"] for resource in json.loads(listed.stdout)["resources"]] == [arn("churn")]
    name = ("--model-card-name", arn("churn"))
    assert json.loads(aws(world, PROD, "sagemaker", "describe-model-card", *name).stdout)["ModelCardVersion"] == 1
    refused = aws(world, PROD, "sagemaker", "update-model-card", *name, "--model-card-status", "Draft")
    assert (refused.returncode != 0, "AccessDenied" in refused.stderr) == (True, True)
    assert world.live("churn")["status"] == "Approved"
