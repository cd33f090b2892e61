"""The table of operations against botocore's models and AWS's own list of actions and resources."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import cfnlint
import pytest
from botocore.stub import Stubber

from cardops.aws.client import Calls
from cardops.aws.sagemaker_cards import PAGES
from cardops.iam.operations import (
    KNOWN,
    OPERATIONS,
    Capability,
    Condition,
    RequiredAction,
    Target,
    require_listed,
    required_actions,
)
from support.stubbed_client import WHERE, Stubbed

AUTHORIZATION: dict[str, Any] = json.loads(
    (Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text()
)
TYPES = {
    Target.CARD: {"model-card"},
    Target.SHARED_CARD: {"model-card"},
    Target.PACKAGE: {"model-package"},
    Target.SHARE: {"resource-share"},
    Target.PERMISSION: {"permission", "customer-managed-permission"},
    Target.OWN_PERMISSION: {"customer-managed-permission"},
    Target.INVITATION: {"resource-share-invitation"},
    Target.KEY: {"key"},
    Target.ROLE: {"role"},
    Target.READER: {"role"},
}
UNKNOWN_RESOURCE = {
    "ram:TagResource": "a permission is tagged while it is made, and what IAM asks then is not documented",
    "ram:ListPermissionAssociations": "cardops asks about all permissions at once",
    "servicequotas:GetServiceQuota": "a quota's ARN names its service and code, and reading it tells nothing",
    "sagemaker:ListModelPackages": "that of a list of a group's versions is not documented",
}
ALL = sorted({need for operations in OPERATIONS.values() for each in operations.values() for need in each}, key=str)


def known(need: RequiredAction) -> dict[str, Any]:
    service, _, name = need.action.partition(":")
    actions: dict[str, Any] = AUTHORIZATION[service]["Actions"]
    return dict(actions[name.lower()])


def test_every_operation_is_one_of_its_service() -> None:
    names = {name: name for name in ("sagemaker", "ram", "kms", "sts", "iam")} | {"servicequotas": "service-quotas"}
    models = {prefix: botocore.session.Session().get_service_model(name) for prefix, name in names.items()}
    for operation in KNOWN:
        service, _, name = operation.partition(":")
        assert name in models[service].operation_names, operation


@pytest.mark.parametrize("need", ALL, ids=str)
def test_every_need_is_an_action_on_what_iam_knows(need: RequiredAction) -> None:
    resources = set(known(need).get("Resources", ()))
    if need.target is Target.ANY:
        assert not resources or need.action in UNKNOWN_RESOURCE
    else:
        assert resources >= (TYPES[need.target] & resources) != set()


@pytest.mark.parametrize("need", [one for one in ALL if one.guard in (Condition.OURS, Condition.CLAIMING)], ids=str)
def test_a_condition_on_our_tag_stands_only_where_iam_knows_it(need: RequiredAction) -> None:
    found = AUTHORIZATION[need.action.partition(":")[0]]["Resources"]
    for kind in TYPES[need.target]:
        assert "aws:ResourceTag/${TagKey}" in found[kind]["ConditionKeys"]


def test_reading_duties_have_no_action_that_writes() -> None:
    for duty in (Capability.READ, Capability.TELL, Capability.REGISTRY, Capability.ORIGIN, Capability.CONSUME):
        names = {need.action.partition(":")[2] for need in required_actions({duty})}
        assert {name for name in names if not name.startswith(("Describe", "List", "Get"))} <= {"Search", "Decrypt"}


def test_each_need_comes_once() -> None:
    found = required_actions({Capability.READ, Capability.ORIGIN, Capability.CONSUME})
    assert len(found) == len(set(found))
    assert [one for one in found if one.action == "sagemaker:Search"] == [RequiredAction("sagemaker:Search")]


def test_an_adapter_cannot_call_what_no_role_is_given(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    assert isinstance(stubber, Stubber)
    with pytest.raises(LookupError, match="sagemaker:ListModels is not in the table of operations"):
        Calls(client, "sagemaker", PAGES, WHERE).call("ListModels")
    with pytest.raises(LookupError, match="ram:UpdateModelCard"):
        require_listed("ram:UpdateModelCard")
