"""Read GetResourceShareAssociations. Source: botocore's service model of `ram` and the RAM API reference."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from cardops.aws.client import Calls, utc
from cardops.model.observed import ENDING_STATE, Association

ENDED = frozenset({"DISASSOCIATED", "DISASSOCIATING", "FAILED"})
UNANSWERED = "ASSOCIATING"
"""The state of a principal who has an invitation to answer; RAM has no state of its own for it."""


class Associations:
    """All associations of one kind (PRINCIPAL or RESOURCE), of all own shares or of at most 100 by ARN.

    `of` holds them by share and entity: of two records of one entity the one that gives more access counts.
    `changed` has, by share, when any of them last changed, ended ones included.
    """

    def __init__(self, calls: Calls, kind: str, shares: Sequence[str] = ()) -> None:
        self.of: dict[str, dict[str, Association]] = defaultdict(dict)
        self.changed: dict[str, str] = {}
        operation = "GetResourceShareAssociations"
        request: dict[str, Any] = {"associationType": kind}
        if shares:
            request["resourceShareArns"] = list(shares)
        for record in calls.items(operation, "resourceShareAssociations", **request):
            with calls.reading(operation):
                self._add(
                    str(record["resourceShareArn"]), str(record["associatedEntity"]), str(record["status"]), record
                )

    def _add(self, arn: str, entity: str, state: str, record: Mapping[str, Any]) -> None:
        self.changed[arn] = max(self.changed.get(arn, ""), utc(record.get("lastUpdatedTime")))
        share = self.of[arn]
        if entity in share and _weight(share[entity].state) > _weight(state):
            return
        invited = utc(record.get("lastUpdatedTime")) if record.get("external") and state == UNANSWERED else ""
        share[entity] = Association(state, str(record.get("statusMessage") or ""), invited)


def _weight(state: str) -> int:
    """How much access a state gives: what is ending still works, and must not hide behind what has ended."""
    return 2 if state not in ENDED else 1 if state == ENDING_STATE else 0
