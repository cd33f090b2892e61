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


def approve(status: str = "Approved", **more: Any) -> Call:
    package = f"arn:aws:sagemaker:eu-west-1:{OWNER}:model-package/churn/1"
    marks = {"cardops:approval": status}
    given = {"ModelPackageArn": package, "ModelApprovalStatus": status, "CustomerMetadataProperties": marks}
    return "UpdateModelPackage", given | more


def brake() -> Call:
    return "AddTags", {"ResourceArn": arn("churn"), "Tags": [{"Key": "cardops:brake", "Value": "all"}]}


def release() -> Call:
    return "DeleteTags", {"ResourceArn": arn("churn"), "TagKeys": ["cardops:brake"]}


def complaints(*calls: Call, status: str = "Draft") -> list[str]:
    """What the witness says about these calls, where git declares the card with one status."""
    package = {"group": "churn", "version": 1}
    card = {"name": "churn", "status": status, "content": WORDS, "model_package": package}
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


def test_a_package_is_approved_with_its_card_and_a_brake_that_is_released_stops_nothing() -> None:
    lived = [create(), set_status("Approved"), approve(), approve("PendingManualApproval"), set_status("Draft")]
    without = "UpdateModelCard: churn/1 is approved without its card"
    assert not any(without in one for one in complaints(*lived, status="Approved"))
    assert any(without in one for one in complaints(*lived[:3], lived[4], status="Approved"))
    assert complaints(create(), approve(CustomerMetadataProperties={})) == [], "another's approval is not ours"
    assert complaints(create(), brake(), release(), share(DEV, WRITING)) == []


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
        ([create(), approve()], "2 UpdateModelPackage: churn/1 is approved without its card"),
        ([approve()], "1 UpdateModelPackage: churn/1 is approved without its card"),
        ([create(), brake(), share(DEV, WRITING)], "3 CreateResourceShare: churn was shared while braked"),
        ([create(), brake(), write("other")], "3 UpdateModelCard: churn was written while braked"),
        ([create(), brake(), set_status("PendingReview")], "3 UpdateModelCard: churn was promoted while braked"),
    ],
)
def test_each_broken_promise_is_named(calls: list[Call], complaint: str) -> None:
    assert any(complaint in found for found in complaints(*calls)), complaints(*calls)
