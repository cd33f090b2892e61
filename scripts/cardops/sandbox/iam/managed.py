"""AWS managed policies that the sandbox knows. ReadOnlyAccess covers the sandbox's services only."""

import json
from collections.abc import Mapping

_FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_READS = ("Describe*", "Get*", "List*", "Search", "BatchDescribe*", "BatchGet*")
_SERVICES = ("sagemaker", "ram", "kms", "iam", "organizations", "servicequotas")


def _document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ALLOW_ALL = _document(_FULL)
ADMINISTRATOR_ACCESS = "AdministratorAccess"
DOCUMENTS = {
    ADMINISTRATOR_ACCESS: ALLOW_ALL,
    "PowerUserAccess": _document(
        {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["iam:ListRoles", "organizations:DescribeOrganization"], "Resource": "*"},
    ),
    "ReadOnlyAccess": _document(
        {"Effect": "Allow", "Action": [f"{name}:{read}" for name in _SERVICES for read in _READS], "Resource": "*"}
    ),
    "IAMReadOnlyAccess": _document(
        {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "iam:Simulate*"], "Resource": "*"}
    ),
}


def managed_document(arn: str) -> str | None:
    """Return the document of an AWS managed policy by its ARN, or None."""
    head, _, name = arn.rpartition("/")
    return DOCUMENTS.get(name) if head.endswith(":iam::aws:policy") else None
