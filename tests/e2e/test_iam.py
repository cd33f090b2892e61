"""Each role uses every action that `cardops iam` gives it, and nothing else: told by the sandbox's journal."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options
from support.workspace import CONSUMERS, OWNER, PLANNED, REGION, Workspace, arn, outside

pytestmark = pytest.mark.usefixtures("unmeasured")

RARE = {
    "kms:Decrypt": "SageMaker asks for it on the role's behalf, when the card has a key",
    "kms:GenerateDataKey": "SageMaker asks for it on the role's behalf, when the card has a key",
    "ram:DeletePermissionVersion": "only where a permission has five versions",
    "ram:UpdateResourceShare": "only where a live share opens to outsiders, or closes",
    "servicequotas:GetServiceQuota": "only where a card has many versions",
    "sagemaker:ListModelCards": "only where the index lacks a card",
    **dict.fromkeys(
        (f"sagemaker:{name}ResourcePolicy" for name in ("Put", "Get", "Delete")),
        "RAM writes a shared card's policy with the caller's leave",
    ),
}
ALONG = {"sagemaker:CreateModelCard": "sagemaker:AddTags", "ram:CreatePermission": "ram:TagResource"}
"""What AWS asks for beside the operation itself, when the request has tags."""
OPEN = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}})
"""A key policy that leaves everything to the callers' own policies."""
REPOSITORY = "gov-test-1a2b"
Call = Mapping[str, Any]


@pytest.fixture
def outsiders(tmp_path: Path) -> Iterator[Workspace]:
    """Consumers outside the organization, so that invitations are accepted too."""
    with Sandbox(options=Options(customer_permissions=True, organization_sharing=False)) as sandbox:
        world = Workspace(tmp_path / "repository", sandbox.url)
        world.write("cardops.yaml", outside(PLANNED))
        yield world
        world.close()


def apply(world: Workspace, message: str) -> None:
    world.commit(message)
    done = world.apply()
    assert done.code == 0, done


def tell(world: Workspace) -> None:
    """A card's life, with what surrounds it; then what is read every night."""
    world.client(OWNER).create_model_package_group(ModelPackageGroupName="churn")
    world.client(OWNER).create_model_package(ModelPackageGroupName="churn")
    key = world.client(OWNER, "kms").create_key(Policy=OPEN)["KeyMetadata"]["KeyId"]
    world.client(OWNER, "kms").create_alias(AliasName="alias/cards", TargetKeyId=key)
    card: dict[str, Any] = {"model_package": {"group": "churn", "version": 1}, "kms_key_id": "alias/cards"}
    world.card("churn", tags={"ours": "1"}, **card)
    apply(world, "Draft")
    assert world.cardops("plan").code == 0
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "first", "risk_rating": "Low"}})
    assert world.cardops("drift").code == 2
    assert world.cardops("pull", "churn").code == 0
    world.card("churn", "PendingReview", "second", **card)
    world.card("late")
    world.commit()
    assert world.apply().code in (0, 3)
    world.card("churn", "Approved", "second", **card)
    text = (world.root / "cards/churn.yaml").read_text() + "    risk_rating: Low\n"
    world.write("cards/churn.yaml", text)
    apply(world, "Approved")
    actions = "sagemaker:DescribeModelCard, sagemaker:ListModelCardVersions"
    config = (world.root / "cardops.yaml").read_text()
    world.write("cardops.yaml", config.replace(actions, f"{actions}, sagemaker:DescribeModelCardExportJob"))
    apply(world, "read also sees exports")
    assert world.cardops("access", "--verify").code == 0
    assert world.cardops("history", "churn").code == 0
    world.write("cards/churn.yaml", text.replace("status: Approved", "status: Archived"))
    assert world.cardops("plan").code == 0
    apply(world, "Archived")
    (world.root / "shares/lifecycle.yaml").unlink()
    apply(world, "no share")


def given(world: Workspace) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The statements by account and role, as the command prints them."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for kind in ("plan", "apply", "consumer"):
        done = world.cardops("iam", kind)
        assert done.code == 0, done
        for one in json.loads(done.out).values():
            found.setdefault((one["account"], one["role"]), []).extend(one["policy"]["Statement"])
    return found


def resource(call: Call) -> str:
    """What IAM would authorize the call on, as far as its parameters say."""
    asked = call["parameters"]
    for name in ("ResourceArn", "resourceShareArn", "permissionArn", "ModelPackageName", "ModelPackageArn"):
        if str(asked.get(name, "")).startswith("arn:"):
            return str(asked[name])
    card = str(asked.get("ModelCardName", ""))
    return card if card.startswith("arn:") or not card else arn(card)


def allows(statement: Mapping[str, Any], action: str, call: Call) -> bool:
    resources = statement["Resource"]
    on = resource(call)
    matches = [fnmatchcase(on, one) for one in ([resources] if isinstance(resources, str) else resources)]
    wanted = statement.get("Condition", {}).get("StringEquals", {}).get("aws:RequestTag/cardops:repository")
    tags = [*call["parameters"].get("Tags", ()), *call["parameters"].get("tags", ())]
    carried = {one.get("Key", one.get("key")): one.get("Value", one.get("value")) for one in tags}
    return (
        action in statement["Action"]
        and (not on or any(matches) or action in ALONG.values())
        and (wanted is None or carried.get("cardops:repository") == wanted)
    )


def test_each_role_uses_what_it_is_given_and_nothing_else(outsiders: Workspace) -> None:
    tell(outsiders)
    policies = given(outsiders)
    assert {account for account, _ in policies} == {OWNER, *CONSUMERS.values()}
    used: dict[tuple[str, str], set[str]] = {who: set() for who in policies}
    for call in outsiders.journal():
        if call["role"] is None:
            continue
        who, operation = (call["account"], call["role"]), f"{call['service']}:{call['operation']}"
        for action in filter(None, (operation, ALONG.get(operation, ""))):
            used[who].add(action)
            assert any(allows(one, action, call) for one in policies[who]), (who, action, call["parameters"])
    for who, statements in policies.items():
        unused = {action for one in statements for action in one["Action"]} - used[who] - RARE.keys()
        assert not unused, f"{who} was given {unused} and never used it"


def test_what_the_command_prints_and_what_it_refuses(world: Workspace) -> None:
    world.write("cardops.yaml", PLANNED.replace('"444444444444", ', '"444444444444", write_denied: scp, '))
    world.card("churn", kms_key_id="alias/cards")
    done = world.cardops("iam", "consumer", "--account", "ml-prod", "--probe-write")
    prod = json.loads(done.out)["ml-prod"]
    assert prod["role"] == "cardops-consumer"
    assert prod["organization_policy"]["Statement"][0]["Effect"] == "Deny"
    assert (
        "organization_policy" not in json.loads(world.cardops("iam", "consumer", "--account", "ml-dev").out)["ml-dev"]
    )
    assert "cardops:locked" in world.cardops("iam", "lock").out
    assert list(json.loads(world.cardops("iam", "key-policy").out)) == [f"{OWNER}/{REGION}/alias/cards"]
    assert world.cardops("iam", "template", "--account", "ml-prod").out.startswith(
        "AWSTemplateFormatVersion: '2010-09-09'"
    )
    done = world.cardops("iam", "apply", "--account", "ml-dev")
    assert (done.code, "ml-dev owns no cards" in done.err) == (64, True)
    done = world.cardops("iam", "plan", "--account", "nobody")
    assert (done.code, "Account 'nobody' is not declared in cardops.yaml." in done.err) == (64, True)
    assert world.journal() == []
