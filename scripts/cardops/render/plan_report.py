"""The input of every plan renderer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cardops.model.catalogue import TITLES
from cardops.model.desired import CardKey, Config
from cardops.model.findings import Finding, sort_findings
from cardops.plan.approvals import SignatureRequest
from cardops.plan.delta import PlanDelta
from cardops.plan.steps import Plan, Step
from cardops.render.links import NO_LINKS, Links


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan and its surroundings.

    `found` are findings beside the plan's own. `existing` are those that the base revision has too, in files that the
    change leaves alone: they are shown apart and block nothing. `remainder` compares with a base revision, or is None.
    `readers` names, for cards that are signed, who can use them already. `unknown` maps accounts and regions that could
    not be read to the reason. `titles` are the titles of the rules.
    """

    plan: Plan
    config: Config
    found: tuple[Finding, ...] = ()
    remainder: PlanDelta | None = None
    to_sign: tuple[SignatureRequest, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    links: Links = NO_LINKS
    titles: Mapping[str, str] = field(default_factory=lambda: TITLES)
    existing: frozenset[Finding] = frozenset()
    readers: Mapping[CardKey, Mapping[str, str]] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """Return all findings, sorted by location."""
        return sort_findings([*self.found, *self.plan.findings])

    @property
    def introduced(self) -> list[Finding]:
        """Return the findings that this change introduces or touches, sorted by location."""
        return [finding for finding in self.findings if finding not in self.existing]

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps that this change introduces, without tags-only bookkeeping."""
        return self.remainder.own if self.remainder else tuple(self.plan.differences())

    @property
    def held(self) -> Mapping[CardKey, str]:
        """Return the cards that are held because of this change."""
        return self.remainder.held if self.remainder else self.plan.held
