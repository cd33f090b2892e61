"""Evaluate cases in limited child processes; name a rule that kills its child, and go on with the others."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from cardops.policy.cases import Case
from cardops.policy.outcomes import RuleOutcome
from cardops.policy.rules import Rule
from cardops.workers.child import Child, ChildDied, Do, processors, run

CASES_WORTH_PROCESSES = 512
"""From so many cases on it is worth the start of several processes."""
MAX_DEATHS = 2
"""A rule or a case that has ended so many children is given up."""
MAX_DEATHS_IN_ALL = 6
STOPPED = "evaluations had to be stopped too often; what was left has not been checked"


class RuleResult(NamedTuple):
    """An outcome and its subject: a rule and a case, one of them, or everything that was left."""

    rule: Rule | None
    case: Case | None
    outcome: RuleOutcome


# A rule's compilation (no case), the conversion of a case (no rule), or a rule evaluated for a case. There are many
# thousands, so they are plain tuples.
Unit = tuple[Rule | None, Case | None]


class _Losses:
    """Rules and cases that are given up, because they have ended too many children."""

    def __init__(self) -> None:
        self.rules: Counter[str] = Counter()
        self.cases: Counter[int] = Counter()

    @property
    def any(self) -> bool:
        """Return True if anything was lost."""
        return bool(self.rules or self.cases)

    def excludes(self, rule: Rule | None, case: Case | None) -> bool:
        """Return True if a unit is left out."""
        lost = rule is not None and self.rules[rule.id] >= MAX_DEATHS
        return lost or (case is not None and self.cases[id(case)] >= MAX_DEATHS)

    def add(self, unit: Unit, reason: str) -> list[RuleResult]:
        """Count a death; a rule or a case that is given up is reported too, since its outcomes are not known."""
        rule, case = unit
        results = [RuleResult(rule, case, _stopped(reason))]
        if rule is not None:
            self.rules[rule.id] += 1 if case is not None else MAX_DEATHS
            if case is not None and self.rules[rule.id] == MAX_DEATHS:
                results.append(RuleResult(rule, None, _stopped(STOPPED)))
        if case is not None:
            self.cases[id(case)] += 1 if rule is not None else MAX_DEATHS
            if rule is not None and self.cases[id(case)] == MAX_DEATHS:
                results.append(RuleResult(None, case, _stopped(STOPPED)))
        return results


def evaluate_cases(rules: Sequence[Rule], cases: Sequence[Case], everything: bool = False) -> list[RuleResult]:
    """Compile every rule of `rules`, and evaluate each case's rules. With `everything`, report passes and skips too."""
    units: list[Unit] = [(rule, None) for rule in rules]
    for case in cases:
        units.append((None, case))
        units += [(rule, case) for rule in case.rules]
    if not units:
        return []
    import cardops.policy.evaluator  # noqa: F401 - once, and not in each child; a run without units does without CEL

    many = processors() if len(cases) > CASES_WORTH_PROCESSES else 1
    results = _side_by_side(units, many, lambda: _worker(units, _Losses(), everything)) if many > 1 else None
    return _one_by_one(units, everything) if results is None else results


def _side_by_side(units: Sequence[Unit], processes: int, prepare: Callable[[], Do]) -> list[RuleResult] | None:
    """Use several children, with a part of the units each, in their order; return None if one of them died."""
    size = -(-len(units) // processes)
    results: list[RuleResult] = []
    with ExitStack() as stack:
        parts = [range(start, min(start + size, len(units))) for start in range(0, len(units), size)]
        children = [stack.enter_context(Child(prepare, part)) for part in parts]
        for event in (event for child in children for event in child.results()):
            if isinstance(event, ChildDied):
                return None
            results += [RuleResult(*units[event.number], RuleOutcome(*found)) for found in event.found]
    return results


def _one_by_one(units: Sequence[Unit], everything: bool) -> list[RuleResult]:
    """Use one child at a time. One that dies names its killer, and the next one goes on after that."""
    results: list[RuleResult] = []
    losses = _Losses()
    first, deaths = 0, 0
    while first < len(units):
        start, first = first, len(units)
        for event in run(lambda: _worker(units, losses, everything), len(units), start):
            unit = units[event.number]
            if isinstance(event, ChildDied):
                results += losses.add(unit, event.reason)
                first, deaths = event.number + 1, deaths + 1
            else:
                results += [RuleResult(*unit, RuleOutcome(*found)) for found in event.found]
        if deaths == MAX_DEATHS_IN_ALL and first < len(units):
            results.append(RuleResult(None, None, _stopped(STOPPED)))
            break
    return results


def _stopped(reason: str) -> RuleOutcome:
    return RuleOutcome("error", "", reason, cause="stopped")


def _worker(units: Sequence[Unit], losses: _Losses, everything: bool) -> Callable[[int], list[RuleOutcome] | None]:
    from cardops.policy import cel
    from cardops.policy.evaluator import RuleEvaluator

    evaluator = RuleEvaluator({rule.id: rule for rule, _ in units if rule}.values(), everything)
    current: Case | None = None
    variables: Mapping[str, Any] = {}
    bound: Any = None

    def do(number: int) -> list[RuleOutcome] | None:
        nonlocal current, variables, bound
        rule, case = units[number]
        if losses.any and losses.excludes(rule, case):
            return None
        if case is None:
            return (evaluator.faults(rule) or None) if rule else None
        if case is not current:
            current, variables = case, case.variables
            bound = cel.bind(variables)
        if rule is None:
            for variable in cel.WRITTEN.intersection(variables):
                cel.convert(bound, variable)
            return None
        return evaluator.evaluate(rule, bound, variables) or None

    return do
