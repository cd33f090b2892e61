"""What can go wrong, and the exit code that says so.

Expected errors derive from CardopsError and are printed as one line with a hint; anything else that reaches
the command line is a bug and exits 70.
"""

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """The same meaning for every command and format."""

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
    """The one code to exit with when several apply: 130 > 70 > 64 > 3 > 1 > 2 > 0."""
    given = set(codes)
    return next((code for code in WORST_FIRST if code in given), ExitCode.DONE)


class CardopsError(Exception):
    """It could not be done: `message` says what and where, `hint` what to do about it."""

    exit_code = ExitCode.INCOMPLETE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} (hint: {self.hint})" if self.hint else self.message


class UsageError(CardopsError):
    """Wrong flags or environment."""

    exit_code = ExitCode.USAGE


class GitError(CardopsError):
    """git cannot answer: no repository, an unknown revision, a shallow clone."""


class UnreadableFile(CardopsError):
    """A path that cannot be read as a file; becomes a finding."""


class StaleRun(CardopsError):
    """AWS already carries a commit that HEAD does not contain."""


class CloudError(CardopsError):
    """AWS refused or did not answer; `code` is the service's own error code, never its message's content."""

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class NotFound(CloudError):
    """The resource does not exist."""


class AccessDenied(CloudError):
    """The role may not do this."""


class RoleNotAssumable(AccessDenied):
    """There is no role to act as, or it cannot be assumed: that says nothing about what it may do."""


class MissingPermission(AccessDenied):
    """The role's own policy does not allow it: that says nothing about what its account was given."""


class NotSupportedByAws(CloudError):
    """AWS does not have this for model cards, whoever asks."""


class StaleResourceError(CloudError):
    """The live resource is not what the plan saw, so nothing was written to it."""
