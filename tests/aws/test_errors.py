"""What botocore raises, as cardops' errors."""

from typing import Any

import pytest
from botocore import exceptions as botocore
from botocore.parsers import ResponseParserError

from cardops.aws.errors import explained
from cardops.model.errors import (
    AccessDeniedError,
    CloudError,
    MissingPermissionError,
    NotFoundError,
    RoleNotAssumableError,
)
from support.stubbed_client import WHERE

SECRET = "the purpose nobody may see"


def raised(error: Exception, action: str = "sagemaker:CreateModelCard") -> CloudError:
    with pytest.raises(CloudError) as caught, explained(action, "fraud", WHERE):
        raise error
    assert caught.value.__suppress_context__
    return caught.value


def refused(code: str, message: str = SECRET, operation: str = "CreateModelCard") -> botocore.ClientError:
    return botocore.ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize("code", ["ResourceNotFound", "UnknownResourceException"])
def test_missing_resources_are_not_found(code: str) -> None:
    assert type(raised(refused(code))) is NotFoundError


def test_denied_names_the_role_and_the_action() -> None:
    error = raised(refused("AccessDeniedException", "not  authorized\nto do it"))
    assert type(error) is AccessDeniedError
    assert error.message == (
        "sagemaker:CreateModelCard on fraud in 111111111111/eu-central-1: "
        "AccessDeniedException: not authorized to do it"
    )
    assert error.hint == "allow sagemaker:CreateModelCard to arn:aws:iam::111111111111:role/cardops"


def test_denied_role_is_told_as_such_wherever_it_happens() -> None:
    error = raised(refused("AccessDenied", "no", operation="AssumeRole"))
    assert type(error) is RoleNotAssumableError
    assert error.message.startswith("sts:AssumeRole on arn:aws:iam::111111111111:role/cardops in ")
    assert "trust policy" in error.hint


@pytest.mark.parametrize(
    ("because", "kind"),
    [
        ("no identity-based policy allows the sagemaker:DescribeModelCard action", MissingPermissionError),
        ("no permissions boundary allows the sagemaker:DescribeModelCard action", MissingPermissionError),
        ("no session policy allows the sagemaker:DescribeModelCard action", MissingPermissionError),
        ("no resource-based policy allows the sagemaker:DescribeModelCard action", AccessDeniedError),
        ("of an explicit deny in a service control policy", AccessDeniedError),
    ],
)
def test_what_the_role_itself_may_not_do_is_told_apart(because: str, kind: type[AccessDeniedError]) -> None:
    assert type(raised(refused("AccessDeniedException", f"not authorized, because {because}"))) is kind


@pytest.mark.parametrize("code", ["ValidationException", "SomethingNew", "SerializationException"])
@pytest.mark.parametrize("action", ["CreateModelCard", "UpdateModelCard"])
def test_messages_that_may_quote_content_are_withheld(code: str, action: str) -> None:
    error = raised(refused(code), f"sagemaker:{action}")
    assert (error.code, SECRET in str(error)) == (code, False)


def test_validation_is_explained_where_a_request_has_no_content() -> None:
    assert raised(refused("ValidationException", "bad name"), "sagemaker:DeleteModelCard").message.endswith(
        "ValidationException: bad name"
    )


def test_limits_are_explained_for_content_too() -> None:
    assert "at most 5" in raised(refused("ResourceLimitExceeded", "at most 5")).message


def test_parameter_validation_shows_no_value() -> None:
    error = raised(botocore.ParamValidationError(report=SECRET))
    assert (error.code, SECRET in str(error)) == ("ParamValidationError", False)


@pytest.mark.parametrize(
    "error",
    [botocore.NoCredentialsError(), botocore.ProfileNotFound(profile="x"), refused("ExpiredTokenException")],
)
def test_bad_credentials_say_how_to_give_some(error: Exception) -> None:
    assert "AWS_PROFILE" in raised(error).hint


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (botocore.HTTPClientError(error="Invalid header value b'AWS4-HMAC'"), "contain a line end"),
        (FileNotFoundError("token"), "web_identity_token_file"),
        (botocore.ConfigParseError(path="/home/a/.aws/config", error="x"), "/home/a/.aws/config"),
        (botocore.InvalidConfigError(error_msg="The source_profile x does not exist"), "source_profile x"),
    ],
)
def test_broken_credentials_say_which_part_is_broken(error: Exception, hint: str) -> None:
    assert hint in raised(error).hint


@pytest.mark.parametrize(
    "kind", [botocore.EndpointConnectionError, botocore.ConnectTimeoutError, botocore.ReadTimeoutError]
)
def test_unreachable_endpoint_is_named(kind: Any) -> None:
    error = raised(kind(endpoint_url="http://localhost:1", error="x"))
    assert error.code == kind.__name__
    assert "http://localhost:1" in error.hint


@pytest.mark.parametrize(
    "error",
    [botocore.NoRegionError(), ResponseParserError(SECRET), ValueError(f"Invalid endpoint: {SECRET}")],
)
def test_anything_else_of_botocore_is_named_by_its_type(error: Exception) -> None:
    told = raised(error)
    assert told.code == type(error).__name__
    assert SECRET not in str(told)
