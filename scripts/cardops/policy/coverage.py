"""How far the rules cover a regulation on a day: what applies, what some rule looks at, and what is missing."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from cardops.model.findings import Level
from cardops.policy.enforcement import level_of
from cardops.policy.loader import PolicySet
from cardops.policy.packs import Clause, Pack

Coverage = Literal["covered", "missing", "not evidenced"]

COVERAGES: tuple[Coverage, ...] = ("covered", "missing", "not evidenced")


class CoveredClause(NamedTuple):
    """A clause, the day from which it applies, and the rules that cite it with their level in force.

    `coverage` is `missing` where a card could evidence the clause and no rule asks for it.
    """

    clause: Clause
    applies_from: str
    coverage: Coverage
    rules: Mapping[str, Level]


class Stage(NamedTuple):
    """The part of a text that begins to apply on one day. `to` names those it applies to, if not all."""

    applies_from: str
    title: str
    to: str
    clauses: tuple[CoveredClause, ...]

    def with_coverage(self, coverage: Coverage) -> list[CoveredClause]:
        """The clauses with this coverage."""
        return [one for one in self.clauses if one.coverage == coverage]


class PackCoverage(NamedTuple):
    """A pack on a day. `stages` are in order of their days; those after `on` do not apply yet."""

    pack: Pack
    on: str
    stages: tuple[Stage, ...]

    @property
    def applies(self) -> bool:
        """Return True if the text is in force on the day, as far as the pack knows."""
        return self.pack.status != "draft" and (not self.pack.ended or self.on < self.pack.ended)

    def applying(self) -> list[Stage]:
        """The stages that apply on the day."""
        return [stage for stage in self.stages if self.applies and stage.applies_from <= self.on]

    def to_come(self) -> list[Stage]:
        """The stages that begin later."""
        return [stage for stage in self.stages if self.applies and stage.applies_from > self.on]


def cover(policies: PolicySet, pack: Pack, on: str) -> PackCoverage:
    """Hold the rules against a pack as it applies on a day (YYYY-MM-DD)."""
    clauses = [_covered(policies, pack, clause) for clause in pack.clauses]
    stages = [Stage(pack.applies_from, pack.title, "", _of_part(clauses, ""))]
    for name, part in pack.parts.items():
        inside = _of_part(clauses, name)
        stages.append(Stage(part.applies_from, part.title, "", inside))
        stages += [Stage(one.applies_from, part.title, one.to, inside) for one in part.later]
    with_clauses = [stage for stage in stages if stage.clauses]
    return PackCoverage(pack, on, tuple(sorted(with_clauses, key=lambda stage: (stage.applies_from, stage.to != ""))))


def _covered(policies: PolicySet, pack: Pack, clause: Clause) -> CoveredClause:
    rules = {name: level_of(policies.rules[name], policies.enforcement) for name in clause.rules}
    coverage: Coverage = "covered" if rules else "not evidenced" if clause.not_covered else "missing"
    return CoveredClause(clause, pack.applies_to(clause), coverage, rules)


def _of_part(clauses: Iterable[CoveredClause], name: str) -> tuple[CoveredClause, ...]:
    return tuple(one for one in clauses if one.clause.part == name)
