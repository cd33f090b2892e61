"""The error that operations raise."""


class AwsError(Exception):
    """An error answer of a service.

    ``code`` is the service's own error code; ``status`` the HTTP status, or None for the status that botocore's
    model gives to this code (400 when it gives none).
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
