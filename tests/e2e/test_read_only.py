"""Read-only access under each means, asked of the API as each identity, and each means broken on purpose."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options
from demo_roles import READER, deploy_roles, session_of
from support.workspace import CONFIG, OWNER, PROD, REGION, Workspace, allowed, arn

ROOT = "999999999999"
"""The sandbox's management account."""
SHARE = """\
name: lifecycle
cards: ["*"]
grants:
  - {to: ml-prod, access: read, while: [PendingReview, Approved]}
"""


def by(means: str, **more: str) -> str:
    """cardops.yaml with this means for ml-prod, and a role to ask with."""
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    entry = f'read_only: {means}, plan_role: cardops-plan{extra}, id: "{PROD}"'
    return CONFIG.replace(f'read_only: [permission], id: "{PROD}"', entry).replace(
        "read_only: [permission]", "read_only: [role]"
    )


@pytest.fixture(params=[True, False], ids=["organization", "invitations"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """AWS as it documents itself: no customer managed permissions; with and without sharing in the organization."""
    with Sandbox(options=Options(customer_permissions=False, organization_sharing=request.param)) as sandbox:
        found = Workspace(tmp_path / "repository", sandbox.url)
        found.external = "" if request.param else ", external: true"  # type: ignore[attr-defined]
        found.write("shares/lifecycle.yaml", SHARE)
        (found.root / "aws-facts.json").unlink()
        yield found
        found.close()


def declare(world: Workspace, means: str, **more: str) -> None:
    text = by(means, **more)
    outside = str(getattr(world, "external", ""))
    world.write("cardops.yaml", text.replace(f'id: "{PROD}"', f'id: "{PROD}"{outside}'))


def deploy(world: Workspace) -> None:
    """The reader role of the template, as ml-prod's administrator deploys it."""
    done = world.cardops("iam", "template", "--account", "ml-prod")
    assert done.code == 0, done
    assert deploy_roles(world.client(PROD, "iam"), PROD, yaml.safe_load(done.out)) == [READER]


def reader(world: Workspace) -> Any:
    session = session_of(world.client(PROD, "sts"), PROD, READER)
    return boto3.client("sagemaker", region_name=REGION, endpoint_url=world.url, **session)


def approve(world: Workspace, expect: int = 0) -> str:
    """The card goes through its review; what the last apply said."""
    world.card("churn")
    world.commit("draft")
    assert world.apply().code == 0
    world.card("churn", "PendingReview")
    world.commit("review")
    assert world.apply().code in (0, expect)
    world.card("churn", "Approved")
    world.commit("approved")
    done = world.apply()
    assert done.code == expect, done
    return done.out + done.err


def may(client: Any) -> tuple[bool, bool]:
    """Whether a client can describe the card, and write into it."""
    seen = allowed(client.describe_model_card, ModelCardName=arn("churn"))
    wrote = allowed(client.update_model_card, ModelCardName=arn("churn"), Content='{"intended_uses":{}}')
    return seen is not None, wrote is not None


def hourly(world: Workspace) -> None:
    done = world.cardops("apply", "--outside-ci", "--only", "narrowing")
    assert done.code in (0, 1, 3), done


def drifted(world: Workspace) -> str:
    done = world.cardops("drift")
    return done.out + done.err


def make_own_role(world: Workspace, account: str = PROD, name: str = "cardops-consumer") -> None:
    """A role of cardops as IAM knows it: the simulator answers about no other."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam = world.client(account, "iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(everything))


def widen(world: Workspace) -> None:
    """ml-prod's administrator lets the reader role do everything."""
    iam = world.client(PROD, "iam")
    iam.delete_role_policy(RoleName=READER, PolicyName="cardops-cards")
    iam.delete_role_permissions_boundary(RoleName=READER)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(RoleName=READER, PolicyName="wide", PolicyDocument=document(everything))


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def attach_lock(world: Workspace) -> str:
    """The organization's administrator attaches the policy `cards` that the command prints; returns its id."""
    printed = json.loads(world.cardops("iam", "lock").out)["cards"]
    organizations = world.client(ROOT, "organizations")
    made = organizations.create_policy(
        Name="cards", Description="-", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(printed)
    )["Policy"]["PolicySummary"]["Id"]
    (root,) = organizations.list_roots()["Roots"]
    organizations.attach_policy(PolicyId=made, TargetId=root["Id"])
    return str(made)


def test_by_a_role_only_the_reader_role_reads_and_nobody_writes(world: Workspace) -> None:
    declare(world, "[role]")
    deploy(world)
    approve(world)
    assert may(reader(world)) == (True, False), "refused by the role's own policy, although RAM would let it write"
    assert may(world.client(PROD)) == (False, False), "the account's administrator gets nothing"
    assert world.live("churn")["status"] == "Approved"
    assert world.cardops("access", "ml-prod", "--verify").code == 0
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_role_that_was_widened_is_named_and_loses_its_access_within_an_hour(world: Workspace) -> None:
    declare(world, "[role]")
    deploy(world)
    approve(world)
    widen(world)
    assert "ml-prod can write it: role: its own policies let it write" in drifted(world)
    verified = world.cardops("access", "ml-prod", "--verify")
    assert verified.code == 1
    assert "not kept so" in verified.out
    hourly(world)
    assert may(reader(world)) == (False, False)
    assert world.live("churn")["status"] == "Approved"


def test_an_approval_is_refused_while_the_reader_role_can_write(world: Workspace) -> None:
    declare(world, "[role]")
    deploy(world)
    world.card("churn", "PendingReview")
    world.commit("review")
    assert world.apply().code == 0
    widen(world)
    world.card("churn", "Approved")
    world.commit("approved")
    done = world.apply()
    assert done.code != 0
    assert "read-only/fails" in done.out + done.err
    assert may(reader(world)) == (False, False), "access ends before anything is approved"


def test_without_the_role_nothing_approved_is_shared(world: Workspace) -> None:
    declare(world, "[role]")
    said = approve(world, expect=3)
    assert "read-only/not-verified" in said
    assert "does not exist" in said


def test_by_a_policy_of_the_organization_a_denied_administrator_reads(world: Workspace) -> None:
    declare(world, "[scp]")
    make_own_role(world)
    world.card("churn")
    world.commit("draft")
    policy = attach_lock(world)
    approve(world)
    assert may(world.client(PROD)) == (True, False)
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    organizations = world.client(ROOT, "organizations")
    (root,) = organizations.list_roots()["Roots"]
    organizations.detach_policy(PolicyId=policy, TargetId=root["Id"])
    assert may(world.client(PROD))[1] is True, "the means is broken"
    assert "the organization's policies let cardops-consumer of ml-prod write" in drifted(world)
    hourly(world)
    assert may(world.client(PROD)) == (False, False)


def test_a_declared_policy_that_nobody_attached_gives_nothing_away(world: Workspace) -> None:
    declare(world, "[scp]")
    make_own_role(world)
    said = approve(world, expect=3)
    assert "read-only/fails" in said
    assert may(world.client(PROD)) == (False, False)
    declare(world, "[scp]", trust="[scp]")
    world.commit("trust")
    assert world.apply().code == 3, "trust never stands in for what is known to fail"
    assert may(world.client(PROD)) == (False, False)


def test_every_policy_of_the_organization_is_checked(world: Workspace) -> None:
    declare(world, "[scp]")
    make_own_role(world)
    world.card("churn")
    world.commit("draft")
    make_own_role(world, OWNER, "cardops-apply")
    attach_lock(world)
    done = world.cardops("iam", "lock", "--check")
    assert "ml-prod: cards: read-only: holds" in done.out
    assert "shared-services: sharing: fails (ram:CreateResourceShare is not denied)" in done.out
    assert done.code == 1
    assert OWNER not in done.out


def copy_of(world: Workspace) -> tuple[str, str]:
    """Status and purpose of ml-prod's own copy; empty where it has none."""
    try:
        found = world.client(PROD).describe_model_card(ModelCardName="churn")
    except ClientError:
        return "", ""
    return found["ModelCardStatus"], json.loads(found["Content"])["intended_uses"]["purpose_of_model"]


def settle(world: Workspace) -> None:
    """Apply until nothing is left: a copy follows its original one apply later."""
    for _ in range(4):
        if world.apply().code == 0 and world.cardops("plan", "--detailed-exitcode").code == 0:
            return
    pytest.fail(world.cardops("plan").out)


def test_by_a_copy_the_original_is_not_shared_and_the_copy_is_kept_in_step(world: Workspace) -> None:
    declare(world, "[copy]")
    world.card("churn")
    world.commit("draft")
    assert world.apply().code == 0
    assert copy_of(world) == ("", ""), "ml-prod is granted nothing while the card is a Draft"
    world.card("churn", "Approved")
    world.commit("approved")
    settle(world)
    assert may(world.client(PROD)) == (False, False), "the original is not shared"
    assert copy_of(world) == ("Approved", "first")
    assert world.client(OWNER, "ram").get_resource_shares(resourceOwner="SELF")["resourceShares"] == []
    world.card("churn", "Approved", "second")
    world.commit("reworded")
    settle(world)
    assert copy_of(world) == ("Approved", "second")
    before = world.live("churn")
    world.client(PROD).update_model_card(ModelCardName="churn", Content='{"intended_uses":{"purpose_of_model":"x"}}')
    assert world.live("churn") == before, "whoever writes the copy leaves the original as it is"
    assert "churn" in drifted(world)


def test_a_copy_goes_back_with_its_original_and_is_archived_when_the_grant_ends(world: Workspace) -> None:
    declare(world, "[copy]")
    world.card("churn", "Approved")
    world.commit("approved")
    settle(world)
    assert copy_of(world) == ("Approved", "first")
    world.card("churn", "Draft", "second")
    world.commit("back to work")
    settle(world)
    assert copy_of(world) == ("Draft", "first"), "the grant holds no Draft, so its words stay away"
    world.card("churn", "Approved", "third")
    world.commit("approved again")
    settle(world)
    assert copy_of(world) == ("Approved", "third")
    world.write("shares/lifecycle.yaml", SHARE.replace("ml-prod", "ml-test"))
    world.commit("no more")
    world.apply()
    assert copy_of(world)[0] == "Archived"
    assert world.live("churn")["status"] == "Approved"
