"""Errors of IAM."""

from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.grammar import Kind, MalformedPolicy, check


def no_such(kind: str, name: str) -> AwsError:
    """Return the error for a role, user or policy that does not exist."""
    return AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)


def exists(kind: str, name: str) -> AwsError:
    """Return the error for a name that is taken."""
    return AwsError("EntityAlreadyExists", f"{kind} with name {name} already exists.", 409)


def invalid(message: str) -> AwsError:
    """Return the error for an input that IAM refuses."""
    return AwsError("InvalidInput", message, 400)


def checked(text: str, kind: Kind) -> str:
    """Return a policy document that follows the grammar; raises MalformedPolicyDocument."""
    try:
        check(text, kind)
    except MalformedPolicy as error:
        raise AwsError("MalformedPolicyDocument", str(error), 400) from error
    return text
