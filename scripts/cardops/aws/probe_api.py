"""The Api of a probe on boto3, with the credentials at hand instead of the declared roles."""

from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from cardops.model.errors import CloudError

_CLIENTS = {"servicequotas": "service-quotas"}


class ProbeApi:
    """Implements commands.probe.Api for one region."""

    def __init__(self, region: str) -> None:
        self._session = boto3.session.Session(region_name=region or None)
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        """Make one request; raises CloudError with the service's error code."""
        try:
            if service not in self._clients:
                self._clients[service] = self._session.client(_CLIENTS.get(service, service))
            answer: dict[str, Any] = getattr(self._clients[service], xform_name(operation))(**request)
        except ClientError as error:
            given = error.response.get("Error", {})
            message = f"{service}:{operation}: {given.get('Code')}: {given.get('Message')}"
            raise CloudError(message, code=str(given.get("Code", ""))) from error
        except BotoCoreError as error:
            raise CloudError(f"{service}:{operation}: {error}") from error
        return answer

    def account(self) -> str:
        """Return the account that the credentials belong to."""
        return str(self.call("sts", "GetCallerIdentity")["Account"])

    @property
    def region(self) -> str:
        """The region that is probed."""
        return str(self._session.region_name or "")
