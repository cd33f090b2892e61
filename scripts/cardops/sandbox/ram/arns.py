"""Request checks for names, ARNs and lists of them."""

import re

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError
from cardops.sandbox.state import Share
from cardops.sandbox.transitions import sweep

MAX_LIST = 100
_SHARE = re.compile(r"arn:aws[a-z-]*:ram:[a-z0-9-]+:\d{12}:resource-share/[0-9a-f-]{36}")
_NAME = re.compile(r"[A-Za-z0-9 .-]+")


def unknown_share(arn: str) -> AwsError:
    """Return the error for a share that does not exist in this account and region."""
    return AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def malformed(arn: str) -> AwsError:
    """Return the error for text that is not an ARN of the expected kind."""
    return AwsError("MalformedArnException", f"The specified resource ARN {arn} is not valid.")


def check_name(name: str) -> str:
    """Return a share's name: letters, digits, spaces, periods, dashes (RAM console's rule for share names)."""
    if not _NAME.fullmatch(name):
        raise AwsError("InvalidParameterException", f"The resource share name {name!r} is not valid.")
    return name


def check_list(call: Call, name: str) -> list[str]:
    """Return a list parameter without repetitions; more than 100 items are refused.

    Source: "You can associate up to 100 resources per call" (ResourceShareLimitExceededException, botocore).
    """
    items = list(dict.fromkeys(call.get(name, [])))
    if len(items) > MAX_LIST:
        code = "ResourceShareLimitExceededException"
        if not call.models_error(code):
            code = "InvalidParameterException"
        raise AwsError(code, f"{name} has {len(items)} items; at most {MAX_LIST} are allowed in a call.")
    return items


def check_share_arns(call: Call) -> frozenset[str]:
    """Return ``resourceShareArns``, each of which must look like the ARN of a share."""
    arns = check_list(call, "resourceShareArns")
    for arn in arns:
        if not _SHARE.fullmatch(arn):
            raise malformed(arn)
    return frozenset(arns)


def own_share(call: Call, arn: str) -> Share:
    """Return a share of the caller, deleted ones that are still listed included."""
    if not _SHARE.fullmatch(arn):
        raise malformed(arn)
    sweep(call)
    share = call.home.shares.get(arn)
    if share is None:
        raise unknown_share(arn)
    return share


def active_share(call: Call, arn: str) -> Share:
    """Return a share of the caller that can be changed; deleted ones and those made from a policy cannot."""
    share = own_share(call, arn)
    if share.feature_set != "STANDARD":
        raise AwsError("OperationNotPermittedException", f"ResourceShare {arn} was created from a policy.")
    if share.status != "ACTIVE":
        code = "InvalidStateTransitionException"
        raise (
            AwsError(code, f"ResourceShare {arn} is {share.status}.") if call.models_error(code) else unknown_share(arn)
        )
    return share
