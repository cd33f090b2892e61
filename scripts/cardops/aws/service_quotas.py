"""The Quotas port on Service Quotas. Source: botocore's model of `service-quotas`."""

from typing import Any

from cardops.aws.client import Calls, Pages
from cardops.aws.errors import Where

PAGES = Pages("NextToken", "MaxResults", 100)


class Boto3Quotas:
    """Implements ports.Quotas."""

    def __init__(self, client: Any, where: Where) -> None:
        self._calls = Calls(client, "servicequotas", PAGES, where)

    def value(self, service: str, code: str) -> int:
        """GetServiceQuota gives the applied value, whether it was raised or is AWS's default."""
        answer = self._calls.call("GetServiceQuota", code, ServiceCode=service, QuotaCode=code)
        with self._calls.reading("GetServiceQuota", code):
            return int(answer["Quota"]["Value"])
