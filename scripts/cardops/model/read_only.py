"""The results of verifying that principals can only read, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from cardops.model.desired import Means


class CheckResult(StrEnum):
    """The result of verifying one means, without writing anything."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "not verified"


class MeansCheck(NamedTuple):
    """One means that was verified for a principal and a card; `why` explains every result but HOLDS."""

    means: Means
    result: CheckResult
    why: str = ""


class PrincipalCard(NamedTuple):
    """A principal of a RAM share, and a card's ARN."""

    principal: str
    card: str


@dataclass(frozen=True, slots=True)
class ReadOnlyChecks:
    """The checks of each principal and card, and the unique ids of the roles that were looked at, by ARN.

    `trusted` are principals of which cardops.yaml says that their means is to be relied on without verification.
    """

    checks: Mapping[PrincipalCard, tuple[MeansCheck, ...]] = field(default_factory=dict)
    role_ids: Mapping[str, str] = field(default_factory=dict)
    trusted: frozenset[str] = frozenset()

    def of(self, principal: str, card: str) -> tuple[MeansCheck, ...]:
        """Return the checks of a principal and a card; none were made for a principal without means."""
        return self.checks.get(PrincipalCard(principal, card), ())

    def result(self, principal: str, card: str) -> CheckResult:
        """Combine the checks: one means that holds is enough; one that fails counts where none holds."""
        results = {check.result for check in self.of(principal, card)}
        for result in (CheckResult.HOLDS, CheckResult.FAILS):
            if result in results:
                return result
        return CheckResult.UNKNOWN

    def is_kept(self, principal: str, card: str) -> bool:
        """Return True if a means keeps the principal from writing the card: verified, or trusted and not refuted."""
        result = self.result(principal, card)
        return result is CheckResult.HOLDS or (result is CheckResult.UNKNOWN and principal in self.trusted)

    def why(self, principal: str, card: str) -> str:
        """Explain why no means is known to hold."""
        told = [f"{check.means}: {check.why}" for check in self.of(principal, card) if check.why]
        return "; ".join(told) or "no means was verified for it"
