"""Rules that are asked together: one expression, true only where none of them finds anything.

Whatever else it says, an error included, decides nothing: each rule is asked by itself then. A `when` chooses with
`?:`, which hands its errors on; `||` would drop them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from cardops.policy.rules import ForEach, Rule
from cardops.policy.variables import params_name

MOST = 8
"""Rules in one expression: more save little, and have to be asked by themselves where one of them finds something."""
REMEMBERED = 10_000
SMALL = frozenset(
    {"status", "owner", "account", "region", "kms_key_id", "tags", "live_sections", "ignore", "model_package", "adopt"}
)
"""Fields that are small, and often the same in many cards."""
TEXTS = r"""\"[^"\n]*"|'[^'\n]*'"""
ODD = ("\\", '"""', "'''", "`")
"""Where one of these stands it is not plain what is a text."""

NAMED = r"\bcard\b(?:\s*\.\s*\??\s*([A-Za-z_]\w*))?"
"""The field behind each `card`; nothing where there is none, or it is not plain which."""
TOGETHER, ANY = "together", "*"

Part = tuple[tuple[str, ...] | None, Sequence[Rule]]


class Predicate(Protocol):
    """What can be asked about facts."""

    def holds(self, facts: Any) -> Any: ...


class Bundle:
    """Rules that are asked with one expression; without one, each has to be asked by itself.

    Where they look at some `fields` of a card only, cards that agree in these are told apart by nothing, and it is
    enough to ask about one of them.
    """

    def __init__(self, fields: Sequence[str] | None, rules: Sequence[Rule], together: Predicate | None) -> None:
        self.rules = rules
        self._fields = fields
        self._together = together
        self._silent: set[str] = set()

    def is_silent(self, card: Mapping[str, Any], bound: Any) -> bool:
        """Whether no rule finds anything in a card; `bound` are the facts about it, which differ in nothing else."""
        if self._together is None:
            return False
        if self._fields is None:
            return self._together.holds(bound) is True
        seen = repr([(field, card[field]) for field in self._fields if field in card])
        if seen in self._silent:
            return True
        silent = self._together.holds(bound) is True
        if silent and len(self._silent) < REMEMBERED:
            self._silent.add(seen)
        return silent


def parts(rules: Iterable[Rule]) -> Iterator[Part]:
    """Rules in parts of at most MOST, with the fields that they look at; those with the same `when` side by side."""
    looked = {rule.id: (rule, fields_of(rule)) for rule in rules}
    for part in _divided([rule for rule, fields in looked.values() if fields is not None]):
        yield tuple(sorted({field for rule in part for field in looked[rule.id][1] or ()})), part
    for part in _divided([rule for rule, fields in looked.values() if fields is None]):
        yield None, part


def fields_of(rule: Rule) -> frozenset[str] | None:
    """The fields of a card that a rule looks at, if these are SMALL; None where it may look at anything else of it."""
    found: set[str] = set()
    for expression in (rule.when, rule.loop.over if rule.loop else "", rule.require):
        if any(mark in expression for mark in ODD):
            return None
        found |= set(re.findall(NAMED, re.sub(TEXTS, "", expression), re.ASCII))
    return frozenset(found) if found <= SMALL else None


def name_of(part: Part) -> str:
    """What the expression of a part is known by."""
    fields, rules = part
    return " ".join([TOGETHER, ANY if fields is None else ",".join(fields), *(rule.id for rule in rules)])


def part_of(name: str, rules: Mapping[str, Rule]) -> Part | None:
    """The part with this name, of rules by their ids; None for the name of something else."""
    word, fields, *ids = name.split(" ")
    if word != TOGETHER:
        return None
    return None if fields == ANY else tuple(filter(None, fields.split(","))), [rules[one] for one in ids]


def expression(rules: Iterable[Rule]) -> str:
    """The expression for rules, each of which compiles by itself: so none can close a bracket that is not its own."""
    return " && ".join(_group(group) for group in _alike(rules))


def all_elements(loop: ForEach, require: str) -> str:
    """All elements in one expression, which is 20 times as fast; with two variables it means the same for maps.

    Each part stands on lines of its own, since it may end in a comment.
    """
    return f"(\n{loop.over}\n).all(position__, {loop.name},\n{require}\n)"


def _divided(rules: Iterable[Rule]) -> Iterator[list[Rule]]:
    part: list[Rule] = []
    for group in _alike(rules):
        for first in range(0, len(group), MOST):
            some = group[first : first + MOST]
            if len(part) + len(some) > MOST:
                yield part
                part = []
            part += some
    if part:
        yield part


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
