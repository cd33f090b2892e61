"""STS: AssumeRole and GetCallerIdentity."""

import re
from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.identity import Caller, issue

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(.+)")
DEFAULT_DURATION = 3600


@operation("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Issue credentials of a role, valid for DurationSeconds (default 3600) by the sandbox's clock."""
    found = _ROLE.fullmatch(call.params["RoleArn"])
    if not found:
        raise AwsError("ValidationError", f"{call.params['RoleArn']} is invalid")
    session = call.params["RoleSessionName"]
    caller = Caller(found[1], found[2].rpartition("/")[2], session, found[2])
    expires = float(int(call.now) + call.get("DurationSeconds", DEFAULT_DURATION))
    return {
        "Credentials": issue(found[1], found[2], session, expires),
        "AssumedRoleUser": {"AssumedRoleId": caller.principal_id, "Arn": caller.arn},
        "PackedPolicySize": 0,
    }


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Return the caller's account, ARN and id."""
    return {"UserId": call.caller.principal_id, "Account": call.caller.account, "Arn": call.caller.arn}
