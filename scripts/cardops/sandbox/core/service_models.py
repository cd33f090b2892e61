"""botocore's service models as data: operations, shapes and errors."""

from functools import cache
from typing import Any

import botocore.loaders

from cardops.sandbox.errors import AwsError

SERVICES = {
    "sagemaker": "sagemaker",
    "ram": "ram",
    "kms": "kms",
    "sts": "sts",
    "iam": "iam",
    "organizations": "organizations",
    "servicequotas": "service-quotas",
}
"""The services by the name that requests are signed for, with the name of botocore's data files."""


class ServiceModel:
    """One service of botocore's data files (``service-2``), with the lookups that the protocols need."""

    def __init__(self, service: str, document: dict[str, Any]) -> None:
        self.service = service
        self.shapes: dict[str, Any] = document["shapes"]
        self.operations: dict[str, Any] = document["operations"]
        self.protocol: str = document["metadata"]["protocol"]
        self.namespace: str = document["metadata"].get("xmlNamespace", "")
        self.routes = {
            (item["http"]["method"], item["http"]["requestUri"]): name for name, item in self.operations.items()
        }

    def input_shape(self, operation: str) -> str | None:
        """The name of the operation's input shape, or None."""
        shape = self.operations[operation].get("input", {}).get("shape")
        return None if shape is None else str(shape)

    def errors_of(self, operation: str) -> frozenset[str]:
        """The error codes that the model lists for the operation."""
        return frozenset(item["shape"] for item in self.operations[operation].get("errors", []))

    def status_of(self, code: str) -> int:
        """The HTTP status of an error code; 400 where the model gives none."""
        shape = self.shapes.get(code) or self.shapes.get(f"{code}Exception", {})
        return int(shape.get("error", {}).get("httpStatusCode", 400))

    def message_key(self, code: str) -> str:
        """Return the name of the error's message member (SageMaker: Message, RAM: message)."""
        return "Message" if "Message" in self.shapes.get(code, {}).get("members", {}) else "message"


@cache
def service_model(service: str) -> ServiceModel:
    """Return the model of one of SERVICES; raises AwsError UnknownService for any other."""
    if service not in SERVICES:
        raise AwsError("UnknownService", f"The sandbox has no service {service!r}; it has {', '.join(SERVICES)}", 404)
    return ServiceModel(
        service,
        dict(botocore.loaders.Loader().load_service_model(SERVICES[service], "service-2")),
    )
