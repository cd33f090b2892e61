"""Translate botocore's exceptions to cardops' errors. Content never gets into a message."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore import exceptions as botocore
from botocore.parsers import ResponseParserError

from cardops.model.desired import AccountRegion
from cardops.model.errors import (
    AccessDeniedError,
    CloudError,
    MissingPermissionError,
    NotFoundError,
    RoleNotAssumableError,
)

NOT_FOUND = frozenset(
    {
        "NoSuchEntity",
        "NoSuchEntityException",
        "NotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "ResourceShareInvitationArnNotFoundException",
        "UnknownResourceException",
    }
)
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
# How IAM says that it was the caller's own policies (IAM User Guide, access denied error messages).
OWN_POLICY = re.compile("identity-based policy|permissions boundary|session policy")
BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
# Codes whose message speaks of names, limits and roles, never of what a request carries.
RELAYED = (
    NOT_FOUND
    | DENIED
    | BAD_CREDENTIALS
    | frozenset(
        {
            "ConflictException",
            "IdempotentParameterMismatchException",
            "InvalidPolicyException",
            "InvalidStateTransitionException",
            "MalformedPolicyTemplateException",
            "OperationNotPermittedException",
            "PermissionAlreadyExistsException",
            "PermissionLimitExceededException",
            "PermissionVersionsLimitExceededException",
            "ResourceLimitExceeded",
            "ResourceShareInvitationExpiredException",
            "ResourceShareLimitExceededException",
            "ServiceUnavailableException",
            "TagLimitExceededException",
            "ThrottlingException",
        }
    )
)
# AWS quotes the offending value in these, so their message is told only where the request has no content.
QUOTING = frozenset({"InvalidParameterException", "MalformedArnException", "ValidationError", "ValidationException"})
CARRY_CONTENT = frozenset({"CreateModelCard", "UpdateModelCard"})
# Told in our own words, wherever AWS's message contains them (SageMaker answers ValidationException).
KNOWN_TEXTS = ("Model Card is being deleted", "Model Card is in Archived state")

NO_CREDENTIALS = (
    botocore.NoCredentialsError,
    botocore.PartialCredentialsError,
    botocore.CredentialRetrievalError,
    botocore.ProfileNotFound,
    botocore.SSOError,
    botocore.TokenRetrievalError,
)
CREDENTIALS_HINT = (
    "give boto3 credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, "
    "or a role of the machine that runs this"
)
HINTS = dict.fromkeys(BAD_CREDENTIALS, CREDENTIALS_HINT) | {
    "IdempotentParameterMismatchException": "another apply asked for nearly the same a moment ago; plan again"
}
BLANK_CREDENTIALS_HINT = (
    "the credentials contain a line end or another invalid character: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY "
    "and AWS_SESSION_TOKEN, which are often stored with the line end of a file"
)
INVALID_HEADER = re.compile("[Ii]nvalid header|header value|Header value")
"""How the HTTP client refuses a header that was made from such a credential."""
LONGEST_MESSAGE = 300
ASSUME = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class Where:
    """The account, Region and role of a call. The role's ARN is empty for the caller's own credentials."""

    place: AccountRegion
    role: str = ""

    def __str__(self) -> str:
        return "/".join(self.place)


@contextmanager
def explained(action: str, resource: str, where: Where) -> Iterator[None]:
    """Turn what botocore raises into CloudError or one of its subclasses; `action` is `service:Operation`."""
    try:
        yield
    except botocore.ClientError as error:
        raise _refused(error, action, resource, where) from None
    except NO_CREDENTIALS as error:
        raise _failed(error, action, resource, where, CREDENTIALS_HINT) from None
    except (botocore.ConfigNotFound, botocore.ConfigParseError, botocore.InvalidConfigError) as error:
        raise _failed(error, action, resource, where, _config_hint(error)) from None
    except (botocore.HTTPClientError, botocore.ConnectionError) as error:
        if INVALID_HEADER.search(str(error)):
            raise _failed(error, action, resource, where, BLANK_CREDENTIALS_HINT) from None
        endpoint = error.kwargs.get("endpoint_url") or "the service's endpoint"
        hint = f"check that {endpoint} can be reached, and AWS_ENDPOINT_URL and the proxy if they are set"
        raise _failed(error, action, resource, where, hint) from None
    except botocore.ParamValidationError as error:
        hint = "a value has a type or a length that AWS does not take; it is not shown because it may be content"
        raise _failed(error, action, resource, where, hint) from None
    except (botocore.BotoCoreError, ResponseParserError) as error:
        raise _failed(error, action, resource, where) from None
    except ValueError as error:  # how botocore refuses an endpoint that is no URL
        raise _failed(error, action, resource, where, "check AWS_ENDPOINT_URL") from None
    except FileNotFoundError as error:  # how botocore reports a missing token file
        hint = "the file that AWS_WEB_IDENTITY_TOKEN_FILE or the profile's web_identity_token_file names is missing"
        raise _failed(error, action, resource, where, hint) from None
    except RuntimeError as error:  # how botocore refuses fresh credentials that have already expired
        raise _failed(error, action, resource, where, "check this machine's clock") from None


def _config_hint(error: botocore.BotoCoreError) -> str:
    """Name the file or the profile in AWS's configuration that cannot be used; neither is a secret."""
    named = error.kwargs.get("path") or error.kwargs.get("error_msg") or "the file that AWS_CONFIG_FILE names"
    return f"check AWS's configuration: {' '.join(str(named).split())[:LONGEST_MESSAGE]}"


def _failed(error: Exception, action: str, resource: str, where: Where, hint: str = "") -> CloudError:
    code = type(error).__name__
    return CloudError(f"{_what(action, resource, where)}: {code}", hint, code)


def _refused(error: botocore.ClientError, action: str, resource: str, where: Where) -> CloudError:
    code = str(error.response.get("Error", {}).get("Code", "")) or "Unknown"
    if error.operation_name == "AssumeRole":  # botocore fetches a role's credentials inside another call
        action, resource = ASSUME, where.role
    message = f"{_what(action, resource, where)}: {code}"
    said = _told(code, str(error.response.get("Error", {}).get("Message", "")), action)
    if said:
        message += f": {said}"
    if code in NOT_FOUND:
        return NotFoundError(message, code=code)
    if code in DENIED:
        own = OWN_POLICY.search(str(error.response.get("Error", {}).get("Message", "")))
        kind = RoleNotAssumableError if action == ASSUME else MissingPermissionError if own else AccessDeniedError
        return kind(message, _denied_hint(action, where), code)
    return CloudError(message, HINTS.get(code, ""), code)


def _what(action: str, resource: str, where: Where) -> str:
    return f"{action} on {resource} in {where}" if resource else f"{action} in {where}"


def _told(code: str, message: str, action: str) -> str:
    known = next((text for text in KNOWN_TEXTS if text.lower() in message.lower()), "")
    if known:
        return known
    has_content = action.partition(":")[2] in CARRY_CONTENT
    if code in RELAYED or (code in QUOTING and not has_content):
        return " ".join(message.split())[:LONGEST_MESSAGE]
    return ""


def _denied_hint(action: str, where: Where) -> str:
    if action == ASSUME:
        return f"let the caller assume {where.role}: its trust policy and the caller's own policy must allow it"
    return f"allow {action} to {where.role or 'the calling identity'}"
