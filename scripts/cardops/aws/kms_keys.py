"""KMS keys. Sources: botocore's model of `kms` and the KMS API reference."""

from typing import Any

from cardops.aws.client import Calls, Pages
from cardops.aws.errors import Where
from cardops.model.ports import KeyGrant

PAGES = Pages("NextMarker", "Limit", 100, "Marker")


class Boto3Keys:
    """Implements ports.Keys."""

    def __init__(self, client: Any, where: Where) -> None:
        self._calls = Calls(client, "kms", PAGES, where)

    def arn(self, key_id: str) -> str:
        """DescribeKey takes an id, an alias or an ARN of either, and answers with the key's own ARN."""
        answer = self._calls.call("DescribeKey", key_id, KeyId=key_id)
        with self._calls.reading("DescribeKey", key_id):
            return str(answer["KeyMetadata"]["Arn"])

    def policy(self, arn: str) -> str:
        """GetKeyPolicy takes an id or a key's ARN, no alias; a key's only policy is named `default`."""
        answer = self._calls.call("GetKeyPolicy", arn, KeyId=arn, PolicyName="default")
        with self._calls.reading("GetKeyPolicy", arn):
            return str(answer["Policy"])

    def grants(self, arn: str) -> list[KeyGrant]:
        """ListGrants takes an id or a key's ARN."""
        found = self._calls.items("ListGrants", "Grants", arn, KeyId=arn)
        with self._calls.reading("ListGrants", arn):
            return [
                KeyGrant(str(one.get("GranteePrincipal", "*")), frozenset(map(str, one.get("Operations") or ())))
                for one in found
            ]
