"""No operation escapes authorization: a policy that denies everything refuses each of them."""

from typing import Any

import pytest

import cardops.sandbox.services  # noqa: F401 - registers the operations
from cardops.sandbox.core.operations import OPERATIONS, Call
from cardops.sandbox.core.service_models import ServiceModel, service_model
from cardops.sandbox.errors import AwsError
from cardops.sandbox.faults import Faults
from cardops.sandbox.iam.authorization import authorize
from cardops.sandbox.iam.entities import Entity
from cardops.sandbox.identity import Caller
from cardops.sandbox.options import Options
from cardops.sandbox.search_index import SearchIndexes
from cardops.sandbox.state import State

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/x"
DENY = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
NEEDS_NOTHING = {("sts", name) for name in ("GetCallerIdentity", "GetAccessKeyInfo", "GetSessionToken")}
EACH_ITEM = {("sagemaker", "BatchDescribeModelPackage")}
KEY_IS_MISSING = {name for name in OPERATIONS if name[0] == "kms" and name[1] != "CreateKey"}


def example(model: ServiceModel, name: str) -> Any:
    """A value of a shape: required members of structures, one item of lists."""
    shape = model.shapes[name]
    if shape["type"] == "structure":
        return {key: example(model, shape["members"][key]["shape"]) for key in shape.get("required", [])}
    if shape["type"] == "list":
        return [example(model, shape["member"]["shape"])]
    if "arn" in name.lower():
        return f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:x/y" if model.service == "sagemaker" else ROLE
    return {"string": "x", "map": {}, "boolean": True}.get(shape["type"], 1)


@pytest.mark.parametrize(("service", "name"), sorted(OPERATIONS), ids=lambda part: str(part))
def test_a_policy_that_denies_everything_refuses_the_operation(service: str, name: str) -> None:
    model, state = service_model(service), State()
    shape = model.input_shape(name)
    params = example(model, shape) if shape else {}
    role = Entity("role", f"arn:aws:iam::{ACCOUNT}:role/denied", "denied", "/", "AROA1", 0.0, inline={"no": DENY})
    state.iam_of(ACCOUNT).roles["denied"] = role
    caller = Caller(ACCOUNT, "denied", "test", "denied", id="AROA1")
    more = (params, 0.0, state, Options(), Faults(), SearchIndexes())
    call = Call(service, name, "eu-west-1", caller, *more)
    if (service, name) in NEEDS_NOTHING | EACH_ITEM | KEY_IS_MISSING:
        return
    with pytest.raises(AwsError) as error:
        authorize(call)
    assert error.value.code in ("AccessDenied", "AccessDeniedException"), name
