"""Errors that cardops raises on purpose, and the exit codes.

    CardopsError                        printed as one line with a hint
    ├── UsageError                      wrong options or environment (exit code 64)
    ├── GitError                        git cannot answer
    ├── UnreadableFileError             a path cannot be read as a file; reported as a finding
    ├── StaleRunError                   AWS already has a newer commit than HEAD
    └── CloudError                      AWS refused or did not answer
        ├── NotFoundError               the resource does not exist
        ├── AccessDeniedError           the caller may not do this
        │   ├── RoleNotAssumableError   there was no role to act as
        │   └── MissingPermissionError  the caller's own policy does not allow the action
        ├── NotSupportedByAwsError      AWS does not offer this for model cards
        └── StaleResourceError          the live resource differs from the one in the plan

Any other exception that reaches the command line is a bug and exits with code 70. Errors that name a position in a
text are strict_yaml.errors.YamlError.
"""

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, with the same meaning for every command and output format."""

    DONE = 0
    DENIED = 1
    DIFFERENT = 2
    INCOMPLETE = 3
    USAGE = 64
    BUG = 70
    INTERRUPTED = 130


WORST_FIRST = (
    ExitCode.INTERRUPTED,
    ExitCode.BUG,
    ExitCode.USAGE,
    ExitCode.INCOMPLETE,
    ExitCode.DENIED,
    ExitCode.DIFFERENT,
)


def worst_exit_code(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code to exit with when several apply: 130 > 70 > 64 > 3 > 1 > 2 > 0."""
    given = set(codes)
    return next((code for code in WORST_FIRST if code in given), ExitCode.DONE)


class CardopsError(Exception):
    """Base of all expected errors. `message` says what is wrong and where, `hint` what to do about it."""

    exit_code = ExitCode.INCOMPLETE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} (hint: {self.hint})" if self.hint else self.message


class UsageError(CardopsError):
    """Wrong options or environment."""

    exit_code = ExitCode.USAGE


class GitError(CardopsError):
    """git cannot answer, for example because of an unknown revision or a shallow clone."""


class UnreadableFileError(CardopsError):
    """A path cannot be read as a regular file. Reported as a finding."""


class StaleRunError(CardopsError):
    """AWS already has a commit that HEAD does not contain."""


class CloudError(CardopsError):
    """AWS refused or did not answer. `code` is the service's error code; messages never hold card content."""

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class NotFoundError(CloudError):
    """The resource does not exist."""


class AccessDeniedError(CloudError):
    """The caller may not do this."""


class RoleNotAssumableError(AccessDeniedError):
    """The role is missing or cannot be assumed. This says nothing about the role's permissions."""


class MissingPermissionError(AccessDeniedError):
    """The role's own policy does not allow the action. This says nothing about access granted to its account."""


class NotSupportedByAwsError(CloudError):
    """AWS does not offer this for model cards."""


class StaleResourceError(CloudError):
    """The live resource differs from the one in the plan, so nothing was written."""
