"""Model package versions, and the marks that cardops leaves on them. No I/O.

A package version has no tags of its own (tags belong to its group), so cardops marks what it wrote in the
version's customer metadata: the same call that sets the approval sets the marks, and no state file is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from cardops.model.desired import Status

MARK_REPOSITORY = "cardops:repository"
MARK_COMMIT = "cardops:commit"
MARK_APPROVAL = "cardops:approval"


class Approval(StrEnum):
    """SageMaker's ModelApprovalStatus, from what gives least to what gives most."""

    REJECTED = "Rejected"
    PENDING = "PendingManualApproval"
    APPROVED = "Approved"

    @property
    def rank(self) -> int:
        """0 for Rejected to 2 for Approved: a lower rank is narrower."""
        return list(Approval).index(self)


APPROVAL_OF = {
    Status.DRAFT: Approval.PENDING,
    Status.PENDING_REVIEW: Approval.PENDING,
    Status.APPROVED: Approval.APPROVED,
    Status.ARCHIVED: Approval.REJECTED,
}
"""The approval that a card's status gives its model package."""


class PackageKey(NamedTuple):
    """A version of a model package group: account id, region, group, version (from 1)."""

    account: str
    region: str
    group: str
    version: int

    def __str__(self) -> str:
        return f"{self.group}/{self.version}"


@dataclass(frozen=True, slots=True)
class ObservedPackage:
    """A live package version. `marks` are the customer metadata; empty as well where only the list was read."""

    key: PackageKey
    approval: Approval
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages that declared cards name. `unknown`: groups (account, region, group) not read, and why."""

    found: Mapping[PackageKey, ObservedPackage] = field(default_factory=dict)
    unknown: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
