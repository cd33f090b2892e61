"""The witness complains of each broken promise: made-up journals, one promise each."""

import json
from typing import Any

import pytest

from support.fault_scenario import LIFECYCLE, config
from support.oracle import Oracle, declared
from support.workspace import DEV, OWNER, PROD, arn

SHARE = "arn:aws:ram:eu-west-1:111111111111:resource-share/1"
WORDS = {"intended_uses": {"purpose_of_model": "first"}}
WRITING = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"
READING = "arn:aws:ram:eu-west-1:111111111111:permission/gov.read"
PERMISSION = (
    "CreatePermission",
    {"name": "gov.read", "policyTemplate": json.dumps({"Action": ["sagemaker:DescribeModelCard"]})},
)

Call = tuple[str, dict[str, Any]]


def create(status: str = "Draft") -> Call:
    return "CreateModelCard", {"ModelCardName": "churn", "ModelCardStatus": status, "Content": json.dumps(WORDS)}


def write(purpose: str) -> Call:
    content = json.dumps({"intended_uses": {"purpose_of_model": purpose}})
    return "UpdateModelCard", {"ModelCardName": "churn", "Content": content}


def set_status(status: str) -> Call:
    return "UpdateModelCard", {"ModelCardName": "churn", "ModelCardStatus": status}


def share(to: str, permission: str) -> Call:
    return "CreateResourceShare", {
        "name": "lifecycle",
        "clientToken": "t",
        "allowExternalPrincipals": False,
        "permissionArns": [permission],
        "principals": [to],
        "resourceArns": [arn("churn")],
    }


def revoke() -> Call:
    return "DisassociateResourceShare", {"resourceShareArn": SHARE, "resourceArns": [arn("churn")]}


def complaints(*calls: Call, status: str = "Draft") -> list[str]:
    """What the witness says about these calls, where git declares the card with one status."""
    card = {"name": "churn", "status": status, "content": WORDS}
    files = {"cardops.yaml": config(), "shares/a.yaml": LIFECYCLE, "cards/churn.yaml": json.dumps(card)}
    witness = Oracle(OWNER, {"lifecycle": [SHARE]})
    journal = [
        {"n": n, "operation": operation, "parameters": given, "account": OWNER, "role": "cardops-apply", "error": None}
        for n, (operation, given) in enumerate(calls, 1)
    ]
    witness.watch(journal, [declared(files)])
    return witness.complaints


def test_a_good_life_is_nothing_to_complain_of() -> None:
    assert complaints(create(), share(DEV, WRITING)) == []
    assert complaints(PERMISSION, create(), set_status("Approved"), share(PROD, READING), status="Approved") == []


@pytest.mark.parametrize(
    ("calls", "complaint"),
    [
        ([create(), set_status("Approved")], "2 UpdateModelCard: churn is Approved with unreviewed content"),
        ([create(), write("other"), set_status("Approved")], "3 UpdateModelCard: churn is Approved with unreviewed"),
        (
            [create(), share(DEV, WRITING), set_status("Approved")],
            "3 UpdateModelCard: 222222222222 can write churn, which is Approved",
        ),
        ([PERMISSION, create(), share(PROD, READING)], "on churn while Draft, which nothing declares"),
        ([create(), share(DEV, WRITING), revoke()], "3 DisassociateResourceShare: churn was narrowed after it was sha"),
        ([create(), share(DEV, WRITING), write("other")], "3 UpdateModelCard: churn was written after it was shared"),
        ([create(), create()], "churn was created twice"),
        ([share(DEV, WRITING), create()], "churn was shared before it was there"),
    ],
)
def test_each_broken_promise_is_named(calls: list[Call], complaint: str) -> None:
    assert any(complaint in found for found in complaints(*calls)), complaints(*calls)
