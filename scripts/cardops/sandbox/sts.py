"""STS: temporary credentials of roles, users and web identities.

Source: STS API Reference. A role that IAM knows is assumed as its trust policy says; for others, see
Options.undeclared_roles. A web identity's token is read, and its signature is not verified.
"""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.applicable import attached_policy
from cardops.sandbox.iam.authorization import Target, resource_policy, targets
from cardops.sandbox.iam.entities import Entity
from cardops.sandbox.iam.errors import checked
from cardops.sandbox.iam.evaluator import Document, granted_by
from cardops.sandbox.iam.grammar import Kind
from cardops.sandbox.iam.managed import managed_document
from cardops.sandbox.iam.request import Request
from cardops.sandbox.identity import Caller, account_of_key, issue

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(.+)")
DEFAULT_DURATION = 3600
SESSION_DURATION = 43_200
CHAINED_DURATION = 3600
_ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:TagSession"]}],
}


def _role_of(call: Call, arn: str) -> Entity | None:
    found = _ROLE.fullmatch(arn)
    iam = call.state.iam.get(found[1]) if found else None
    role = iam.roles.get(found[2].rpartition("/")[2]) if found and iam else None
    return role if role and role.arn == arn else None


@resource_policy("sts")
def _trust_policy(call: Call, target: Target) -> Document | None:
    if target.resource == "*":
        return None
    role = _role_of(call, target.resource)
    if role is not None:
        return role.trust
    return _ANYBODY if call.options.undeclared_roles == "permissive" else None


@targets("sts", "AssumeRole")
def _assume(call: Call) -> list[Target]:
    arn = call.params["RoleArn"]
    if not _ROLE.fullmatch(arn):
        return []
    keys: dict[str, str | Sequence[str]] = {"sts:RoleSessionName": call.params["RoleSessionName"]}
    keys |= {"sts:ExternalId": call.params["ExternalId"]} if call.get("ExternalId") else {}
    role, tags = _role_of(call, arn), {row["Key"]: row["Value"] for row in call.get("Tags", [])}
    keys |= {f"aws:ResourceTag/{name}": value for name, value in (role.tags if role else {}).items()}
    keys |= {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    keys |= {"aws:TagKeys": list(tags)} if tags else {}
    return [Target(action, arn, keys) for action in ("sts:AssumeRole", "sts:TagSession")[: 2 if tags else 1]]


@targets("sts", "GetCallerIdentity", "GetAccessKeyInfo", "GetSessionToken")
def _needs_nothing(_call: Call) -> list[Target]:
    return []  # STS API Reference: no permissions are required to perform these operations


def _session_policies(call: Call, account: str) -> tuple[str, ...] | None:
    """Return the session policies, or None if the call has none."""
    given, arns = call.get("Policy"), [row["arn"] for row in call.get("PolicyArns", [])]
    if given is None and not arns:
        return None
    found = [checked(given, Kind.IDENTITY)] if given is not None else []
    iam = call.state.iam_of(account)
    for arn in arns:
        own = iam.policies.get(arn)
        text = own.versions[own.default] if own else managed_document(arn)
        if text is None or attached_policy(iam, arn) is None:
            raise AwsError("MalformedPolicyDocument", f"The policy {arn} does not exist.", 400)
        found.append(text)
    return tuple(found)


def _session(call: Call) -> tuple[Caller, float]:
    """Return the session that the call asks for, and when it expires."""
    found = _ROLE.fullmatch(call.params["RoleArn"])
    if not found:
        raise AwsError("ValidationError", f"{call.params['RoleArn']} is invalid")
    role, seconds = _role_of(call, call.params["RoleArn"]), call.get("DurationSeconds", DEFAULT_DURATION)
    if role and seconds > role.max_session:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", message)
    if call.caller.role and seconds > CHAINED_DURATION:
        message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        raise AwsError("ValidationError", message)
    caller = Caller(
        found[1],
        found[2].rpartition("/")[2],
        call.params["RoleSessionName"],
        found[2],
        id=role.id if role else None,
        session_policies=_session_policies(call, found[1]),
        tags=tuple((row["Key"], row["Value"]) for row in call.get("Tags", [])),
        partition=call.partition,
    )
    return caller, float(int(call.now) + seconds)


def _credentials(caller: Caller, expires: float) -> dict[str, Any]:
    return {
        "Credentials": issue(caller, expires),
        "AssumedRoleUser": {"AssumedRoleId": caller.principal_id, "Arn": caller.arn},
        "PackedPolicySize": 0,
    }


@operation("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Issue credentials of a role, valid for DurationSeconds (default 3600) by the sandbox's clock."""
    return _credentials(*_session(call))


def _claims(token: str) -> dict[str, Any]:
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return {"iss": str(claims["iss"]), "sub": str(claims["sub"]), "aud": claims["aud"], **claims}
    except (IndexError, ValueError, KeyError, TypeError) as error:
        message = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        raise AwsError("InvalidIdentityToken", message, 400) from error


@operation("sts", "AssumeRoleWithWebIdentity")
def assume_role_with_web_identity(call: Call) -> dict[str, Any]:
    """Issue credentials for an OIDC token, as the role's trust policy says of its claims."""
    claims = _claims(call.params["WebIdentityToken"])
    caller, expires = _session(call)
    if float(claims.get("exp", call.now + 1)) <= call.now:
        raise AwsError("ExpiredTokenException", "Token expired", 400)
    role = _role_of(call, call.params["RoleArn"])
    provider = str(claims["iss"]).removeprefix("https://").rstrip("/")
    if not _trusts(call, role, caller.account, provider, claims):
        raise AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)
    found = {"SubjectFromWebIdentityToken": claims["sub"], "Provider": f"https://{provider}"}
    audience = claims["aud"] if isinstance(claims["aud"], str) else ",".join(claims["aud"])
    return {**_credentials(caller, expires), **found, "Audience": audience}


def _trusts(call: Call, role: Entity | None, account: str, provider: str, claims: dict[str, Any]) -> bool:
    if role is None:
        return call.options.undeclared_roles == "permissive"
    arn = f"arn:{call.partition}:iam::{account}:oidc-provider/{provider}"
    known = call.state.iam_of(account).providers.get(arn)
    audiences = [claims["aud"]] if isinstance(claims["aud"], str) else list(claims["aud"])
    if known is None or (known.clients and not set(known.clients) & set(audiences)):
        return False
    keys: dict[str, str | Sequence[str]] = {
        f"{provider}:{name}": value for name, value in claims.items() if isinstance(value, str)
    }
    keys |= {f"{provider}:aud": audiences}
    request = Request(arn, "sts:AssumeRoleWithWebIdentity", role.arn, keys, account)
    return granted_by(role.trust, request) != ""


@operation("sts", "GetSessionToken")
def get_session_token(call: Call) -> dict[str, Any]:
    """Issue temporary credentials of the user that calls; a role's session cannot ask for them."""
    if call.caller.role is not None:
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    expires = float(int(call.now) + call.get("DurationSeconds", SESSION_DURATION))
    return {"Credentials": issue(call.caller, expires)}


@operation("sts", "GetAccessKeyInfo")
def get_access_key_info(call: Call) -> dict[str, Any]:
    """Return the account that an access key id belongs to."""
    account = account_of_key(call.state, call.params["AccessKeyId"])
    if account is None:
        raise AwsError("ValidationError", f"The access key {call.params['AccessKeyId']} is not known")
    return {"Account": account}


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Return the caller's account, ARN and id."""
    return {"UserId": call.caller.principal_id, "Account": call.caller.account, "Arn": call.caller.arn}
