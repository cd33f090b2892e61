"""Combine up to eight rules into one CEL expression that is true if all of them pass.

Any other answer, an error included, decides nothing: each rule is then evaluated by itself. A `when` chooses with
`?:`, which passes its errors on; `||` would drop them. Bundles save about a quarter of the time of a cold run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from cardops.policy.rules import ForEach, Rule
from cardops.policy.summary import params_name

MAX_RULES = 8
"""More rules in one expression save little, and each has to be evaluated by itself where one of them fails."""


class Predicate(Protocol):
    """A compiled expression."""

    def holds(self, facts: Any) -> Any: ...


class Bundle(NamedTuple):
    """Rules with one expression for all of them; without one, each has to be evaluated by itself."""

    rules: Sequence[Rule]
    program: Predicate | None

    def passes(self, bound: Any) -> bool:
        """Return True if every rule is known to pass for the facts in `bound`."""
        return self.program is not None and self.program.holds(bound) is True


def divide(rules: Iterable[Rule]) -> Iterator[list[Rule]]:
    """Divide rules into groups of at most MAX_RULES, those with the same `when` side by side."""
    part: list[Rule] = []
    for group in _same_when(rules):
        for first in range(0, len(group), MAX_RULES):
            some = group[first : first + MAX_RULES]
            if len(part) + len(some) > MAX_RULES:
                yield part
                part = []
            part += some
    if part:
        yield part


def expression(rules: Iterable[Rule]) -> str:
    """Return the expression for rules that compile by themselves: no bracket closes one that is not its own."""
    return " && ".join(_group(group) for group in _same_when(rules))


def all_elements(loop: ForEach, require: str) -> str:
    """Return one expression over all elements, which is 20 times as fast.

    With two variables it means the same for maps. Each part stands on lines of its own, since it may end in a comment.
    """
    return f"(\n{loop.over}\n).all(position__, {loop.name},\n{require}\n)"


def _same_when(rules: Iterable[Rule]) -> list[list[Rule]]:
    """Group rules by their `when`; one that needs parameters is a group of its own."""
    groups: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        needs_params = "params" in rule.within(rule.when, "params")
        groups[rule.when, rule.id if needs_params else ""].append(rule)
    return list(groups.values())


def _group(rules: Sequence[Rule]) -> str:
    required = " && ".join(_enclosed(rule, _required(rule)) for rule in rules)
    when = rules[0].when
    return f"({_enclosed(rules[0], when)} ? {required} : true)" if when else required


def _required(rule: Rule) -> str:
    return all_elements(rule.loop, rule.require) if rule.loop else rule.require


def _enclosed(rule: Rule, part: str) -> str:
    """Enclose one expression in another, with its own parameters."""
    return rule.within(part, params_name(rule.id)) or f"(\n{part}\n)"
