"""Access keys and session credentials, and the errors for invalid ones."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from cardops.sandbox.errors import AwsError
from cardops.sandbox.state import State

_ADMINISTRATOR = re.compile(r"AKIA(\d{12})[A-Z0-9]{4}")
_SESSION = re.compile(r"ASIA(\d{12})([A-Z2-7]{4})")
ADMINISTRATOR = "administrator"


def partition_of(region: str) -> str:
    """Return the partition that a region belongs to."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


@dataclass(frozen=True, slots=True)
class Caller:
    """An account's administrator, an IAM user, or a session of a role.

    ``role`` is the role's name, ``role_path`` its name with its path; ``user`` a user's name with its path. ``id`` is
    the unique id of a role or user that IAM knows. ``session_policies`` is None without session policies. A caller
    without an account sent an unsigned request.
    """

    account: str
    role: str | None = None
    session: str | None = None
    role_path: str | None = None
    user: str | None = None
    id: str | None = None
    session_policies: tuple[str, ...] | None = None
    tags: tuple[tuple[str, str], ...] = ()
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """The ARN that STS and error messages show."""
        if self.role is None:
            return f"arn:{self.partition}:iam::{self.account}:user/{self.user or ADMINISTRATOR}"
        return f"arn:{self.partition}:sts::{self.account}:assumed-role/{self.role}/{self.session}"

    @property
    def role_arn(self) -> str | None:
        """The IAM role's ARN, which RAM accepts as a principal."""
        return f"arn:{self.partition}:iam::{self.account}:role/{self.role_path}" if self.role else None

    @property
    def principal_id(self) -> str:
        """The unique id of the user or role session."""
        if self.role is None:
            return self.id or f"AIDA{_mark_of(self.arn)}"
        return f"{self.id or f'AROA{_mark_of(self.arn)}'}:{self.session}"


def _mark_of(arn: str) -> str:
    return hashlib.sha256(arn.encode()).hexdigest()[:16].upper()


def issue(caller: Caller, expires: float) -> dict[str, Any]:
    """Issue temporary credentials whose session token carries the caller and the expiry (epoch seconds).

    They are not stored, so they survive a restart and a reset.
    """
    claims: dict[str, Any] = {"account": caller.account, "role": caller.role_path, "session": caller.session}
    claims["expires"] = expires
    claims |= {"user": caller.user, "id": caller.id, "policies": caller.session_policies, "tags": dict(caller.tags)}
    token = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return {
        "AccessKeyId": f"ASIA{caller.account}{_mark(token)}",
        "SecretAccessKey": hashlib.sha256(token.encode()).hexdigest()[:40],
        "SessionToken": token,
        "Expiration": expires,
    }


def _mark(token: str) -> str:
    return base64.b32encode(hashlib.sha256(token.encode()).digest())[:4].decode()


def account_of_key(state: State, key: str) -> str | None:
    """Return the account that an access key id belongs to, or None for an unknown key."""
    found = _ADMINISTRATOR.fullmatch(key) or _SESSION.fullmatch(key)
    if found:
        return found[1]
    caller = _user_of_key(state, key, "aws")
    return caller.account if caller else None


def _user_of_key(state: State, key: str, partition: str) -> Caller | None:
    for iam in state.iam.values():
        for user in iam.users.values():
            if user.keys.get(key) == "Active":
                name = f"{user.path}{user.name}".lstrip("/")
                return Caller(iam.account, user=name, id=user.id, partition=partition)
    return None


def authenticate(state: State, service: str, region: str, key: str, token: str | None, now: float) -> Caller:
    """Return the caller that a key belongs to; raises AwsError for an unknown key or an expired session.

    An empty key is an unsigned request.
    """
    partition = partition_of(region)
    if not key:
        return Caller("", partition=partition)
    found = _ADMINISTRATOR.fullmatch(key)
    if found:
        return Caller(found[1], partition=partition)
    session = _SESSION.fullmatch(key)
    if session is None:
        user = _user_of_key(state, key, partition)
        if user is None:
            raise _unknown(service)
        return user
    if token is None or _mark(token) != session[2]:
        raise _unknown(service)
    claims = json.loads(base64.urlsafe_b64decode(token))
    if claims["account"] != session[1]:
        raise _unknown(service)
    if claims["expires"] <= now:
        code = "ExpiredToken" if service in ("sts", "iam") else "ExpiredTokenException"
        status = 403 if service != "sagemaker" else 400
        raise AwsError(code, "The security token included in the request is expired", status)
    return _session(claims, partition)


def _session(claims: dict[str, Any], partition: str) -> Caller:
    path, policies = claims["role"], claims.get("policies")
    return Caller(
        claims["account"],
        path.rpartition("/")[2] if path else None,
        claims["session"],
        path,
        claims.get("user"),
        claims.get("id"),
        None if policies is None else tuple(policies),
        tuple(claims.get("tags", {}).items()),
        partition,
    )


def _unknown(service: str) -> AwsError:
    message = "The security token included in the request is invalid."
    if service in ("sts", "iam"):
        return AwsError("InvalidClientTokenId", message, 403)
    return AwsError("UnrecognizedClientException", message, 400 if service == "sagemaker" else 403)
