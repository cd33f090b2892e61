"""The Identities port on IAM.

Sources: botocore's model of `iam`; IAM API reference, "SimulatePrincipalPolicy" and "EvaluationResult"; IAM User
Guide, "IAM policy testing with the IAM policy simulator". The simulator judges identity policies, the boundary and
service control policies, never resource policies of roles, and knows no other condition keys than it is given.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cardops.aws.client import Calls, Pages
from cardops.aws.errors import Where
from cardops.model.ports import Simulation

PAGES = Pages("Marker", "MaxItems", 1000)
OWN_POLICIES = ("inline", "aws-managed", "user-managed", "permission-boundary")
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    separators=(",", ":"),
)


class Boto3Identities:
    """Implements ports.Identities."""

    def __init__(self, client: Any, where: Where) -> None:
        self._calls = Calls(client, "iam", PAGES, where)

    def role_id(self, name: str) -> str:
        """GetRole takes the plain name, without the path."""
        plain = name.rpartition("/")[2]
        answer = self._calls.call("GetRole", plain, RoleName=plain)
        with self._calls.reading("GetRole", plain):
            return str(answer["Role"]["RoleId"])

    def simulate(self, question: Simulation) -> dict[tuple[str, str], str]:
        """One call and its pages, whatever the number of resources."""
        request: dict[str, Any] = {
            "PolicySourceArn": question.source,
            "ActionNames": list(question.actions),
            "ResourceArns": list(question.resources),
            "ContextEntries": [
                {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for key, value in question.context.items()
            ],
        }
        if question.only_organization:
            request |= {
                "PolicyInputList": [EVERYTHING],
                "PermissionsBoundaryPolicyInputList": [EVERYTHING],
                "PolicyExclusionList": [{"PolicyType": kind} for kind in OWN_POLICIES],
            }
        operation = "SimulatePrincipalPolicy"
        results = self._calls.items(operation, "EvaluationResults", question.source, **request)
        with self._calls.reading(operation, question.source):
            return {key: decision for result in results for key, decision in _decisions(result, question)}


def _decisions(result: Mapping[str, Any], question: Simulation) -> Iterator[tuple[tuple[str, str], str]]:
    """Read both forms of an answer: results for each resource within one, or one result for each resource."""
    action = str(result["EvalActionName"])
    specific = result.get("ResourceSpecificResults") or ()
    for one in specific:
        yield (action, str(one["EvalResourceName"])), str(one["EvalResourceDecision"])
    if not specific:
        name = str(result.get("EvalResourceName", ""))
        for resource in question.resources if name in ("", "*") else (name,):
            yield (action, resource), str(result["EvalDecision"])
