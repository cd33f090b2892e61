"""Access keys and session credentials, and the errors for invalid ones."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from cardops.sandbox.errors import AwsError

_ADMINISTRATOR = re.compile(r"AKIA(\d{12})[A-Z0-9]{4}")
_SESSION = re.compile(r"ASIA(\d{12})([A-Z2-7]{4})")


@dataclass(frozen=True, slots=True)
class Caller:
    """An account's administrator, or a session of a role (``role`` is its name, without a path)."""

    account: str
    role: str | None = None
    session: str | None = None
    role_path: str | None = None

    @property
    def arn(self) -> str:
        """The ARN that STS and error messages show."""
        if self.role is None:
            return f"arn:aws:iam::{self.account}:user/administrator"
        return f"arn:aws:sts::{self.account}:assumed-role/{self.role}/{self.session}"

    @property
    def role_arn(self) -> str | None:
        """The IAM role's ARN, which RAM knows as a principal."""
        return f"arn:aws:iam::{self.account}:role/{self.role_path}" if self.role else None

    @property
    def principal_id(self) -> str:
        """The unique id of the user or role session."""
        mark = hashlib.sha256(self.arn.encode()).hexdigest()[:16].upper()
        return f"AIDA{mark}" if self.role is None else f"AROA{mark}:{self.session}"


def issue(account: str, role_path: str, session: str, expires: float) -> dict[str, Any]:
    """Issue temporary credentials whose session token carries account, role and expiry (epoch seconds).

    They are not stored, so they survive a restart and a reset.
    """
    claims = {"account": account, "role": role_path, "session": session, "expires": expires}
    token = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return {
        "AccessKeyId": f"ASIA{account}{_mark(token)}",
        "SecretAccessKey": hashlib.sha256(token.encode()).hexdigest()[:40],
        "SessionToken": token,
        "Expiration": expires,
    }


def _mark(token: str) -> str:
    return base64.b32encode(hashlib.sha256(token.encode()).digest())[:4].decode()


def authenticate(service: str, key: str, token: str | None, now: float) -> Caller:
    """Return the caller that a key belongs to; raises AwsError for an unknown key or an expired session."""
    found = _ADMINISTRATOR.fullmatch(key)
    if found:
        return Caller(found[1])
    session = _SESSION.fullmatch(key)
    if session is None or token is None or _mark(token) != session[2]:
        raise _unknown(service)
    claims = json.loads(base64.urlsafe_b64decode(token))
    if claims["account"] != session[1]:
        raise _unknown(service)
    if claims["expires"] <= now:
        code = "ExpiredToken" if service == "sts" else "ExpiredTokenException"
        raise AwsError(
            code,
            "The security token included in the request is expired",
            403 if service != "sagemaker" else 400,
        )
    path = str(claims["role"])
    return Caller(session[1], path.rpartition("/")[2], claims["session"], path)


def _unknown(service: str) -> AwsError:
    message = "The security token included in the request is invalid."
    if service == "sts":
        return AwsError("InvalidClientTokenId", message, 403)
    return AwsError("UnrecognizedClientException", message, 400 if service == "sagemaker" else 403)
