"""IAM requests and answers."""

import json
from typing import Any

import pytest
from botocore.stub import Stubber

from cardops.aws.iam_identities import Boto3Identities
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.ports import Simulation
from support.stubbed_client import WHERE, Stubbed

ROLE = "arn:aws:iam::444444444444:role/teams/cardops-card-reader"
CARDS = tuple(f"arn:aws:sagemaker:eu-west-1:111111111111:model-card/{name}" for name in ("a", "b"))
READ, WRITE = "sagemaker:DescribeModelCard", "sagemaker:UpdateModelCard"
QUESTION = Simulation(ROLE, (READ, WRITE), CARDS, {"aws:PrincipalArn": ROLE})
ASKED = {
    "PolicySourceArn": ROLE,
    "ActionNames": [READ, WRITE],
    "ResourceArns": list(CARDS),
    "ContextEntries": [{"ContextKeyName": "aws:PrincipalArn", "ContextKeyValues": [ROLE], "ContextKeyType": "string"}],
    "MaxItems": 1000,
}


@pytest.fixture
def iam(stubbed: Stubbed) -> tuple[Boto3Identities, Stubber]:
    client, stubber = stubbed("iam")
    return Boto3Identities(client, WHERE), stubber


def result(action: str, decision: str, **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalDecision": decision, **more}


def specific(action: str, *decisions: str) -> dict[str, Any]:
    rows = [
        {"EvalResourceName": arn, "EvalResourceDecision": decision}
        for arn, decision in zip(CARDS, decisions, strict=True)
    ]
    return result(action, decisions[0], ResourceSpecificResults=rows)


def test_each_card_gets_its_own_decision_over_all_pages(iam: tuple[Boto3Identities, Stubber]) -> None:
    port, stubber = iam
    first = {"EvaluationResults": [specific(READ, "allowed", "allowed")], "IsTruncated": True, "Marker": "m"}
    second = {"EvaluationResults": [specific(WRITE, "implicitDeny", "explicitDeny")], "IsTruncated": False}
    stubber.add_response("simulate_principal_policy", first, ASKED)
    stubber.add_response("simulate_principal_policy", second, {**ASKED, "Marker": "m"})
    assert port.simulate(QUESTION) == {
        (READ, CARDS[0]): "allowed",
        (READ, CARDS[1]): "allowed",
        (WRITE, CARDS[0]): "implicitDeny",
        (WRITE, CARDS[1]): "explicitDeny",
    }


@pytest.mark.parametrize("name", ["*", CARDS[0]])
def test_the_older_form_has_one_result_a_resource_or_one_for_all(
    iam: tuple[Boto3Identities, Stubber], name: str
) -> None:
    port, stubber = iam
    answer = {"EvaluationResults": [result(READ, "allowed", EvalResourceName=name)]}
    stubber.add_response("simulate_principal_policy", answer)
    assert port.simulate(QUESTION) == {(READ, arn): "allowed" for arn in (CARDS if name == "*" else CARDS[:1])}


def test_only_the_organization_decides_where_all_other_policies_are_set_aside(
    iam: tuple[Boto3Identities, Stubber],
) -> None:
    port, stubber = iam
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    kinds = ("inline", "aws-managed", "user-managed", "permission-boundary")
    asked = ASKED | {
        "PolicyInputList": [everything],
        "PermissionsBoundaryPolicyInputList": [everything],
        "PolicyExclusionList": [{"PolicyType": kind} for kind in kinds],
    }
    stubber.add_response("simulate_principal_policy", {"EvaluationResults": []}, asked)
    assert port.simulate(QUESTION._replace(only_organization=True)) == {}
    assert json.loads(everything)["Statement"][0]["Effect"] == "Allow"


def test_a_roles_id_is_asked_for_by_its_plain_name(iam: tuple[Boto3Identities, Stubber]) -> None:
    port, stubber = iam
    role = {"Path": "/teams/", "RoleName": "cardops-card-reader", "RoleId": "AROA1234567890123", "Arn": ROLE}
    answer = {"Role": {**role, "CreateDate": "2026-01-01T00:00:00Z"}}
    stubber.add_response("get_role", answer, {"RoleName": "cardops-card-reader"})
    assert port.role_id("teams/cardops-card-reader") == "AROA1234567890123"


def test_a_role_that_does_not_exist_is_not_found(iam: tuple[Boto3Identities, Stubber]) -> None:
    port, stubber = iam
    stubber.add_client_error("simulate_principal_policy", "NoSuchEntity", "no such role")
    with pytest.raises(NotFoundError, match="iam:SimulatePrincipalPolicy"):
        port.simulate(QUESTION)
    stubber.add_client_error("get_role", "ServiceFailure", "later")
    with pytest.raises(CloudError, match="iam:GetRole on cardops-card-reader"):
        port.role_id("cardops-card-reader")
