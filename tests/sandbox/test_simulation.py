"""SimulatePrincipalPolicy, as whoever verifies read-only access without writing asks it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, OTHER, OWNER, REGION, MakeSandbox, SandboxClient, code

MANAGEMENT = "999999999999"
CARDS = [f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/{name}" for name in ("churn", "fraud")]
READER = f"arn:aws:iam::{CONSUMER}:role/card-reader"
READ, WRITE = "sagemaker:DescribeModelCard", "sagemaker:UpdateModelCard"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OWN_KINDS = ("inline", "aws-managed", "user-managed", "permission-boundary")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_reader(world: SandboxClient, *statements: dict[str, Any], **more: Any) -> None:
    iam = world.client("iam", CONSUMER)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="card-reader", AssumeRolePolicyDocument=document(trust), **more)
    iam.put_role_policy(RoleName="card-reader", PolicyName="own", PolicyDocument=document(*statements))


def context(**keys: str) -> list[dict[str, Any]]:
    given = {"aws:PrincipalArn": READER, "aws:ResourceAccount": OWNER, **keys}
    return [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"} for key, value in given.items()
    ]


def simulate(world: SandboxClient, **more: Any) -> dict[str, dict[str, Any]]:
    """The results by action."""
    given = {"PolicySourceArn": READER, "ActionNames": [READ, WRITE], "ResourceArns": CARDS, **more}
    given.setdefault("ContextEntries", context())
    answer = world.client("iam", CONSUMER).simulate_principal_policy(**given)
    return {row["EvalActionName"]: row for row in answer["EvaluationResults"]}


def decisions(row: dict[str, Any]) -> dict[str, str]:
    return {one["EvalResourceName"]: one["EvalResourceDecision"] for one in row["ResourceSpecificResults"]}


def attach_scp(world: SandboxClient, *statements: dict[str, Any]) -> None:
    organizations = world.client("organizations", MANAGEMENT)
    given = {"Name": "limit", "Description": "-", "Type": "SERVICE_CONTROL_POLICY", "Content": document(*statements)}
    number = organizations.create_policy(**given)["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=number, TargetId=CONSUMER)


def test_a_role_that_only_reads_is_verified(world: SandboxClient) -> None:
    make_reader(world, {"Effect": "Allow", "Action": READ, "Resource": "*"})
    found = simulate(world)
    assert decisions(found[READ]) == dict.fromkeys(CARDS, "allowed")
    assert decisions(found[WRITE]) == dict.fromkeys(CARDS, "implicitDeny")
    assert found[WRITE]["EvalDecision"] == "implicitDeny"
    assert "OrganizationsDecisionDetail" not in found[READ]
    assert [row["SourcePolicyId"] for row in found[READ]["MatchedStatements"]] == ["role_card-reader_own"]


def test_the_strictest_decision_is_that_of_the_action(world: SandboxClient) -> None:
    make_reader(world, {"Effect": "Allow", "Action": WRITE, "Resource": CARDS[0]})
    row = simulate(world)[WRITE]
    assert (row["EvalDecision"], decisions(row)) == ("implicitDeny", {CARDS[0]: "allowed", CARDS[1]: "implicitDeny"})


def test_a_boundary_has_a_decision_of_its_own(world: SandboxClient) -> None:
    iam = world.client("iam", CONSUMER)
    text = document({"Effect": "Allow", "Action": READ, "Resource": "*"})
    boundary = iam.create_policy(PolicyName="most", PolicyDocument=text)["Policy"]["Arn"]
    make_reader(world, EVERYTHING, PermissionsBoundary=boundary)
    found = simulate(world)
    assert (found[READ]["EvalDecision"], found[WRITE]["EvalDecision"]) == ("allowed", "implicitDeny")
    assert found[READ]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    assert found[WRITE]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_service_control_policies_alone_decide_where_all_others_are_set_aside(world: SandboxClient) -> None:
    make_reader(world, {"Effect": "Deny", "Action": "*", "Resource": "*"})
    attach_scp(world, {"Effect": "Deny", "Action": WRITE, "Resource": CARDS[0].replace("churn", "*")})
    found = simulate(
        world,
        PolicyInputList=[document(EVERYTHING)],
        PermissionsBoundaryPolicyInputList=[document(EVERYTHING)],
        PolicyExclusionList=[{"PolicyType": kind} for kind in OWN_KINDS],
    )
    assert decisions(found[READ]) == dict.fromkeys(CARDS, "allowed")
    assert decisions(found[WRITE]) == dict.fromkeys(CARDS, "explicitDeny")
    assert found[READ]["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    assert found[WRITE]["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    without = simulate(
        world,
        PolicyInputList=[document(EVERYTHING)],
        PolicyExclusionList=[{"PolicyType": kind} for kind in (*OWN_KINDS, "scp")],
    )
    assert decisions(without[WRITE]) == dict.fromkeys(CARDS, "allowed")


def test_a_key_that_is_not_given_is_absent(world: SandboxClient) -> None:
    make_reader(world, EVERYTHING)
    condition = {"StringNotEquals": {"aws:ResourceAccount": OWNER}}
    attach_scp(world, {"Effect": "Deny", "Action": WRITE, "Resource": "*", "Condition": condition})
    assert simulate(world)[WRITE]["EvalDecision"] == "allowed"
    assert simulate(world, ContextEntries=[])[WRITE]["EvalDecision"] == "explicitDeny"


def test_missing_keys_are_named(world: SandboxClient) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}", "aws:PrincipalAccount": CONSUMER}}
    make_reader(world, {"Effect": "Allow", "Action": WRITE, "Resource": "*", "Condition": condition})
    row = simulate(world)[WRITE]["ResourceSpecificResults"][0]
    assert row["MissingContextValues"] == ["aws:principaltag/team", "aws:resourcetag/team"]
    keys = world.client("iam", CONSUMER).get_context_keys_for_principal_policy(PolicySourceArn=READER)
    assert keys["ContextKeyNames"] == ["aws:principalaccount", "aws:principaltag/team", "aws:resourcetag/team"]


def test_results_come_in_pages(world: SandboxClient) -> None:
    make_reader(world, {"Effect": "Allow", "Action": READ, "Resource": "*"})
    iam, more, seen = world.client("iam", CONSUMER), dict[str, Any](), list[str]()
    actions = [f"sagemaker:Action{number}" for number in range(5)]
    while True:
        answer = iam.simulate_principal_policy(PolicySourceArn=READER, ActionNames=actions, MaxItems=2, **more)
        seen += [row["EvalActionName"] for row in answer["EvaluationResults"]]
        if not answer["IsTruncated"]:
            break
        more = {"Marker": answer["Marker"]}
    assert seen == actions


@pytest.mark.parametrize(("setting", "wanted"), [("identity", "allowed"), ("refuses", "implicitDeny")])
def test_a_resource_of_another_account_is_a_switch(make_world: MakeSandbox, setting: str, wanted: str) -> None:
    world = make_world(simulate_across_accounts=setting)
    make_reader(world, {"Effect": "Allow", "Action": READ, "Resource": "*"})
    assert decisions(simulate(world)[READ]) == dict.fromkeys(CARDS, wanted)


def test_a_users_simulation_takes_a_resource_policy(world: SandboxClient) -> None:
    iam = world.client("iam", CONSUMER)
    arn = iam.create_user(UserName="rob")["User"]["Arn"]
    iam.put_user_policy(UserName="rob", PolicyName="own", PolicyDocument=document(EVERYTHING))
    policy = document({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": READ, "Resource": CARDS[0]})
    found = simulate(world, PolicySourceArn=arn, ResourcePolicy=policy, ResourceOwner=f"arn:aws:iam::{OWNER}:root")
    assert decisions(found[READ]) == {CARDS[0]: "allowed", CARDS[1]: "implicitDeny"}
    assert set(decisions(found[WRITE]).values()) == {"implicitDeny"}


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"PolicySourceArn": f"arn:aws:iam::{CONSUMER}:role/nobody"}, "NoSuchEntity"),
        ({"PolicySourceArn": f"arn:aws:iam::{CONSUMER}:root"}, "InvalidInput"),
        ({"PolicySourceArn": f"arn:aws:iam::{OTHER}:role/card-reader"}, "AccessDenied"),
        ({"ResourceOwner": OWNER}, "InvalidInput"),
        ({"ResourcePolicy": document({**EVERYTHING, "Principal": "*"})}, "InvalidInput"),
        ({"CallerArn": f"arn:aws:sts::{CONSUMER}:assumed-role/card-reader/rob"}, "InvalidInput"),
        ({"ActionNames": ["DescribeModelCard"]}, "InvalidInput"),
        ({"PolicyInputList": ["{"]}, "InvalidInput"),
        ({"PolicyInputList": [json.dumps({"Version": "x" * 70_000})] * 2}, "InvalidInput"),
        ({"ContextEntries": [{"ContextKeyName": "aws:ResourceTag/a", "ContextKeyValues": ["x", "y"]}]}, None),
    ],
)
def test_wrong_questions_are_refused(world: SandboxClient, more: dict[str, Any], wanted: str | None) -> None:
    make_reader(world, {"Effect": "Allow", "Action": READ, "Resource": "*"})
    if wanted is None:
        assert simulate(world, **more)[READ]["EvalDecision"] == "allowed"
        return
    with pytest.raises(ClientError) as error:
        simulate(world, **more)
    assert code(error) == wanted


def test_what_aws_leaves_open_cannot_be_evaluated(world: SandboxClient) -> None:
    condition = {"StringEquals": {"aws:TagKeys": "a"}}
    make_reader(world, {"Effect": "Allow", "Action": WRITE, "Resource": "*", "Condition": condition})
    entries = [{"ContextKeyName": "aws:TagKeys", "ContextKeyValues": ["a", "b"], "ContextKeyType": "stringList"}]
    with pytest.raises(ClientError) as error:
        simulate(world, ContextEntries=entries)
    assert code(error) == "PolicyEvaluation"


def test_a_custom_simulation_knows_the_given_policies_alone(world: SandboxClient) -> None:
    given = {"PolicyInputList": [document({"Effect": "Allow", "Action": READ, "Resource": "*"})]}
    answer = world.client("iam").simulate_custom_policy(ActionNames=[READ, WRITE], **given)
    assert [row["EvalDecision"] for row in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]
