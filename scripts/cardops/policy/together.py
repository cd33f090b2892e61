"""Rules that are asked together: one expression, true only where none of them finds anything.

Whatever else it says, an error included, decides nothing: each rule is asked by itself then. A `when` chooses with
`?:`, which hands its errors on; `||` would drop them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from cardops.policy.rules import Loop, Rule
from cardops.policy.variables import params_name

MOST = 8
"""Rules in one expression: more save little, and have to be asked by themselves where one of them finds something."""


def packs(rules: Iterable[Rule]) -> Iterator[list[Rule]]:
    """Rules in packs of at most MOST; those with the same `when` follow one another."""
    pack: list[Rule] = []
    for group in _alike(rules):
        for first in range(0, len(group), MOST):
            part = group[first : first + MOST]
            if len(pack) + len(part) > MOST:
                yield pack
                pack = []
            pack += part
    if pack:
        yield pack


def expression(pack: Iterable[Rule]) -> str:
    """The expression for rules, each of which compiles by itself: so none can close a bracket that is not its own."""
    return " && ".join(_group(group) for group in _alike(pack))


def name_of(pack: Iterable[Rule]) -> str:
    """What the expression is known by."""
    return "together " + " ".join(rule.id for rule in pack)


def all_elements(loop: Loop, require: str) -> str:
    """All elements in one expression, which is 20 times as fast; with two variables it means the same for maps.

    Each part stands on lines of its own, since it may end in a comment.
    """
    return f"(\n{loop.over}\n).all(position__, {loop.name},\n{require}\n)"


def _alike(rules: Iterable[Rule]) -> list[list[Rule]]:
    """By their `when`, and where it names parameters, by whose they are."""
    groups: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.when, rule.id if "params" in rule.when else ""].append(rule)
    return list(groups.values())


def _group(rules: Sequence[Rule]) -> str:
    required = " && ".join(_enclosed(rule, _required(rule)) for rule in rules)
    when = rules[0].when
    return f"({_enclosed(rules[0], when)} ? {required} : true)" if when else required


def _required(rule: Rule) -> str:
    return all_elements(rule.loop, rule.require) if rule.loop else rule.require


def _enclosed(rule: Rule, part: str) -> str:
    """One expression within another, with its own parameters."""
    return f"cel.bind(params, {params_name(rule.id)},\n{part}\n)" if "params" in part else f"(\n{part}\n)"
