"""What a plan's renderers are given: the plan and what surrounds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cardops.model.desired import CardKey, Config
from cardops.model.findings import Finding, sort_findings
from cardops.plan.delta import PlanDelta
from cardops.plan.signing import SignatureRequest
from cardops.plan.steps import Plan, Step
from cardops.render.links import NO_LINKS, Links
from cardops.validation.catalogue import RULES


@dataclass(frozen=True, slots=True)
class PlanReport:
    """`found` are findings beside the plan's own; `remainder` is None where the plan stands alone; `unknown` are
    places that could not be read, with the reason; `titles` say what each rule demands.
    """

    plan: Plan
    config: Config
    found: tuple[Finding, ...] = ()
    remainder: PlanDelta | None = None
    to_sign: tuple[SignatureRequest, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    links: Links = NO_LINKS
    titles: Mapping[str, str] = field(default_factory=lambda: RULES)

    @property
    def findings(self) -> list[Finding]:
        """All of them, in the order of places."""
        return sort_findings([*self.found, *self.plan.findings])

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that this change is answerable for; bookkeeping is none."""
        return self.remainder.own if self.remainder else tuple(self.plan.differences())

    @property
    def held(self) -> Mapping[CardKey, str]:
        """The cards that wait because of this change."""
        return self.remainder.held if self.remainder else self.plan.held
