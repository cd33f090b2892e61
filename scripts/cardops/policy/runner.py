"""Rules held against cases, in children that may die. A rule that ends its child is named, and the others go on."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from cardops.policy.cases import Case
from cardops.policy.outcomes import RuleOutcome
from cardops.policy.rules import Rule
from cardops.workers.child import Child, ChildDied, Do, processors, run

MANY = 512
"""From so many cases on it is worth the start of several processes."""
MOST_DEATHS = 2
MOST_IN_ALL = 6
STOPPED = "evaluations had to be stopped too often; what was left has not been checked"


class RuleResult(NamedTuple):
    """An outcome and what it is about: a rule and a case, one of them, or everything that was left."""

    rule: Rule | None
    case: Case | None
    outcome: RuleOutcome


# A rule's compilation (no case), the conversion of a case (no rule), or a rule asked about a case. There are many
# thousands, so they are plain tuples.
Unit = tuple[Rule | None, Case | None]


class _Losses:
    """What is not asked any more, because it has ended too many children."""

    def __init__(self) -> None:
        self.rules: Counter[str] = Counter()
        self.cases: Counter[int] = Counter()

    @property
    def any(self) -> bool:
        """Whether anything was lost."""
        return bool(self.rules or self.cases)

    def excludes(self, rule: Rule | None, case: Case | None) -> bool:
        """Whether a unit is left out."""
        lost = rule is not None and self.rules[rule.id] >= MOST_DEATHS
        return lost or (case is not None and self.cases[id(case)] >= MOST_DEATHS)

    def add(self, unit: Unit, reason: str) -> list[RuleResult]:
        """Count a death; a rule or a case that is given up is told too, since what it would say is not known."""
        rule, case = unit
        told = [RuleResult(rule, case, RuleOutcome("died", "", reason))]
        if rule is not None:
            self.rules[rule.id] += 1 if case is not None else MOST_DEATHS
            if case is not None and self.rules[rule.id] == MOST_DEATHS:
                told.append(RuleResult(rule, None, RuleOutcome("died", "", STOPPED)))
        if case is not None:
            self.cases[id(case)] += 1 if rule is not None else MOST_DEATHS
            if rule is not None and self.cases[id(case)] == MOST_DEATHS:
                told.append(RuleResult(None, case, RuleOutcome("died", "", STOPPED)))
        return told


def evaluate_cases(
    rules: Sequence[Rule], cases: Sequence[Case], skips: bool = False, compiled: Mapping[str, str] | None = None
) -> list[RuleResult]:
    """Compile every rule, and ask each case's rules about it. With `skips`, where a `when` does not hold is told.

    `compiled`: see Judge.
    """
    units: list[Unit] = [(rule, None) for rule in rules]
    for case in cases:
        units.append((None, case))
        units += [(rule, case) for rule in case.rules]
    if not units:
        return []
    import cardops.policy.evaluator  # noqa: F401 - now, and not once in each child

    many = processors() if len(cases) > MANY else 1
    told = _side_by_side(units, many, lambda: _worker(units, _Losses(), skips, compiled)) if many > 1 else None
    return _one_by_one(units, skips, compiled) if told is None else told


def _side_by_side(units: Sequence[Unit], processes: int, prepare: Callable[[], Do]) -> list[RuleResult] | None:
    """By several children, a part of the units each, in their order; None where one of them died."""
    size = -(-len(units) // processes)
    told: list[RuleResult] = []
    with ExitStack() as stack:
        parts = [range(start, min(start + size, len(units))) for start in range(0, len(units), size)]
        children = [stack.enter_context(Child(prepare, part)) for part in parts]
        for event in (event for child in children for event in child.results()):
            if isinstance(event, ChildDied):
                return None
            told += [RuleResult(*units[event.number], RuleOutcome(*found)) for found in event.found]
    return told


def _one_by_one(units: Sequence[Unit], skips: bool, compiled: Mapping[str, str] | None) -> list[RuleResult]:
    """By one child at a time. One that dies names what killed it, and the next one goes on after that."""
    told: list[RuleResult] = []
    losses = _Losses()
    first, deaths = 0, 0
    while first < len(units):
        start, first = first, len(units)
        for event in run(lambda: _worker(units, losses, skips, compiled), len(units), start):
            unit = units[event.number]
            if isinstance(event, ChildDied):
                told += losses.add(unit, event.reason)
                first, deaths = event.number + 1, deaths + 1
            else:
                told += [RuleResult(*unit, RuleOutcome(*found)) for found in event.found]
        if deaths == MOST_IN_ALL and first < len(units):
            told.append(RuleResult(None, None, RuleOutcome("died", "", STOPPED)))
            break
    return told


def _worker(
    units: Sequence[Unit], losses: _Losses, skips: bool, compiled: Mapping[str, str] | None
) -> Callable[[int], list[RuleOutcome] | None]:
    from cardops.policy import cel
    from cardops.policy.evaluator import RuleEvaluator

    judge = RuleEvaluator({rule.id: rule for rule, _ in units if rule}.values(), skips, compiled)
    current: Case | None = None
    variables: Mapping[str, Any] = {}
    bound: Any = None

    def do(number: int) -> list[RuleOutcome] | None:
        nonlocal current, variables, bound
        rule, case = units[number]
        if losses.any and losses.excludes(rule, case):
            return None
        if case is None:
            return (judge.faults(rule) or None) if rule else None
        if case is not current:
            current, variables = case, case.variables
            bound = cel.bind(variables)
        if rule is None:
            for variable in cel.WRITTEN.intersection(variables):
                cel.convert(bound, variable)
            return None
        return judge.ask(rule, bound, variables) or None

    return do
